"""Old letters: whatever has once stood on a topic can be read for ever."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.identity import identify
from schemas.article import Article, Duplicate
from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.letter import CLEAN, RAW, REASON, STAGE, TOPIC, UNREAD, Letter
from schemas.outcome import Outcome, Rejection
from schemas.raw import RawArticle, read_content

WIRE = Path(__file__).parents[1] / "wire"
KINDS: dict[str, type | None] = {
    "raw": RawArticle,
    "cleaned": Cleaned,
    "article": Article,
    "duplicate": Duplicate,
    "rejection": Rejection,
    "outcome": Outcome,
    "dead": None,  # the bytes of something else
}
PATHS = sorted(WIRE.rglob("*.value"))
LETTERS = [pytest.param(path, id=f"{path.parent.name}: {path.stem}") for path in PATHS]
# What a record of that time had not yet.
WITHOUT = {
    "article/2026-11-22-embedded-claimed": {"licence", "claimed_published_at"},
    "duplicate/2026-11-22-embedded-excerpt": {"licence", "claimed_published_at"},
    "rejection/2026-11-22-embedded-too-large": {"content_base64"},
}


def read_letter(path: Path) -> Letter:
    told = json.loads(path.with_name(f"{path.stem}.letter.json").read_text(encoding="utf-8"))
    return Letter(told["topic"], told["key"], path.read_bytes(), told["headers"])


def test_there_are_old_letters_of_every_kind_and_of_no_other() -> None:
    assert {path.parent.name for path in PATHS} == set(KINDS)


@pytest.mark.parametrize("path", LETTERS)
def test_an_old_letter_opens_and_holds_what_it_held(path: Path) -> None:
    letter = read_letter(path)
    kind = KINDS[path.parent.name]
    if kind is None or letter.headers.get(UNREAD, "withdrawn") != "withdrawn":
        assert letter.value  # bytes that nobody could read: they are there, and that is all
        return
    record: Any = decode(letter.value, kind)
    assert_holds(record, json.loads(letter.value))
    if isinstance(record, RawArticle):
        read_content(record)


def assert_holds(record: Any, written: dict[str, Any]) -> None:
    """Every field that was written is there, under its name and with its value."""
    for name, value in written.items():
        held = getattr(record, name)
        if isinstance(value, dict) and not isinstance(held, dict):
            assert_holds(held, value)
        elif isinstance(held, tuple) and value and isinstance(value[0], dict):
            for one, other in zip(held, value, strict=True):
                assert_holds(one, other)
        elif hasattr(held, "isoformat"):
            assert held.isoformat().replace("+00:00", "Z") == value, name
        else:
            assert (list(held) if isinstance(held, tuple) else held) == value, name


@pytest.mark.parametrize("path", [path for path in PATHS if path.parent.name == "dead"])
def test_an_old_dead_letter_says_why_and_can_be_sent_again(path: Path) -> None:
    letter = read_letter(path)
    assert letter.headers[REASON] in ("unreadable", "crashed")
    assert letter.headers[STAGE]
    assert letter.headers[TOPIC] == RAW


@pytest.mark.parametrize("path", LETTERS)
def test_a_sink_knows_an_old_letter_by_its_name(path: Path) -> None:
    letter = read_letter(path)
    if letter.topic != CLEAN:
        assert identify(letter)


@pytest.mark.parametrize(("name", "missing"), [pytest.param(*item, id=item[0]) for item in WITHOUT.items()])
def test_the_variants_that_existed_are_there(name: str, missing: set[str]) -> None:
    kind = KINDS[name.partition("/")[0]]
    assert kind is not None
    written = json.loads((WIRE / f"{name}.value").read_bytes())
    assert missing <= {field.name for field in fields(kind)}
    assert missing.isdisjoint(written)
