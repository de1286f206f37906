"""Verbs as a user starts them, on the topics of a test."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.cluster.settings import KafkaSettings

Naba = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def naba(tmp_path: Path, kafka: KafkaSettings) -> Iterator[Naba]:
    """What starts a verb on the topics of the test, in its folder."""
    yield from start_verbs(tmp_path, kafka)


def start_verbs(folder: Path, kafka: KafkaSettings) -> Iterator[Naba]:
    (folder / "naba.toml").write_text(
        f'[kafka]\nbootstrap = "{kafka.bootstrap}"\ntopic_prefix = "{kafka.topic_prefix}"\n'
        f'group_prefix = "{kafka.group_prefix}"\n'
    )
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "streams.cli", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str]:
    """Return the exit code and what was said to the terminal."""
    _, told = process.communicate(timeout=seconds)
    return process.returncode, told
