"""A program of somebody else's that reads a topic, as its user has it in a terminal."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_PRINT_SECONDS = 60.0
_MORE_SECONDS = 1.5  # in which a line that should not be there would come


@dataclass(frozen=True, slots=True)
class Program:
    """How it is started, and the exit code with which it ends on Ctrl-C."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    code: int = 0


class Consumer:
    """A context manager: the program running inside, ended behind."""

    def __init__(self, program: Program, **environment: str) -> None:
        """Start it in a process group of its own, as a terminal does."""
        self._running = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env={**os.environ, **program.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._told: list[str] = []
        self._listening = (
            threading.Thread(target=_listen, args=(self._running.stdout, self._lines), daemon=True),
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

    def press_ctrl_c(self) -> tuple[int, list[str]]:
        """Send SIGINT to all of its group; return the exit code, and the lines of standard error."""
        os.killpg(self._running.pid, signal.SIGINT)
        code = self._running.wait(30)
        for thread in self._listening:
            thread.join(10)
        return code, self._told


def _listen(pipe: Iterable[bytes], lines: list[str]) -> None:
    for line in pipe:
        text = line.decode("utf-8")
        lines.append(text.removesuffix("\n"))
