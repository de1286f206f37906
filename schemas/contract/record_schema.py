"""The JSON Schema (draft 2020-12) of each record, from its type."""

from dataclasses import fields
from inspect import cleandoc
from typing import Any, get_type_hints

import msgspec

from schemas.article import Article, Duplicate, Removal
from schemas.outcome import Outcome, Rejection
from schemas.raw import RawArticle

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RECORDS: dict[str, type] = {
    "raw.v1": RawArticle,
    "article.v1": Article,
    "duplicate.v1": Duplicate,
    "rejection.v1": Rejection,
    "outcome.v1": Outcome,
}
_TYPES = {kind.__name__: kind for kind in (*RECORDS.values(), Removal)}


def write_schema(name: str) -> dict[str, Any]:
    """Return the schema of the record of that name; what it takes is what the codec decodes.

    Required is what has no default, so that records from before a field was added are valid. More
    properties than these may come: readers ignore what they do not know.
    """
    kind = RECORDS[name]
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    described = {part: _order(schema, _TYPES[part]) for part, schema in parts.items()}
    own = described.pop(kind.__name__)
    head = {"$schema": DIALECT, "$id": f"urn:naba:schema:{name}", "title": name}
    return head | {key: value for key, value in own.items() if key != "title"} | _definitions(described)


def _order(schema: dict[str, Any], kind: type) -> dict[str, Any]:
    """Return the schema with its properties in the order of the fields, as a record has them."""
    order = {field.name: place for place, field in enumerate(fields(kind))}
    properties = sorted(schema["properties"].items(), key=lambda item: order[item[0]])
    told = {"description": cleandoc(schema["description"])} if "description" in schema else {}
    return schema | told | {"properties": dict(properties), "additionalProperties": True}


def _definitions(described: dict[str, Any]) -> dict[str, Any]:
    return {"$defs": described} if described else {}


def read_words(kind: type, field: str) -> tuple[str, str]:
    """Return what the type says on the field's meaning and on its origin."""
    told = get_type_hints(kind, include_extras=True)[field].__metadata__[-1].extra
    return told["meaning"], told["origin"]
