"""`naba worker` as its operator meets it: what it says, waits for and refuses, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from connectors.broker.ports import find_port
from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, OUTCOMES, RAW
from tests.broker import PARTITIONS
from tests.faults.cluster import Cluster, part_of
from tests.faults.inputs import make_lines
from tests.faults.parity import move_to_one_host, read_topics
from tests.faults.process import Process
from tests.letters import create_topics, read_topic

pytestmark = pytest.mark.slow

SOON = 30.0  # seconds in which a stopped worker ends on a machine that has much else to do


def write_settings(folder: Path, kafka: KafkaSettings) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "naba.toml").write_text(
        f'[kafka]\nbootstrap = "{kafka.bootstrap}"\ntopic_prefix = "{kafka.topic_prefix}"\n'
        f'group_prefix = "{kafka.group_prefix}"\npartitions = {kafka.partitions}\n'
    )


@pytest.fixture
def verbs(tmp_path: Path, kafka: KafkaSettings) -> Iterator["Verbs"]:
    started = Verbs(tmp_path, kafka)
    yield started
    for process in started.processes:
        process.kill()


class Verbs:
    """Verbs started in a folder with the settings of the test's topics."""

    def __init__(self, folder: Path, kafka: KafkaSettings) -> None:
        write_settings(folder, kafka)
        self.folder, self.processes = folder, list[Process]()
        self.environment = {"NABA_KAFKA__BOOTSTRAP": kafka.bootstrap}

    def start(self, *arguments: str, **environment: str) -> Process:
        process = Process(self.folder, *arguments, environment=self.environment | environment)
        self.processes.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        process = self.start(*arguments)
        return process.wait(), [line for _, line in process.lines]


def wait_for(process: Process, words: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not process.said(words):
        assert process.code is None, process.lines
        assert time.monotonic() < until, process.lines
        time.sleep(0.05)


def stop(process: Process) -> int:
    before = time.monotonic()
    code = process.stop()
    assert time.monotonic() - before < SOON
    return code


def test_without_a_broker_it_waits_says_so_and_can_be_stopped(verbs: Verbs) -> None:
    address = f"127.0.0.1:{find_port()}"
    worker = verbs.start("worker", NABA_KAFKA__BOOTSTRAP=address)
    wait_for(worker, "waiting")
    time.sleep(3)
    assert stop(worker) == 0
    assert len(worker.lines) == 1
    assert f"no broker answers at {address}" in worker.lines[0][1]


def test_topics_that_are_missing_or_otherwise_are_told_with_what_to_do(
    verbs: Verbs, kafka: KafkaSettings
) -> None:
    code, said = verbs.run("worker")
    assert code == 2
    assert kafka.topic(RAW) in said[-1]
    assert "`naba topics`" in said[-1]
    create_topics(kafka)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_partitions({kafka.topic(RAW): NewPartitions(PARTITIONS + 1)})
    admin.close()
    code, said = verbs.run("worker")
    assert code == 2
    told = f"{kafka.topic(RAW)}: partitions is {PARTITIONS + 1} and should be {PARTITIONS}"
    assert told in said[-1]


def test_each_worker_has_its_own_folder_and_no_port_is_opened(verbs: Verbs, kafka: KafkaSettings) -> None:
    create_topics(kafka)
    workers = [verbs.start("worker", "--workers", "1") for _ in range(2)]
    for worker in workers:
        wait_for(worker, "ready")
    folders = verbs.folder / "naba-data"
    assert sorted(path.name for path in folders.iterdir()) == ["0", "1"]
    code, said = verbs.run("worker", "--data", "naba-data/1")
    assert code == 2
    assert said == ["naba: naba-data/1: another worker has this folder; name another one with --data"]

    for worker in workers:
        tree = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        assert len(tree) >= 3  # the supervisor, the Faust process and a child
        listening = [
            found.laddr
            for process in tree
            for found in process.net_connections("inet")
            if found.status == psutil.CONN_LISTEN
        ]
        assert listening == []

    command = [sys.executable, "-m", "streams.cli", "worker", "--check"]
    while True:  # the first may be joining again, now that the second has come
        check = subprocess.run(command, cwd=verbs.folder, capture_output=True, text=True, timeout=60)
        if check.returncode == 0:
            break
        time.sleep(0.5)
    assert [line.split(",")[0] for line in check.stdout.splitlines()] == ["ready", "ready"]
    assert [stop(worker) for worker in workers] == [0, 0]
    assert verbs.run("worker", "--check")[0] == 1  # at once, and not when its file has become old


def test_what_was_done_is_committed_and_known_when_it_starts_again(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    lines = make_lines(150)
    with Cluster(kafka, tmp_path) as cluster:
        worker = cluster.start_worker()
        worker.wait_until_ready()
        cluster.push(lines)
        cluster.wait_for(50)  # and is stopped in the midst of it
        assert cluster.stop(worker) == 0
        cluster.look()
        worker = cluster.start_worker(data=worker.data)
        cluster.finish()
        first = read_topics(cluster)
        assert len(first.outcomes()) == 150  # none is there twice: what it had done was committed
        # All of it again, and as other deliveries.
        cluster.push(lines, "again.jsonl")
        cluster.finish()
        assert cluster.stop(worker) == 0
        second = read_topics(cluster)
        assert second.records[ARTICLES] == first.records[ARTICLES]
        again = [one.outcome for key, one in second.outcomes().items() if key[0].startswith("again")]
        assert set(again) == {"unchanged", "dead"}


def test_two_pipelines_on_one_cluster_do_not_touch_each_other(tmp_path: Path, kafka: KafkaSettings) -> None:
    lines = move_to_one_host(make_lines(40))  # between hosts there would be no order
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(Cluster(part_of(kafka, name), tmp_path / name)) for name in ("one", "other")
        )
        for cluster in (one, other):
            cluster.start_worker()
        one.wait_until_ready()
        other.wait_until_ready()
        assert one.push(lines).wait() == 0
        one.finish()
        assert read_topic(other.kafka, OUTCOMES) == []
        assert other.push(lines).wait() == 0
        other.finish()
        # Nothing is a copy, or known, of what the other has.
        assert read_topics(one) == read_topics(other)


def test_a_folder_that_served_another_pipeline_knows_nothing_of_this_one(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    lines, told = move_to_one_host(make_lines(40)), []
    for name in ("one", "other"):
        with Cluster(part_of(kafka, name), tmp_path / name) as cluster:
            cluster.push(lines)
            worker = cluster.start_worker(data=tmp_path / "tables")
            cluster.finish()
            assert cluster.stop(worker) == 0
            told.append(read_topics(cluster))
            rebuilt = worker.said("its tables are of another cluster")
            assert bool(rebuilt) is (name == "other")
    assert told[0] == told[1]


def test_the_first_signal_is_enough_while_it_starts_and_the_whole_group_may_get_it(
    verbs: Verbs, kafka: KafkaSettings
) -> None:
    create_topics(kafka)
    for pause in (0.2, 1.5):
        worker = verbs.start("worker", "--workers", "1")
        time.sleep(pause)
        before = time.monotonic()
        os.killpg(worker.pid, signal.SIGINT)
        code = worker.wait()
        assert time.monotonic() - before < SOON
        assert code == 0 or pause < 1  # before Python has come to hear signals, it dies of them


def test_pickle_is_gone_from_the_codecs_of_faust(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from streams.app.build import build_app;"
        "from connectors.cluster.settings import KafkaSettings;"
        "build_app(KafkaSettings(), Path('.'), 1);"
        "from faust.serializers.codecs import codecs, get_codec;"
        "print(sorted(name for name in codecs if 'pickle' in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
