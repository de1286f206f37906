"""A source is collected by one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.polling.lock import lock_sources
from schemas.wrong_use import WrongUse

HOLD = """
import sys
from connectors.polling.lock import lock_sources
with lock_sources(sys.argv[1], sys.argv[2:] or None):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("theirs", "ours", "refused"),
    [
        pytest.param(["a"], ["a"], True, id="the same"),
        pytest.param(["a"], ["b"], False, id="another"),
        pytest.param(["a", "b"], ["b", "c"], True, id="one of them"),
        pytest.param([], ["a"], True, id="all and one"),
        pytest.param(["a"], None, True, id="one and all"),
    ],
)
def test_who_comes_second_is_refused(
    tmp_path: Path, theirs: list[str], ours: list[str] | None, refused: bool
) -> None:
    path = str(tmp_path / "naba.db")
    command = [sys.executable, "-c", HOLD, path, *theirs]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        if refused:
            with pytest.raises(WrongUse, match="another process"), lock_sources(path, ours):
                pass
        else:
            with lock_sources(path, ours):
                pass
        holder.kill()
    with lock_sources(path, ours):
        pass
