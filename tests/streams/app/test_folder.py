"""One folder a worker, for as long as any of its processes lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.wrong_use import WrongUse
from streams.app.folder import DEFAULT, claim_folder


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def hold(*, shared_with: int = 0) -> "subprocess.Popen[bytes]":
    """Return a program that holds a folder: the first free one, or the one whose lock it was given."""
    program = "import sys; sys.stdin.read()"
    if not shared_with:
        program = (
            "from streams.app.folder import claim_folder; import os; claim_folder(None); "
            "os.write(1, b'.'); " + program
        )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(shared_with,) if shared_with else (),
    )  # fmt: skip
    if not shared_with:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"."
    return process


def end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def test_workers_take_the_first_free_folder_and_leave_it_when_they_are_killed() -> None:
    first, second = hold(), hold()
    try:
        third = claim_folder(None)
        assert third.path == DEFAULT / "2"
        end(first)
        assert claim_folder(None).path == DEFAULT / "0"
    finally:
        end(first)
        end(second)


def test_a_named_folder_is_made_and_is_one_workers_alone() -> None:
    mine = Path("deep/down/tables")
    folder = claim_folder(mine)
    assert folder.path == mine
    assert mine.is_dir()
    with pytest.raises(WrongUse, match=r"deep/down/tables: another worker has this folder.*--data"):
        claim_folder(mine)


def test_a_process_that_outlives_its_supervisor_keeps_the_folder() -> None:
    folder = claim_folder(Path("mine"))
    child = hold(shared_with=folder.lock)
    try:
        os.close(folder.lock)
        with pytest.raises(WrongUse, match="another worker"):
            claim_folder(Path("mine"))
    finally:
        end(child)
    assert claim_folder(Path("mine")).path == Path("mine")


def test_a_folder_that_cannot_be_is_told_by_its_name() -> None:
    Path("file").touch()
    with pytest.raises(WrongUse, match=r"^file/tables: Not a directory$"):
        claim_folder(Path("file/tables"))
    with pytest.raises(WrongUse, match=r"^file: File exists$"):
        claim_folder(Path("file"))
