"""deploy/compose.yaml as it runs: what is delivered ends once, whatever is stopped and killed.

    make test-deploy

Needs Docker with compose, the image naba:local, and the network for the images of Python and Kafka; where
those cannot be had, `tests/deploy/standin/make` makes others under their names. Not part of `make test`.
"""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from connectors.broker.jars import KAFKA
from connectors.broker.ports import find_port
from tests.news import make_inputs

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
# Of the processes that its supervisor started. The brackets keep the shell from finding itself.
KILL_INNER = "for p in /proc/[0-9]*; do grep -q 'streams[.]app[.]' $p/cmdline && kill -9 ${p#/proc/}; done"
SETTINGS = "--config=/etc/naba/naba.toml"
Line = dict[str, Any]


class Stack:
    """Everything that the compose file describes, under a project's name of its own."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self._news = make_inputs(100_000)
        self._environment = os.environ | {"INBOX": str(inbox), "KAFKA_PORT": str(find_port())}
        self._compose = ["compose", "--project-name", f"naba-test-{os.getpid()}", "--file", str(COMPOSE)]

    def docker(self, *arguments: str) -> str:
        """Return what the command says; it has to end well."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["docker", *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=300)

    def compose(self, *arguments: str) -> str:
        return self.docker(*self._compose, *arguments)

    def up(self) -> None:
        self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "180")

    def find(self, service: str) -> list[str]:
        """Return the ids of the containers of a service, also of those that do not run."""
        return self.compose("ps", "--all", "--quiet", service).split()

    def inspect(self, container: str) -> Any:
        return json.loads(self.docker("inspect", container))[0]

    def push(self, name: str, count: int) -> None:
        """Deliver so many lines of invented news in a file of this name."""
        path = self._inbox / f"{name}.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in islice(self._news, count)))
        path.chmod(0o644)
        self.push_again(name)

    def push_again(self, name: str) -> None:
        """Deliver what was delivered."""
        self.compose("run", "--rm", "--no-deps", "source", "push", f"/inbox/{name}.jsonl", SETTINGS)

    def read_outcomes(self, name: str) -> list[Line]:
        """Return the lines of the sink that are about what was pushed under this name."""
        return [one for one in self._read("outcomes") if f"{name}.jsonl" in one["input"]]

    def read_articles(self) -> list[Line]:
        return self._read("articles")

    def _read(self, name: str) -> list[Line]:
        [sink] = self.find("sink")
        text = self.docker("exec", sink, "cat", f"/data/{name}.jsonl")
        whole, _, _ = text.rpartition("\n")  # its last line may be on its way
        return [json.loads(line) for line in whole.splitlines()]


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(1)


def are_healthy(stack: Stack) -> bool:
    """Return what Docker makes of `naba worker --check` in all workers."""
    workers = stack.find("worker")
    return all(stack.inspect(worker)["State"]["Health"]["Status"] == "healthy" for worker in workers)


def count_inputs(outcomes: list[Line]) -> set[int]:
    """Return how many outcomes an input has, of all of them."""
    return set(Counter(one["input"] for one in outcomes).values())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    inbox = tmp_path_factory.mktemp("inbox")
    inbox.chmod(0o755)
    running = Stack(inbox)
    try:
        running.up()
        yield running
        print(running.compose("logs", "--tail", "50", "worker", "sink"))  # shown where a test failed
    finally:
        running.compose("--profile", "source", "down", "--volumes", "--timeout", "5")


@pytest.fixture
def ready(stack: Stack) -> Stack:
    """The stack with everything in it at work."""
    stack.up()
    return stack


def test_the_kafka_is_the_one_that_all_other_tests_run_on(ready: Stack) -> None:
    [kafka] = ready.find("kafka")
    assert ready.inspect(kafka)["Config"]["Image"] == f"apache/kafka:{KAFKA}"


