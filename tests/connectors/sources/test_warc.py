"""Archives as a source of the settings: read when they have changed, left alone while they are written."""

import asyncio
import os
import time
from collections.abc import Iterable
from datetime import UTC, tzinfo
from pathlib import Path
from typing import cast

import msgspec
import pytest

from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.folder import FolderSource
from connectors.sources.warc import WarcSource
from schemas.address import NO_ALIASES, Aliases
from schemas.codec import decode
from schemas.letter import INPUT, RAW_ID, UNREAD, Letter
from schemas.raw import RawArticle
from tests.archives import Archive


class Notes:
    """What a desk keeps, kept in memory: letters, and the signatures of what was read."""

    zone: tzinfo = UTC
    aliases: Aliases = NO_ALIASES
    without: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.signatures: dict[str, str] = {}
        self.read = 0

    async def read_signature(self, url: str) -> str | None:
        return self.signatures.get(url)

    async def deliver(self, letters: Iterable[Letter], url: str, signature: str) -> None:
        self.letters += letters
        self.signatures[url] = signature

    def note_read(self) -> None:
        self.read += 1

    async def finish(self, again: float | None = None) -> Look:
        return Look(again=again)


def look(source: WarcSource | FolderSource, notes: Notes) -> tuple[Look | None, list[Letter]]:
    """Return what a look found, None where it could not be read to the end, and what it delivered."""
    before = len(notes.letters)
    try:
        found = asyncio.run(source.look(cast(Desk, notes)))
    except NotReadable:
        found = None
    return found, notes.letters[before:]


def write(path: Path, *numbers: int, age: float = 60) -> bytes:
    archive = Archive()
    for number in numbers:
        archive.respond(number)
    path.write_bytes(archive.content)
    os.utime(path, (time.time() - age,) * 2)
    return archive.content


@pytest.mark.parametrize("kind", [WarcSource, FolderSource], ids=["warc", "files"])
def test_what_has_changed_is_read_and_nothing_else(
    tmp_path: Path, kind: type[WarcSource] | type[FolderSource]
) -> None:
    (tmp_path / "2025").mkdir()
    write(tmp_path / "2025" / "a.warc.gz", 1, 2)
    write(tmp_path / "b.WARC", 3)
    source, notes = kind(name="old", path=str(tmp_path)), Notes()
    first, letters = look(source, notes)
    assert [letter.headers[INPUT].rpartition("/")[2].partition(":")[0] for letter in letters] == [
        "a.warc.gz",
        "a.warc.gz",
        "b.WARC",
    ]
    assert {decode(letter.value, RawArticle).source for letter in letters} == {"old"}
    assert first is not None
    assert first.again is not None
    assert first.again > 1e6
    assert look(source, notes)[1] == []
    write(tmp_path / "b.WARC", 3, 4)
    again = look(source, notes)[1]
    assert [letter.headers[RAW_ID] == letters[2].headers[RAW_ID] for letter in again] == [True, False]


def test_only_archives_are_read(tmp_path: Path) -> None:
    write(tmp_path / "a.warc.gz", 1)
    (tmp_path / "a.warc.gz.open").write_bytes(b"being written")
    (tmp_path / "a.jsonl").write_text('{"text": "not of an archive"}')
    assert len(look(WarcSource(name="old", path=str(tmp_path)), Notes())[1]) == 1


def test_while_it_is_watched_a_file_that_is_written_is_left_alone(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.warc.gz", 1, 2)
    (tmp_path / "a.warc.gz").write_bytes(whole[: len(whole) // 2])
    source, notes = WarcSource(name="old", path=str(tmp_path), watch=True), Notes()
    found, letters = look(source, notes)
    assert letters == []
    assert found is not None
    assert found.again == source.retry == 1.0
    write(tmp_path / "a.warc.gz", 1, 2)
    assert [letter.headers.get(UNREAD) for letter in look(source, notes)[1]] == [None, None]
    # Who does not watch has said that it is there.
    whole = write(tmp_path / "b.warc.gz", 3, age=0)
    assert len(look(WarcSource(name="old", path=str(tmp_path / "b.warc.gz")), Notes())[1]) == 1


def test_a_damaged_archive_is_delivered_noted_and_told(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.warc.gz", 1, 2, 3)
    (tmp_path / "a.warc.gz").write_bytes(whole[:-9])
    write(tmp_path / "b.warc.gz", 4)
    source, notes = WarcSource(name="old", path=str(tmp_path)), Notes()
    found, letters = look(source, notes)
    assert found is None
    assert [letter.headers.get(UNREAD) for letter in letters] == [None, None, "broken_input", None]
    assert look(source, notes)[1] == []


def test_a_folder_that_is_empty_was_looked_at_and_one_that_is_missing_is_told(tmp_path: Path) -> None:
    notes = Notes()
    assert look(WarcSource(name="old", path=str(tmp_path)), notes)[0] is not None
    assert notes.read == 1
    with pytest.raises(NotReadable, match="no such file or folder"):
        asyncio.run(WarcSource(name="old", path=str(tmp_path / "none")).look(cast(Desk, notes)))
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(NotReadable, match=r"not one of \.warc, \.warc\.gz"):
        asyncio.run(WarcSource(name="old", path=str(tmp_path / "a.jsonl")).look(cast(Desk, notes)))


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `pattern`"):
        msgspec.convert({"kind": "warc", "name": "old", "path": "a", "pattern": "*"}, WarcSource)
