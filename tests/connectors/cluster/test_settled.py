"""Everything has settled: told by offsets, never too early."""

import time
from collections.abc import Iterator
from functools import partial

import pytest
from kafka import KafkaAdminClient, TopicPartition

from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.settled import Settled
from connectors.sink import Position
from schemas.letter import CLEAN, OUTCOMES, RAW, Letter
from tests.letters import commit_work, create_topics, make_outcome, make_raw, send

pytestmark = pytest.mark.slow

SECONDS = 0.4


@pytest.fixture
def offsets(kafka: KafkaSettings) -> Iterator[Offsets]:
    create_topics(kafka)
    opened = Offsets(kafka, print)
    yield opened
    opened.close()


def settles(kafka: KafkaSettings, offsets: Offsets, position: Position, seconds: float = 2) -> bool:
    """Return whether it settles while nothing moves."""
    settled = Settled(offsets, kafka.app, (OUTCOMES,), SECONDS)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if settled.look(lambda: position):
            return True
        time.sleep(0.05)
    return False


def ends(offsets: Offsets) -> Position:
    return {(OUTCOMES, number): end for number, end in offsets.read_ends(OUTCOMES).items()}


def test_nothing_was_ever_delivered(kafka: KafkaSettings, offsets: Offsets) -> None:
    assert settles(kafka, offsets, ends(offsets))


def test_each_of_the_three_is_waited_for(kafka: KafkaSettings, offsets: Offsets) -> None:
    send(kafka, [make_raw(1), Letter(CLEAN, "host1.example", b"{}"), make_outcome(1)])
    assert not settles(kafka, offsets, ends(offsets))
    commit_work(kafka, CLEAN)
    assert not settles(kafka, offsets, ends(offsets))
    commit_work(kafka, RAW)
    assert not settles(kafka, offsets, dict.fromkeys(ends(offsets), 0))
    assert settles(kafka, offsets, ends(offsets))
    send(kafka, [Letter(CLEAN, "host1.example", b"{}")])
    assert not settles(kafka, offsets, ends(offsets))


@pytest.mark.parametrize("begun", [False, True], ids=["nothing was done", "some was done"])
def test_what_has_expired_needs_nobody(kafka: KafkaSettings, offsets: Offsets, begun: bool) -> None:
    send(kafka, [make_raw(number) for number in range(20)])
    if begun:
        commit_work(kafka, RAW)
        send(kafka, [make_raw(number) for number in range(20, 40)])
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    name = kafka.topic(RAW)
    admin.delete_records(
        {TopicPartition(name, number): end for number, end in offsets.read_ends(RAW).items()}
    )
    admin.close()
    assert settles(kafka, offsets, ends(offsets))


def test_it_takes_its_time_and_begins_anew_when_something_comes(
    kafka: KafkaSettings, offsets: Offsets
) -> None:
    settled = Settled(offsets, kafka.app, (OUTCOMES,), 1.5)
    started = time.monotonic()
    while time.monotonic() < started + 1:
        assert not settled.look(partial(ends, offsets))
        time.sleep(0.05)
    send(kafka, [make_outcome(1)])
    sent = time.monotonic()
    while not settled.look(partial(ends, offsets)):
        assert time.monotonic() < sent + 10
        time.sleep(0.05)
    assert time.monotonic() - sent > 1.4
