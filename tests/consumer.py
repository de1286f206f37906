"""A program of somebody else's that reads a topic, as its user has it in a terminal."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

_PRINT_SECONDS = 60.0
_MORE_SECONDS = 1.5  # in which a line that should not be there would come
_MISSED_SECONDS = (
    120.0  # in which a group misses a member that was killed, 45 by Kafka's default, and goes on
)
_PIPE = 4096  # bytes, the smallest that there is


@dataclass(frozen=True, slots=True)
class Program:
    """How it is started, and the exit code with which it ends on Ctrl-C."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    code: int = 0


class Consumer:
    """A context manager: the program running inside, ended behind."""

    def __init__(
        self, program: Program, environment: Mapping[str, str], stop_after: int | None = None
    ) -> None:
        """Start it in a process group of its own, as a terminal does.

        After `stop_after` lines nothing more is read until it is killed: it waits in the middle of its work.
        """
        self._running = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env={**os.environ, **program.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._running.stdout is not None
        fcntl.fcntl(self._running.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        self._killed = threading.Event()
        self._lines: list[str] = []
        self._told: list[str] = []
        self._listening = (
            threading.Thread(target=self._listen, args=(stop_after,), daemon=True),
            threading.Thread(target=_listen, args=(self._running.stderr, self._told), daemon=True),
        )
        for thread in self._listening:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running.poll() is None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait(30)

    def read(self, count: int) -> list[str]:
        """Return what it has printed: waits for so many lines, and then for one too many."""
        until = time.monotonic() + _PRINT_SECONDS
        while len(self._lines) < count and time.monotonic() < until and self._running.poll() is None:
            time.sleep(0.05)
        time.sleep(_MORE_SECONDS)
        assert len(self._lines) >= count or not self._told, self._told
        return list(self._lines)

    def read_until(self, wanted: set[str]) -> set[str]:
        """Return what it has printed: waits for the wanted lines, in whichever order they come."""
        until = time.monotonic() + _MISSED_SECONDS
        while wanted - set(self._lines) and time.monotonic() < until and self._running.poll() is None:
            time.sleep(0.2)
        return set(self._lines)

    def kill(self, count: int) -> set[str]:
        """Wait for so many lines, kill it where it stands still; return all whole lines that it printed."""
        self.read(count)
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait(30)
        self._killed.set()
        for thread in self._listening:
            thread.join(10)
        return set(self._lines)

    def press_ctrl_c(self) -> tuple[int, list[str]]:
        """Send SIGINT to all of its group; return the exit code, and the lines of standard error."""
        os.killpg(self._running.pid, signal.SIGINT)
        code = self._running.wait(30)
        for thread in self._listening:
            thread.join(10)
        return code, self._told

    def _listen(self, stop_after: int | None) -> None:
        assert self._running.stdout is not None
        if stop_after is not None:
            _listen(islice(self._running.stdout, stop_after), self._lines)
            self._killed.wait()
        _listen(self._running.stdout, self._lines)


def _listen(pipe: Iterable[bytes], lines: list[str]) -> None:
    for line in pipe:
        if not line.endswith(b"\n"):
            return  # killed in the middle of a line, which was not printed
        lines.append(line.decode("utf-8").removesuffix("\n"))
