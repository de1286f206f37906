"""Nothing is lost and nothing repeated, whenever the process group is killed."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KILLS = 50
INPUTS = 3000


def start(inputs: Path, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "streams.cli", "run", str(inputs), "--workers", "1",
        "--db", str(folder / "naba.db"), "--out", str(folder / "articles.jsonl"),
        "--outcomes", str(folder / "outcomes.jsonl"),
    ]  # fmt: skip
    return subprocess.Popen(command, start_new_session=True)


def read_lines(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for line in lines:
        line.pop("processed_at", None)
    return lines


def count_outcomes(folder: Path) -> int:
    try:
        with sqlite3.connect(f"file:{folder / 'naba.db'}?mode=ro", uri=True) as database:
            (count,) = database.execute("SELECT count(*) FROM outcomes").fetchone()
            return int(count)
    except sqlite3.OperationalError:
        return 0


@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path: Path, write_inputs: Callable[[int], Path]) -> None:
    inputs = write_inputs(INPUTS)
    assert start(inputs, tmp_path / "calm").wait(300) == 0

    chance = random.Random(7)
    disturbed = tmp_path / "disturbed"
    kills = 0
    while kills < KILLS:
        before = count_outcomes(disturbed)
        running = start(inputs, disturbed)
        if chance.random() < 0.1:
            time.sleep(chance.uniform(0, 1.5))  # while it starts
        else:
            while running.poll() is None and count_outcomes(disturbed) == before:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.3))
        assert running.poll() is None, f"the run was over after {kills} kills: more inputs are needed"
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(30)
        kills += 1
    assert start(inputs, disturbed).wait(300) == 0

    outcomes = read_lines(disturbed / "outcomes.jsonl")
    deliveries = [(outcome["input"], outcome["raw_id"]) for outcome in outcomes]
    assert len(deliveries) == len(set(deliveries)) == INPUTS
    assert outcomes == read_lines(tmp_path / "calm" / "outcomes.jsonl")
    assert read_lines(disturbed / "articles.jsonl") == read_lines(tmp_path / "calm" / "articles.jsonl")
    assert {outcome["outcome"] for outcome in outcomes} == {
        "published",
        "revised",
        "unchanged",
        "duplicate",
        "dead",
    }


@pytest.mark.slow
def test_children_die_with_their_parent(tmp_path: Path, write_inputs: Callable[[int], Path]) -> None:
    running = start(write_inputs(INPUTS), tmp_path / "run")
    while running.poll() is None and count_outcomes(tmp_path / "run") == 0:
        time.sleep(0.01)
    group = os.getpgid(running.pid)
    os.kill(running.pid, signal.SIGKILL)
    running.wait(30)
    for _ in range(50):
        if not any(_is_alive(process) for process in _find_group(group)):
            return
        time.sleep(0.1)
    pytest.fail(f"still alive: {_find_group(group)}")


def _find_group(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group:
                    found.append(int(entry.name))
            except ProcessLookupError:
                pass
    return found


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
