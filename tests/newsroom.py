"""A folder with settings in which verbs are run, as a user runs them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FAST = "[fetch]\nallow_private = true\npause = 0.02\nseconds = 2\n"


class Newsroom:
    """A folder with settings, in which verbs are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def settle(self, *sources: str, fetch: str = FAST, poll: str = "") -> None:
        (self.folder / "naba.toml").write_text(
            fetch + poll + "".join(f"[[source]]\n{one}\n" for one in sources)
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "streams.cli", *arguments]
        pipe = subprocess.PIPE
        running = subprocess.Popen(
            command, cwd=self.folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        self._started.append(running)
        return running

    def close(self) -> None:
        """End what a test that failed has left running."""
        for running in self._started:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.communicate()

    def call(self, *arguments: str) -> str:
        """Run a verb to its end, which is a good one, and return what it says."""
        ended = self.start(*arguments)
        out, err = ended.communicate(timeout=100)
        assert ended.returncode == 0, err
        return out

    def run_once(self, *more: str) -> None:
        self.call("run", "--once", "--out", "articles.jsonl", "--outcomes", "outcomes.jsonl", *more)

    def run(self) -> subprocess.Popen[str]:
        return self.start("run", "--out", "articles.jsonl", "--outcomes", "outcomes.jsonl", "--workers", "1")

    def read(self, name: str) -> list[dict[str, Any]]:
        try:
            lines = (self.folder / f"{name}.jsonl").read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def outcomes(self) -> Counter[str]:
        return Counter(line["outcome"] for line in self.read("outcomes"))

    def sources(self) -> dict[str, dict[str, Any]]:
        told = [json.loads(line) for line in self.call("sources", "--json").splitlines()]
        return {one["name"]: one for one in told}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder / 'naba.db'}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    opened = Newsroom(tmp_path)
    yield opened
    opened.close()


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


def end(running: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, float, str]:
    """Return the exit code, the seconds that it took to end, and what was said."""
    began = time.monotonic()
    running.send_signal(number)
    _, told = running.communicate(timeout=90)
    return running.returncode, time.monotonic() - began, told
