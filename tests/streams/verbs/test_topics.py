"""`naba topics` as who runs a cluster meets it: what is created, what is wrong, what it says."""

import time
from pathlib import Path

import pytest

from connectors.broker.ports import find_port
from connectors.cluster.settings import KafkaSettings
from tests.letters import create_topics
from tests.verbs import Naba

pytestmark = pytest.mark.slow


def run(naba: Naba, *words: str) -> tuple[int, str, str]:
    process = naba("topics", *words)
    shown, told = process.communicate(timeout=60)
    return process.returncode, shown, told


def test_topics_are_created_and_the_next_time_as_they_should_be(kafka: KafkaSettings, naba: Naba) -> None:
    code, shown, told = run(naba)
    assert (code, told) == (0, "")
    assert [line.split()[-1] for line in shown.splitlines()] == ["created"] * 9
    assert kafka.topic("news.raw.v1") in shown
    code, shown, told = run(naba)
    assert (code, told) == (0, "")
    assert [line.partition("  ")[2].strip() for line in shown.splitlines()] == ["as it should be"] * 9


def test_two_at_the_same_moment_are_no_error(naba: Naba) -> None:
    both = [naba("topics"), naba("topics")]
    lines = "".join(one.communicate(timeout=60)[0] for one in both).splitlines()
    assert [one.returncode for one in both] == [0, 0]
    assert sum(line.endswith("created") for line in lines) == 9


def test_another_number_of_partitions_is_told_and_never_altered(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)  # with four, and the settings of the verb say eight
    for words in ((), ("--alter",)):
        code, shown, told = run(naba, *words)
        assert code == 2
        raw = kafka.topic("news.raw.v1")
        assert f"{raw}: partitions is 4 and should be 8" in told
        assert "let kafka.partitions be 4" in told
        assert told.count("kafka.partitions") == 1
        assert "WRONG: partitions 4, not 8" in shown


def test_what_the_settings_changed_is_told_and_altered_when_asked(tmp_path: Path, naba: Naba) -> None:
    assert run(naba)[0] == 0
    with (tmp_path / "naba.toml").open("a") as settings:
        settings.write("keep_dead = 400\n")
    code, shown, told = run(naba)
    assert code == 2
    assert f"news.dead.v1: retention.ms is {365 * 86_400_000} and should be {400 * 86_400_000}" in told
    assert "`naba topics --alter`" in told
    code, shown, told = run(naba, "--alter")
    assert (code, told) == (0, "")
    assert f"altered: retention.ms {365 * 86_400_000} → {400 * 86_400_000}" in shown
    until = time.monotonic() + 5
    while run(naba)[0] != 0:
        assert time.monotonic() < until


def test_without_a_broker_it_says_so_while_it_waits_and_can_be_stopped(tmp_path: Path, naba: Naba) -> None:
    address = f"127.0.0.1:{find_port()}"
    (tmp_path / "naba.toml").write_text(f'[kafka]\nbootstrap = "{address}"\n')
    process = naba("topics")
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line == f"naba: no broker answers at {address} (Connection refused); waiting for it\n"
    begun = time.monotonic()
    process.terminate()
    assert process.wait(timeout=10) == 143
    assert time.monotonic() - begun < 3
