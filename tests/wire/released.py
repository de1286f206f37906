"""The contract as it was released last: the schemas of the records, and the document of the topics."""

import json
from pathlib import Path
from typing import Any

from schemas.contract.compatibility import find_breaks
from schemas.contract.topic_compatibility import find_topic_breaks

WIRE = Path(__file__).parent
_SCHEMAS, _DOCUMENT = Path("schemas"), "asyncapi.json"


def find_released_breaks(now: Path, folder: Path = WIRE) -> list[str]:
    """Return what of the contract in `now` (as `schemas/`) breaks what `folder` has as released."""
    breaks = []
    for path in sorted((folder / _SCHEMAS).glob("*.json")):
        later = now / "json" / path.name
        found = find_breaks(_read(path), _read(later)) if later.exists() else ["is gone"]
        breaks += [f"{path.stem}: {one}" for one in found]
    if (folder / _DOCUMENT).exists():
        breaks += find_topic_breaks(_read(folder / _DOCUMENT), _read(now / _DOCUMENT))
    return breaks


def release(now: Path, folder: Path = WIRE) -> None:
    """Write the contract in `now` as the one released; raises SystemExit where that breaks the last one."""
    if breaks := find_released_breaks(now, folder):
        raise SystemExit("\n".join(["not released, for it breaks what was:", *breaks]))
    (folder / _SCHEMAS).mkdir(exist_ok=True)
    for path in (now / "json").glob("*.json"):
        (folder / _SCHEMAS / path.name).write_bytes(path.read_bytes())
    (folder / _DOCUMENT).write_bytes((now / _DOCUMENT).read_bytes())


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
