"""The supervisor and a process that does what a test says: it is kept alive, moving, and within limits."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.letter import RAW
from streams.app import supervise
from streams.app import supervise as module
from streams.app.folder import claim_folder
from streams.app.health import read_health
from streams.app.status import Place
from streams.app.stopping import Stopped
from streams.app.supervise import Supervisor
from streams.settings import Settings

pytestmark = pytest.mark.slow  # they wait for processes

STATUS = '{"settled":true,"to_recover":0,"assigned":[["news.raw.v1",0]],"leads":[]}'
FAILS = "import sys; sys.exit(3)"
LIVES = f"import time\nwhile True: print('{STATUS}', flush=True); time.sleep(0.05)"
HANGS = f"print('{STATUS}', flush=True); import time; time.sleep(600)"
HEARS_NOTHING = "import signal; signal.signal(15, signal.SIG_IGN)\n" + LIVES
ENDS_WELL = "import signal, sys; signal.signal(15, lambda *_: sys.exit(0))\n" + LIVES


class Watched(Supervisor):
    """A supervisor whose cluster is as the test says, and whose processes run these programs in turn."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self.said: list[str] = []
        self.programs, self.started = list(programs), 0
        self.committed, self.stop_after = 0, ""
        super().__init__(Settings(), None, claim_folder(folder), 1, self._note)

    def _note(self, line: str) -> None:
        self.said.append(line)
        if self.stop_after and self.stop_after in line:
            raise Stopped

    def _check_cluster(self) -> None:
        pass

    def _read_offsets(self) -> tuple[dict[Place, int], dict[Place, int]]:
        return {Place(RAW, 0): self.committed}, {Place(RAW, 0): 100}

    def _start(self) -> "subprocess.Popen[bytes]":
        program = self.programs[min(self.started, len(self.programs) - 1)]
        self.started += 1
        return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)


@pytest.fixture(autouse=True)
def keep_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of the tests goes on hearing them."""
    monkeypatch.setattr(supervise, "ignore_signals", lambda: None)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.0)


def is_running(supervisor: Supervisor) -> bool:
    process = supervisor._process
    return process is not None and process.poll() is None


def test_a_process_that_fails_is_started_again_and_not_for_ever(tmp_path: Path) -> None:
    supervisor = Watched(tmp_path, FAILS)
    assert supervisor.run() == 1
    assert supervisor.started == 6
    assert supervisor.said[:-1] == ["the worker's process ended with 3; starting anew"] * 5
    assert "restarted 5 times in ten minutes: giving up" in supervisor.said[-1]
    assert not read_health(tmp_path).ready
    assert read_health(tmp_path).restarts == 5


def test_restarts_of_long_ago_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WITHIN", 0.2)
    supervisor = Watched(tmp_path, *[f"import time; time.sleep(0.1); {FAILS}"] * 7, ENDS_WELL)
    supervisor.stop_after = "ready"
    assert supervisor.run() == 0
    assert supervisor.started == 8


def test_one_that_is_well_is_left_alone_and_told_of(tmp_path: Path) -> None:
    supervisor = Watched(tmp_path, ENDS_WELL)
    supervisor.committed = 100
    supervisor.stop_after = "ready"
    assert supervisor.run() == 0
    assert supervisor.said == ["ready, 1 partitions"]
    assert (read_health(tmp_path).ready, read_health(tmp_path).why) == (False, "stopped")
    assert not is_running(supervisor)


def test_one_that_says_nothing_any_more_is_killed_and_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENT_SECONDS", 1.0)
    supervisor = Watched(tmp_path, HANGS, FAILS)
    supervisor.committed = 100
    began = time.monotonic()
    supervisor.stop_after = "ended with 3"
    supervisor.run()
    assert time.monotonic() - began < 20
    assert any("no word of the worker for 1 s" in line for line in supervisor.said)


def test_one_that_moves_nothing_is_stopped_and_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.app.progress.STILL_SECONDS", 1.0)
    supervisor = Watched(tmp_path, ENDS_WELL, FAILS)
    supervisor.stop_after = "ended with 3"
    supervisor.run()
    told = next(line for line in supervisor.said if "committed to" in line)
    assert told == f"{RAW}:0 is committed to 0 of 100, and that for 1 s; stopping the worker's process"


def test_a_process_that_hears_no_signal_is_killed_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STOP_SECONDS", -19.0)  # with the time of a page: one second
    supervisor = Watched(tmp_path, HEARS_NOTHING)
    supervisor.stop_after = "ready"
    assert supervisor.run() == 1
    assert "the worker's process does not stop; killed" in supervisor.said
    assert not is_running(supervisor)


def test_the_process_does_not_outlive_a_supervisor_that_breaks(tmp_path: Path) -> None:
    supervisor = Watched(tmp_path, LIVES)

    def break_it() -> tuple[dict[Place, int], dict[Place, int]]:
        raise ZeroDivisionError

    supervisor._read_offsets = break_it  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        supervisor.run()
    assert not is_running(supervisor)


def test_a_broker_that_is_away_is_told_once_and_nothing_is_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.app.progress.STILL_SECONDS", 0.5)
    supervisor = Watched(tmp_path, ENDS_WELL)
    back_at = time.monotonic() + 1.5
    answer = supervisor._read_offsets

    def read() -> tuple[dict[Place, int], dict[Place, int]]:
        if time.monotonic() < back_at:
            assert not read_health(tmp_path).ready
            raise OSError("no broker answers")
        supervisor.committed += 1
        if supervisor.committed == 10:
            raise Stopped
        return answer()

    supervisor._read_offsets = read  # type: ignore[method-assign]
    assert supervisor.run() == 0
    assert supervisor.started == 1
    assert [line.split(" after")[0] for line in supervisor.said if "broker" in line] == [
        "the broker is away (no broker answers); waiting",
        "the broker is back",
    ]
