"""The files of the contract: where each stands, and what is in it."""

import json
from pathlib import Path
from typing import Any

from schemas.contract.asyncapi import write_asyncapi
from schemas.contract.field_table import fill_tables
from schemas.contract.page import write_page
from schemas.contract.record_schema import RECORDS, write_schema

_RECORD = Path("docs") / "record.md"


def write_contract(root: Path) -> dict[Path, str]:
    """Return the text of every file of the contract by its path under `root`.

    Of docs/record.md only the tables of fields are written anew; the rest is what stands there.
    """
    document = write_asyncapi()
    return {
        **{Path("schemas") / "json" / f"{name}.json": _to_json(write_schema(name)) for name in RECORDS},
        Path("schemas") / "asyncapi.json": _to_json(document),
        Path("docs") / "topics.html": write_page(document),
        _RECORD: fill_tables((root / _RECORD).read_text(encoding="utf-8")),
    }


def _to_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
