"""Releasing the contract: it is what counts from then on, and what breaks it cannot be released."""

import json
import shutil
from pathlib import Path

import pytest

from tests.wire.released import find_released_breaks, release

SCHEMAS = Path(__file__).parents[3] / "schemas"


@pytest.fixture
def now(tmp_path: Path) -> Path:
    """A copy of the contract of today, to be changed."""
    folder = tmp_path / "schemas"
    shutil.copytree(SCHEMAS / "json", folder / "json")
    shutil.copy(SCHEMAS / "asyncapi.json", folder)
    return folder


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.json")}


def test_a_contract_that_breaks_the_released_one_is_not_released(now: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    release(SCHEMAS, folder)
    before = read_all(folder)
    changed = json.loads((now / "json" / "article.v1.json").read_text(encoding="utf-8"))
    changed["properties"]["heading"] = changed["properties"].pop("title")
    (now / "json" / "article.v1.json").write_text(json.dumps(changed), encoding="utf-8")
    document = json.loads((now / "asyncapi.json").read_text(encoding="utf-8"))
    del document["components"]["schemas"]["news.dead.v1.headers"]["properties"]["naba-reason"]
    (now / "asyncapi.json").write_text(json.dumps(document), encoding="utf-8")
    (now / "json" / "rejection.v1.json").unlink()
    with pytest.raises(SystemExit) as refused:
        release(now, folder)
    assert str(refused.value).splitlines()[1:] == [
        "article.v1: title: is gone",
        "rejection.v1: is gone",
        "news.dead.v1 dead: naba-reason: is gone",
    ]
    assert read_all(folder) == before


def test_a_contract_with_more_is_released_and_is_what_counts_from_then_on(now: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    release(SCHEMAS, folder)
    path = now / "json" / "article.v1.json"
    wider = json.loads(path.read_text(encoding="utf-8"))
    wider["properties"]["mood"] = {"type": "string", "default": ""}
    path.write_text(json.dumps(wider), encoding="utf-8")
    release(now, folder)
    assert find_released_breaks(SCHEMAS, folder) == ["article.v1: mood: is gone"]
