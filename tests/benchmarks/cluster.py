"""A broker, workers and a backlog for the benchmarks of Kafka."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.broker.ports import find_port
from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from schemas.letter import CLEAN, RAW
from streams.app.health import read_health

CLI = [sys.executable, "-m", "streams.cli"]
MOST_SECONDS = 1800.0


@contextmanager
def run_broker(folder: Path) -> Iterator[str]:
    """Yield the address of a broker in a process that nobody counts; all verbs find it."""
    command = [*CLI, "broker", "--data", str(folder / "broker"), "--port", str(find_port())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    bootstrap = os.environ["NABA_KAFKA__BOOTSTRAP"] = process.stdout.readline().split()[-1]
    try:
        yield bootstrap
    finally:
        process.terminate()
        process.wait(30)


def make_topics(name: str) -> KafkaSettings:
    """Create topics of that prefix, which all verbs use from now on."""
    os.environ["NABA_KAFKA__TOPIC_PREFIX"] = f"{name}."
    subprocess.run([*CLI, "topics"], check=True, stdout=subprocess.DEVNULL)
    return KafkaSettings(bootstrap=os.environ["NABA_KAFKA__BOOTSTRAP"], topic_prefix=f"{name}.")


def push(inputs: Path) -> None:
    """Deliver a file."""
    subprocess.run([*CLI, "push", str(inputs)], check=True, stderr=subprocess.DEVNULL)


@contextmanager
def run_workers(folders: list[Path], children: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Yield workers that are ready, and stop them as a user would."""
    running = [
        subprocess.Popen(
            [*CLI, "worker", "--data", str(folder), "--workers", str(children)], stderr=subprocess.DEVNULL
        )
        for folder in folders
    ]
    try:
        until = time.monotonic() + 60
        while not all(read_health(folder).ready for folder in folders) and time.monotonic() < until:
            time.sleep(0.1)
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(60)


def wait_until_done(settings: KafkaSettings) -> None:
    """Return once the workers have committed everything."""
    offsets = Offsets(settings, print)
    until = time.monotonic() + MOST_SECONDS
    for topic in (RAW, CLEAN):
        ends = offsets.read_ends(topic)
        while True:
            ends = offsets.read_ends(topic)
            committed = offsets.read_committed(settings.app, topic)
            if all(committed.get(partition, 0) >= end for partition, end in ends.items()):
                break
            if time.monotonic() > until:
                raise TimeoutError(f"{topic}: {committed} of {ends}")
            time.sleep(0.2)
    offsets.close()
