"""The archive of classes: made once, and never in the way."""

from pathlib import Path

import pytest

from connectors.broker.archive import Archive
from connectors.broker.java import Java


def open_archive(cache: Path, label: str = "17.0.1") -> Archive:
    return Archive(Java(Path("/nowhere/bin/java"), label, int(label.split(".")[0])), [], cache)


def test_another_java_has_another_archive(tmp_path: Path) -> None:
    assert open_archive(tmp_path).path != open_archive(tmp_path, "17.0.2").path


def test_nothing_is_asked_of_java_without_one(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    assert archive.flags() == []
    archive.path.touch()
    assert f"-XX:SharedArchiveFile={archive.path}" in archive.flags()


def test_one_that_cannot_be_made_is_told_and_not_tried_again_at_every_start(tmp_path: Path) -> None:
    told: list[str] = []
    open_archive(tmp_path).make(told.append)
    assert "starts all the same" in told[-1]
    told.clear()
    open_archive(tmp_path).make(told.append)
    assert told == []
    assert open_archive(tmp_path).flags() == []
    assert not list(tmp_path.glob("tmp-*"))


def test_those_of_java_that_is_gone_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(archive: Archive, _scratch: Path) -> None:
        archive.path.write_bytes(b"classes")

    monkeypatch.setattr(Archive, "_train", train)
    for number in range(6):
        open_archive(tmp_path, f"17.0.{number}").make(lambda _line: None)
    assert open_archive(tmp_path, "17.0.5").path.exists()
    assert len(list(tmp_path.glob("classes-*"))) == 3
