"""The tables of fields in docs/record.md, written between their marks from the types."""

import json
import re
from typing import Any

from schemas.contract.record_schema import RECORDS, read_words, write_schema

_MARKED = re.compile(r"(<!-- fields of ([a-z.0-9]+) -->\n)(.*?)(<!-- end of fields -->)", re.DOTALL)
_ID = re.compile(r"(?<=[0-9a-f]{4})[0-9a-f]{28}\b")


def fill_tables(document: str) -> str:
    """Return the document with every table of fields written anew; raises KeyError for an unknown record."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{_write_table(found[2])}\n{found[4]}", document)


def _write_table(name: str) -> str:
    properties = write_schema(name)["properties"]
    if name == "duplicate.v1":  # the rest is an article's
        shared = write_schema("article.v1")["properties"]
        properties = {field: told for field, told in properties.items() if shared.get(field) != told}
    rows = ["| field | meaning and unit | origin | example |", "|---|---|---|---|"]
    for field, told in properties.items():
        meaning, origin = read_words(RECORDS[name], field)
        rows.append(f"| `{field}` | {meaning} | {origin} | `{write_example(told)}` |")
    return "\n".join(rows) + "\n"


def write_example(told: dict[str, Any]) -> str:
    """Return the example of a property as JSON, with ids cut after four digits."""
    return _ID.sub("…", json.dumps(told["examples"][0], ensure_ascii=False))
