"""`naba broker`: it says where it answers, ends when it is told to, and keeps what it acknowledged."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from connectors.broker.ports import find_port, is_free

pytestmark = pytest.mark.slow

# What is there where nothing was set up: no JAVA_HOME, and a PATH without surprises.
BARE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": os.environ.get("HOME", "/"),
    # It is where other verbs look for a cluster, and is to change nothing here.
    "NABA_KAFKA__BOOTSTRAP": "127.0.0.1:1",
} | {name: value for name, value in os.environ.items() if name == "XDG_CACHE_HOME"}
SECONDS = 90


def naba_broker(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start `naba broker` as the first of a process group."""
    return subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "broker", *options],
        cwd=folder,
        env=BARE,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextmanager
def running(folder: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a `naba broker` that has said that it answers."""
    process = naba_broker(folder, "--port", str(port), *options)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        if not process.stdout.readline().startswith(f"kafka answers at 127.0.0.1:{port}"):
            pytest.fail(process.stderr.read())
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=SECONDS)


def nodes_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children() if "java" in child.name()]


def create(port: int, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=[f"127.0.0.1:{port}"])
    admin.create_topics([NewTopic(topic, 2, 1)])
    admin.close()


def count(port: int, topic: str, expected: int) -> int:
    """Return how many different messages there are, reading until `expected` have come."""
    consumer = KafkaConsumer(
        topic, bootstrap_servers=[f"127.0.0.1:{port}"], auto_offset_reset="earliest", consumer_timeout_ms=5000
    )
    found: set[bytes] = set()
    for message in consumer:
        found.add(message.value)
        if len(found) >= expected:
            break
    consumer.close()
    return len(found)


def end(process: subprocess.Popen[str], number: int) -> tuple[int, float]:
    """Send the signal to the process alone, and return its exit code and how long it took."""
    began = time.monotonic()
    process.send_signal(number)
    return process.wait(timeout=SECONDS), time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_where_it_says_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    port = find_port()
    with running(tmp_path, port) as process:
        create(port, "there")
        node = nodes_of(process)[0]
        assert os.getpgid(node.pid) == process.pid
        code, seconds = end(process, number)
        assert code == 0
        assert seconds < 10
        assert not node.is_running()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert is_free(port)
    assert (tmp_path / "naba-broker" / "node-1" / "kafka.log").exists()


def test_nothing_acknowledged_is_missing_after_the_whole_group_was_killed(tmp_path: Path) -> None:
    port, acknowledged = find_port(), 0
    with running(tmp_path, port) as process:
        create(port, "kept")
        producer = KafkaProducer(bootstrap_servers=[f"127.0.0.1:{port}"])
        promises = [producer.send("kept", b"%d" % number) for number in range(3000)]
        producer.flush(timeout=30)
        acknowledged = sum(promise.succeeded() for promise in promises)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        producer.close(timeout=0)
    # At once: nobody waits for what is left of the first to be gone.
    with running(tmp_path, port):
        assert acknowledged == 3000
        assert count(port, "kept", acknowledged) == acknowledged


def test_no_java_outlives_a_naba_that_was_killed_and_the_folder_is_free_again(tmp_path: Path) -> None:
    port = find_port()
    with running(tmp_path, port) as process:
        node = nodes_of(process)[0]
        process.kill()
        psutil.wait_procs([node], timeout=5)
        assert not node.is_running() or node.status() == psutil.STATUS_ZOMBIE
    with running(tmp_path, port):
        pass


def test_when_kafka_ends_by_itself_it_says_so_and_ends_with_1(tmp_path: Path) -> None:
    port = find_port()
    with running(tmp_path, port) as process:
        nodes_of(process)[0].kill()
        assert process.wait(timeout=SECONDS) == 1
        assert process.stderr is not None
        said = process.stderr.read()
        assert f"Kafka at 127.0.0.1:{port} has ended with code -9" in said
        assert "kafka.log" in said
        assert "Traceback" not in said


def test_of_three_nodes_one_may_die_and_the_others_go_on(tmp_path: Path) -> None:
    port = find_port()
    with running(tmp_path, port, "--nodes", "3") as process:
        nodes_of(process)[2].kill()
        time.sleep(1)
        assert process.poll() is None
        assert len(nodes_of(process)) == 2
        code, seconds = end(process, signal.SIGTERM)
        assert code == 0
        assert seconds < 15
        assert process.stderr is not None
        assert "The other nodes go on without it." in process.stderr.read()
    once = naba_broker(tmp_path, "--port", str(port))
    _, said = once.communicate(timeout=SECONDS)
    assert once.returncode == 2
    assert "was made for --nodes 3" in said


def test_what_cannot_be_is_refused_with_2_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = find_port()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("not a broker's")
    (tmp_path / "broken.toml").write_text("[kafka]\nbootstrop = ''\n")
    with running(tmp_path, port), socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        refused = {
            f"port {taken} of 127.0.0.1 is taken": ["--port", taken, "--data", "fresh"],
            "is in use by another `naba broker`": ["--port", str(find_port())],
            "letters holds something else": ["--port", str(find_port()), "--data", "letters"],
            "mine.txt is no folder": ["--port", str(find_port()), "--data", "letters/mine.txt"],
            "broken.toml:2: kafka.bootstrop: unknown key": ["--data", "fresh", "--config", "broken.toml"],
        }
        started = {reason: naba_broker(tmp_path, *options) for reason, options in refused.items()}
        for reason, process in started.items():
            said, complained = process.communicate(timeout=SECONDS)
            assert reason in complained
            assert (process.returncode, said) == (2, "")
    assert not (tmp_path / "fresh" / "broker.json").exists()
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["mine.txt"]