@pytest.mark.parametrize("service", ["topics", "worker", "sink"])
def test_nothing_of_ours_is_root_or_can_become_it(ready: Stack, service: str) -> None:
    for container in ready.find(service):
        seen = ready.inspect(container)
        assert seen["Config"]["User"] == "10001:10001"
        assert seen["HostConfig"]["CapDrop"] == ["ALL"]
        assert seen["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
        assert seen["HostConfig"]["Memory"] > 0
        assert seen["HostConfig"]["PortBindings"] in ({}, None)


def test_a_worker_can_write_to_its_volume_and_nowhere_else(ready: Stack) -> None:
    worker = ready.find("worker")[0]
    assert ready.docker("exec", worker, "id", "-u").strip() == "10001"
    ready.docker("exec", worker, "touch", "/data/written")
    for folder in ("/", "/opt/naba", "/etc/naba", "/var/tmp"):
        assert ready.run("exec", worker, "touch", f"{folder}/written").returncode != 0


def test_kafka_is_reached_from_this_machine_alone(ready: Stack) -> None:
    [kafka] = ready.find("kafka")
    ports = ready.inspect(kafka)["HostConfig"]["PortBindings"]
    assert {binding["HostIp"] for bindings in ports.values() for binding in bindings} == {"127.0.0.1"}


def test_workers_share_a_volume_and_not_a_folder(ready: Stack) -> None:
    workers = ready.find("worker")
    assert len(workers) == 2
    for worker in workers:
        told = ready.docker("exec", worker, "naba", "worker", "--check")
        assert told.startswith("ready, ")
        assert told.count("\n") == 1
    folders = ready.docker("exec", workers[0], "ls", "/data/naba-data").split()
    assert folders == ["0", "1"]


def test_what_is_delivered_ends_once_and_stands_in_the_files(ready: Stack) -> None:
    ready.push("calm", 300)
    wait_until(lambda: len(ready.read_outcomes("calm")) >= 300, "300 outcomes in the file")
    outcomes = ready.read_outcomes("calm")
    assert len(outcomes) == 300
    assert count_inputs(outcomes) == {1}
    ends = [one for one in outcomes if one["outcome"] in ("published", "revised")]
    published = {(one["article_id"], one["revision"]) for one in ends}
    articles = [(one["article_id"], one["revision"]) for one in ready.read_articles()]
    assert published <= set(articles)
    assert len(set(articles)) == len(articles)


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_nothing_is_lost_or_doubled_when_containers_are_ended_at_work(ready: Stack, signal: str) -> None:
    name, count = f"ended-{signal}", 1500
    ready.push(name, count)
    assert len(ready.read_outcomes(name)) < count
    for victim in [*ready.find("worker"), *ready.find("sink")]:
        ready.docker("kill", f"--signal={signal}", victim)
        ready.docker("wait", victim)
        assert ready.inspect(victim)["State"]["ExitCode"] == (137 if signal == "KILL" else 0)
        ready.docker("start", victim)
        time.sleep(3)
    wait_until(lambda: len(ready.read_outcomes(name)) >= count, f"{count} outcomes in the file")
    outcomes = ready.read_outcomes(name)
    assert len(outcomes) == count
    assert count_inputs(outcomes) == {1}
    articles = Counter((one["article_id"], one["revision"]) for one in ready.read_articles())
    assert set(articles.values()) == {1}


def test_a_worker_whose_process_dies_is_at_work_again_and_leaves_no_zombies(ready: Stack) -> None:
    worker = ready.find("worker")[0]
    ready.docker("exec", worker, "sh", "-c", f"{KILL_INNER}; true")
    wait_until(lambda: "starting anew" in ready.compose("logs", "worker"), "its supervisor starts another")
    check = ["exec", worker, "naba", "worker", "--check"]
    wait_until(lambda: ready.run(*check).returncode == 0, "the worker is ready again")
    states = ready.docker("exec", worker, "sh", "-c", "grep -h ^State: /proc/[0-9]*/status")
    assert "zombie" not in states


def test_health_follows_the_broker(ready: Stack) -> None:
    [kafka] = ready.find("kafka")
    ready.docker("kill", kafka)
    wait_until(lambda: not are_healthy(ready), "a worker is unhealthy without its broker")
    ready.docker("start", kafka)
    wait_until(lambda: are_healthy(ready), "all workers are healthy again")


def test_all_of_it_can_be_taken_down_and_goes_on_where_it_was(ready: Stack) -> None:
    ready.push("before", 100)
    wait_until(lambda: len(ready.read_outcomes("before")) >= 100, "100 outcomes in the file")
    articles = ready.read_articles()
    ready.compose("down")
    ready.up()
    ready.push_again("before")
    ready.push("after", 50)
    wait_until(lambda: len(ready.read_outcomes("after")) >= 50, "50 more outcomes in the file")
    assert len(ready.read_outcomes("before")) == 100
    assert ready.read_articles()[: len(articles)] == articles
