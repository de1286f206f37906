"""Whether a schema still fits the one that was released: its letters can be read, its readers go on."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def find_breaks(released: Schema, now: Schema) -> list[str]:
    """Return what breaks, a sentence each that begins with the field's name (`removed[].kind`).

    No field may go, become another type, form or format, take less than before, or be required
    where it was not. New optional fields, wider ranges and further words of an enum are no breaks.
    Both are JSON Schemas as they are written from the types.
    """
    old, new = _inline(released, released.get("$defs", {})), _inline(now, now.get("$defs", {}))
    return [f"{place or 'the record'}: {what}" for place, what in _compare(old, new, "")]


def _inline(value: Any, parts: Schema) -> Any:
    """Return the schema with its parts where they are referred to; none refers to itself."""
    if isinstance(value, dict):
        if "$ref" in value:
            return _inline(parts[value["$ref"].rpartition("/")[2]], parts)
        return {key: _inline(item, parts) for key, item in value.items()}
    return [_inline(item, parts) for item in value] if isinstance(value, list) else value


def _compare(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    before, after = _by_type(old), _by_type(new)
    if before.keys() != after.keys():
        yield place, f"was {' or '.join(sorted(before))}, and is now {' or '.join(sorted(after))}"
    for kind in sorted(before.keys() & after.keys()):
        one, other = before[kind], after[kind]
        yield from ((place, what) for what in _narrowed(one, other))
        yield from _compare_fields(one, other, place)
        for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(inner := one.get(key), dict):
                yield from _compare(inner, other.get(key) or {}, place + mark)


def _compare_fields(old: Schema, new: Schema, place: str) -> Iterator[tuple[str, str]]:
    above = f"{place}." if place else ""
    fields = new.get("properties", {})
    for name, told in old.get("properties", {}).items():
        if name in fields:
            yield from _compare(told, fields[name], above + name)
        else:
            yield above + name, "is gone"
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield above + name, "is required now, and letters from before may not have it"


def _narrowed(old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in new and (
        gone := [word for word in old.get("enum", ["any other"]) if word not in new["enum"]]
    ):
        yield f"may not be {', '.join(map(str, gone))} any more"
    for keys, sign in ((_LOWEST, 1), (_HIGHEST, -1)):
        for key in keys:
            if key in new and (key not in old or sign * new[key] > sign * old[key]):
                yield f"{key} was {old.get(key, 'none')}, and is now {new[key]}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"pattern was {old.get('pattern', 'none')}, and is now {new['pattern']}"
    if new.get("format") != old.get("format"):
        yield f"format was {old.get('format', 'none')}, and is now {new.get('format', 'none')}"


def _by_type(schema: Schema) -> dict[str, Schema]:
    """Return the alternatives of the schema by their JSON type."""
    alternatives = schema.get("anyOf", [schema])
    return {one.get("type") or ("string" if "enum" in one else "anything"): one for one in alternatives}
