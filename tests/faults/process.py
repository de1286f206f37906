"""Processes as an operator has them: started, watched by what they say, stopped and killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from streams.app.health import read_health

_START_SECONDS = 180.0  # on a machine that has much else to do
_STOP_SECONDS = 120.0
_HARM = Path(__file__).parent / "harm"


def do_harm(kind: str) -> dict[str, str]:
    """Return the environment in which a worker has that done to it (`harm/sitecustomize.py`)."""
    paths = [str(_HARM), os.environ.get("PYTHONPATH", "")]
    return {"HARM": kind, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Process:
    """One verb of naba in a process group of its own."""

    def __init__(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start it in `folder`; `environment` goes over that of the tests."""
        self.lines: list[tuple[float, str]] = []  # of standard error, each with its time
        self._running = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", *arguments],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._running.poll()

    def wait(self, seconds: float = _STOP_SECONDS) -> int:
        """Return its exit code; raises TimeoutExpired where it does not end."""
        code = self._running.wait(seconds)
        self._listening.join(5)
        return code

    def end(self) -> None:
        """Send SIGTERM to it, and do not wait."""
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)

    def stop(self, *, whole_group: bool = False) -> int:
        """Send SIGTERM, to it alone or to all processes of its group, and return its exit code."""
        if whole_group and self.code is None:
            os.killpg(self.pid, signal.SIGTERM)
        else:
            self.end()
        return self.wait()

    def kill(self) -> None:
        """Kill its whole group, as a machine does that loses its power."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._running.wait(30)

    def said(self, words: str) -> list[str]:
        """Return the lines that hold these words."""
        return [line for _, line in list(self.lines) if words in line]

    def busiest_minute(self) -> int:
        """Return the largest number of lines that came within 60 seconds."""
        times = [at for at, _ in list(self.lines)]
        return max((sum(at <= other < at + 60 for other in times) for at in times), default=0)

    def _listen(self) -> None:
        assert self._running.stderr is not None
        for line in self._running.stderr:
            self.lines.append((time.time(), line.decode("utf-8", "replace").rstrip()))


class Worker(Process):
    """`naba worker` with one child, its tables in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        data: Path,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self._started = time.time()
        arguments = ("worker", "--workers", "1", "--data", str(data), *options)
        super().__init__(folder, *arguments, environment=environment)

    def is_ready(self) -> bool:
        """Tell whether its partitions are assigned and its tables recovered."""
        health = read_health(self.data)
        return health.ready and health.at > self._started

    def wait_until_ready(self) -> None:
        """Wait; raises AssertionError with what it said where it ends, or is not ready for minutes."""
        until = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            assert self.code is None, f"the worker has ended with {self.code}: {self.lines}"
            assert time.monotonic() < until, f"the worker is not ready: {self.lines}"
            time.sleep(0.1)

    def find_faust(self) -> psutil.Process | None:
        """Return the process that its supervisor watches over, None where there is none now."""
        try:
            for process in psutil.Process(self.pid).children():
                if any(part.startswith("streams.app.") for part in process.cmdline()):
                    return process
        except psutil.Error:
            pass
        return None
