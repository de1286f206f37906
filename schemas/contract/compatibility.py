"""Whether a schema still fits the one that was released: its letters can be read, its readers go on."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

# What neither changes which values there may be nor what one means.
_HARMLESS = frozenset(("title", "description", "examples", "$comment"))
# What is compared part by part.
_PARTS = frozenset(
    (
        "$defs", "type", "anyOf", "enum", "items", "additionalProperties",
        "properties", "patternProperties", "required",
    )
)  # fmt: skip


def find_breaks(released: Schema, now: Schema) -> list[str]:
    """Return what breaks, a sentence each that begins with the field's name (`removed[].kind`).

    Whoever knows the released schema alone can read every record of now, and finds in it what he
    could count on; what was written by it is valid still, and means the same. So new fields that are
    not required are no breaks, nor other words on a field. All else is: also a word more in an enum
    or a wider limit, which a reader has not expected, and another default, by which a record of
    before would mean something else. Both are JSON Schemas as they are written from the types.
    """
    parts, others = released.get("$defs", {}), now.get("$defs", {})
    return compare_schemas(released, parts, now, others)


def compare_schemas(
    released: Schema, parts: Mapping[str, Schema], now: Schema, others: Mapping[str, Schema]
) -> list[str]:
    """Return the same of schemas whose `$ref` lead to `parts` and `others`, by their last word."""
    found = _compare(_inline(released, parts), _inline(now, others), "")
    return [f"{place or 'the record'}: {what}" for place, what in found]


def _inline(value: Any, parts: Mapping[str, Schema]) -> Any:
    """Return the schema with its parts where they are referred to; none refers to itself."""
    if isinstance(value, dict):
        if isinstance(name := value.get("$ref"), str):
            return _inline(parts[name.rpartition("/")[2]], parts)
        return {key: _inline(item, parts) for key, item in value.items()}
    return [_inline(item, parts) for item in value] if isinstance(value, list | tuple) else value


def _compare(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    before, after = _by_type(old), _by_type(new)
    if before.keys() != after.keys():
        yield place, f"was {' or '.join(sorted(before))}, and is now {' or '.join(sorted(after))}"
    yield from ((place, what) for what in _compare_words(_beside(old), _beside(new)))
    for kind in sorted(before.keys() & after.keys()):
        one, other = before[kind], after[kind]
        yield from ((place, what) for what in (*_compare_enums(one, other), *_compare_words(one, other)))
        yield from _compare_fields(one, other, place)
        for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
            inner, outer = one.get(key, True), other.get(key, True)
            if isinstance(inner, dict) and isinstance(outer, dict):
                yield from _compare(inner, outer, place + mark)
            elif inner != outer:
                yield place, f"{key} was {_write(inner)}, and is now {_write(outer)}"


def _compare_fields(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    above = f"{place}." if place else ""
    for key in ("properties", "patternProperties"):
        fields = new.get(key, {})
        for name, told in old.get(key, {}).items():
            if name in fields:
                yield from _compare(told, fields[name], above + name)
            else:
                yield above + name, "is gone"
    needed, needs = old.get("required", ()), new.get("required", ())
    for name in needs:
        if name not in needed:
            yield above + name, "is required now, and letters from before may not have it"
    for name in needed:
        if name not in needs and name in new.get("properties", {}):
            yield above + name, "is not required any more, and readers count on it"


def _compare_enums(old: Schema, new: Schema) -> Iterator[str]:
    words, now = old.get("enum"), new.get("enum")
    if words == now:
        return
    if now is None:
        yield "may be any other now, which readers do not know"
    elif words is None:
        yield "may not be any other any more"
    else:
        if gone := [word for word in words if word not in now]:
            yield f"may not be {', '.join(map(str, gone))} any more"
        if added := [word for word in now if word not in words]:
            yield f"may be {', '.join(map(str, added))} now, which readers do not know"


def _compare_words(old: Schema, new: Schema) -> Iterator[str]:
    """Yield every other keyword that has changed: none is known to be harmless."""
    for key in sorted((old.keys() | new.keys()) - _HARMLESS - _PARTS):
        if (key in old) != (key in new) or old.get(key) != new.get(key):
            yield f"{key} was {_tell(old, key)}, and is now {_tell(new, key)}"


def _tell(schema: Schema, key: str) -> str:
    return _write(schema[key]) if key in schema else "none"


def _write(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _beside(schema: Schema) -> Schema:
    """Return what stands beside the alternatives; a default is that of all of them."""
    return {key: value for key, value in schema.items() if "anyOf" in schema or key == "default"}


def _by_type(schema: Schema) -> dict[str, Schema]:
    """Return the alternatives of the schema by their JSON type, each without its default.

    Of several of one type each has a number: they are told apart by their order.
    """
    found: dict[str, Schema] = {}
    for one in schema.get("anyOf", [schema]):
        kind = one.get("type") or ("string" if "enum" in one else "anything")
        name = kind if isinstance(kind, str) else " or ".join(sorted(kind))
        if name in found:
            name = f"{name} {len(found) + 1}"
        found[name] = {key: value for key, value in one.items() if key != "default" or "anyOf" in schema}
    return found
