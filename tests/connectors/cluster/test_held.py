"""A reader of a group gets its partitions, keeps them while it is busy, and reads everything later."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from kafka import KafkaAdminClient, TopicPartition

from connectors.cluster import reader as module
from connectors.cluster.offsets import Offsets
from connectors.cluster.reader import Reader
from connectors.cluster.settings import KafkaSettings
from connectors.sink import Received
from schemas.letter import OUTCOMES
from tests.letters import create_topics, make_outcome, send

pytestmark = pytest.mark.slow

_PATIENCE_MS = 7000  # of the group, of five minutes: after which one that asks for nothing is left out


class Opened:
    """Readers of one group, and what they tell."""

    def __init__(self, kafka: KafkaSettings, stack: ExitStack) -> None:
        self.kafka, self._stack = kafka, stack
        self.told: list[str] = []
        self.offsets = Offsets(kafka, self.told.append)
        stack.callback(self.offsets.close)
        self.group = f"{kafka.app}-sink-test"

    def open(self) -> Reader:
        reader = Reader(self.kafka, self.offsets, [OUTCOMES], self.told.append, group=self.group)
        self._stack.callback(reader.close)
        return reader

    def committed(self) -> int:
        return sum(self.offsets.read_committed(self.group, OUTCOMES).values())


@pytest.fixture
def opened(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    create_topics(kafka)
    impatient = {**module._GROUP, "max_poll_interval_ms": _PATIENCE_MS}
    monkeypatch.setattr(module, "_GROUP", impatient)
    with ExitStack() as stack:
        yield Opened(kafka, stack)


def read(reader: Reader, count: int, seconds: float = 20) -> list[Received]:
    found: list[Received] = []
    until = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < until:
        found += reader.read(0.2)
    return found


@pytest.mark.parametrize(
    ("holds", "committed"), [pytest.param(True, 100, id="held"), pytest.param(False, 0, id="not held")]
)
def test_a_long_write_keeps_its_partitions(opened: Opened, holds: bool, committed: int) -> None:
    send(opened.kafka, [make_outcome(number) for number in range(100)])
    reader = opened.open()
    batch = read(reader, 100)
    with reader.held() if holds else ExitStack():
        time.sleep(_PATIENCE_MS / 1000 + 4)
    reader.commit(batch)
    assert opened.committed() == committed
    assert opened.told == []


def test_what_is_given_to_it_meanwhile_is_read_later(opened: Opened) -> None:
    first, second = opened.open(), opened.open()
    share = [0, 0]
    number = 0
    while not all(share):  # a new letter at a time, until both have read some: then both have partitions
        send(opened.kafka, [make_outcome(number)])
        number += 1
        with ThreadPoolExecutor() as pool:  # who joins waits for the other to ask
            both = list(pool.map(lambda reader: reader.read(0.5), (first, second)))
        for place, (reader, batch) in enumerate(zip((first, second), both, strict=True)):
            reader.commit(batch)
            share[place] += len(batch)
        assert number < 60
    late = [make_outcome(number) for number in range(1000, 1100)]
    with first.held():
        second.close()
        send(opened.kafka, late)
        time.sleep(8)  # it is asked to take the other's partitions, and given their letters
    missing = {letter.key for letter in late}
    until = time.monotonic() + 20
    while missing and time.monotonic() < until:
        missing -= {item.letter.key for item in first.read(0.2)}
    assert missing == set()


def test_a_join_that_the_client_forgot_is_done_again(opened: Opened) -> None:
    send(opened.kafka, [make_outcome(number) for number in range(20)])
    reader = opened.open()
    # The state it was found in: under way, and nothing left that would finish it.
    group = reader._client._coordinator
    group.rejoining, group.rejoin_needed = True, False
    group._joined_subscription = group._subscription.subscription
    assert not group.need_rejoin()
    assert len(read(reader, 20)) == 20


def test_what_retention_has_deleted_is_not_waited_for(opened: Opened) -> None:
    send(opened.kafka, [make_outcome(number) for number in range(20)])
    first = opened.open()
    first.commit(read(first, 20))
    first.close()
    send(opened.kafka, [make_outcome(number) for number in range(20, 40)])
    ends = opened.offsets.read_ends(OUTCOMES)
    admin = KafkaAdminClient(bootstrap_servers=opened.kafka.bootstrap)
    name = opened.kafka.topic(OUTCOMES)
    admin.delete_records({TopicPartition(name, number): end for number, end in ends.items()})
    admin.close()
    second = opened.open()
    assert read(second, 1, seconds=5) == []
    assert second.position() == {(OUTCOMES, number): end for number, end in ends.items()}
