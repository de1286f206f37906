"""The output file is continued from what its keeper knows, and nobody else's file is cut."""

from pathlib import Path

import pytest

from connectors.sinks.lines import LinesFile, OutputError


def append(path: Path, committed: int | None, last: bytes | None, *lines: bytes) -> int:
    file = LinesFile(path, committed, last)
    file.write(lines)
    length = file.sync()
    file.close()
    return length


def test_a_tail_that_was_never_committed_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    length = append(path, None, None, b"one", b"two")
    append(path, length, b"two", b"three", b"torn")
    append(path, length, b"two", b"THREE")
    assert path.read_bytes() == b"one\ntwo\nTHREE\n"


def test_a_file_of_another_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine\n")
    with pytest.raises(OutputError, match="not of this store"):
        LinesFile(path, None, None)
    assert path.read_text() == "mine\n"


def test_what_was_written_and_never_committed_is_cut_only_if_it_looks_like_ours(tmp_path: Path) -> None:
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(b'{"schema":"article.v1","title":"cut o')
    append(torn, 0, None, b"one")
    assert torn.read_bytes() == b"one\n"
    diary = tmp_path / "diary.txt"
    diary.write_text("mine\n")
    with pytest.raises(OutputError, match="not of this store"):
        LinesFile(diary, 0, None)
    assert diary.read_text() == "mine\n"


@pytest.mark.parametrize("now", [b"on", b"one\nTWO\n", b"something else\n"])
def test_a_file_that_was_changed_is_left_alone(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "a.jsonl"
    length = append(path, None, None, b"one", b"two")
    path.write_bytes(now)
    with pytest.raises(OutputError, match="changed"):
        LinesFile(path, length, b"two")
    assert path.read_bytes() == now


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        LinesFile(tmp_path / "none" / "a.jsonl", None, None)
