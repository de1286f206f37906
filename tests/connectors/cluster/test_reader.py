"""The reader: every letter in its partition's order, from where its owner stopped, in bounded memory."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import LogTruncationError

from connectors.cluster.offsets import Offsets
from connectors.cluster.reader import MIB, Reader
from connectors.cluster.settings import KafkaSettings
from connectors.sink import Position, Received
from schemas.letter import OUTCOMES, RAW
from schemas.wrong_use import WrongUse
from tests.letters import create_topics, make_outcome, make_raw, send

pytestmark = pytest.mark.slow

Open = Callable[..., tuple[Reader, list[str]]]


@pytest.fixture
def open_reader(kafka: KafkaSettings) -> Iterator[Open]:
    """What opens a reader on the topics of the test, with a list of what it tells."""
    opened: list[Any] = []

    def start(
        *topics: str, position: Position | None = None, group: str | None = None
    ) -> tuple[Reader, list[str]]:
        told: list[str] = []
        offsets = Offsets(kafka, told.append)
        opened.append(offsets)
        reader = Reader(kafka, offsets, topics, told.append, position=position, group=group)
        opened.append(reader)
        return reader, told

    yield start
    for each in reversed(opened):
        each.close()


def read(reader: Reader, count: int, seconds: float = 20) -> list[Received]:
    found: list[Received] = []
    until = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < until:
        found += reader.read(0.2)
    assert len(found) == count
    return found


def behind(batch: list[Received]) -> Position:
    position: Position = {}
    for item in batch:
        position[item.letter.topic, item.partition] = item.offset + 1
    return position


def test_it_goes_on_from_the_position_that_its_owner_keeps(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    letters = [make_outcome(number) for number in range(200)]
    send(kafka, letters)
    reader, told = open_reader(OUTCOMES)
    first = read(reader, 200)
    assert sorted(item.letter.value for item in first) == sorted(letter.value for letter in letters)
    assert first[0].letter.headers["naba-raw-id"] == first[0].letter.key
    assert reader.position() == behind(first)
    # A position in the middle of each partition: what stood before is not read again.
    half = behind([item for item in first if item.offset < 20])
    second, _ = open_reader(OUTCOMES, position=half)
    rest = [item for item in first if item.offset >= half[OUTCOMES, item.partition]]
    assert {item.letter.value for item in read(second, len(rest))} == {item.letter.value for item in rest}
    assert told == []


def test_what_retention_has_deleted_is_told_and_passed_over(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(number) for number in range(200)])
    reader, _ = open_reader(OUTCOMES)
    position = behind([item for item in read(reader, 200) if item.offset < 10])
    name = kafka.topic(OUTCOMES)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_records({TopicPartition(name, 1): 30})
    admin.close()
    late, told = open_reader(OUTCOMES, position=position)
    found = read(late, 200 - 3 * 10 - 30)
    assert min(item.offset for item in found if item.partition == 1) == 30
    assert len(told) == 1
    assert f"{name}-1: has no offset 10 any more" in told[0]
    assert told[0].endswith("going on from 30")


def test_a_position_behind_the_end_is_not_silence_for_ever(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(1)])
    reader, told = open_reader(OUTCOMES, position={(OUTCOMES, number): 500 for number in range(4)})
    assert read(reader, 1)[0].offset == 0
    assert any("has no offset 500" in line for line in told)


def test_a_log_that_was_cut_back_is_read_again(
    kafka: KafkaSettings, open_reader: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(number) for number in range(100)])
    reader, told = open_reader(OUTCOMES)
    first = read(reader, 100)
    place = TopicPartition(kafka.topic(OUTCOMES), 2)

    def cut_back(*_: Any, **__: Any) -> None:
        monkeypatch.undo()
        raise LogTruncationError({place: None})

    monkeypatch.setattr(KafkaConsumer, "poll", cut_back)
    again = read(reader, sum(item.partition == 2 for item in first))
    assert {item.partition for item in again} == {2}
    assert [line.partition(": ")[0] for line in told] == [f"{place.topic}-2"]


def test_a_group_goes_on_behind_what_it_committed(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(number) for number in range(100)])
    group = f"{kafka.app}-sink-test"
    reader, _ = open_reader(OUTCOMES, group=group)
    first = read(reader, 100)
    reader.commit(first)
    assert reader.position() == behind(first)
    send(kafka, [make_outcome(number) for number in range(100, 120)])
    lost = read(reader, 20)
    reader.close()
    again, told = open_reader(OUTCOMES, group=group)
    assert {item.letter.value for item in read(again, 20)} == {item.letter.value for item in lost}
    again.commit(lost)
    assert told == []


def test_a_topic_that_is_not_there_is_told(kafka: KafkaSettings, open_reader: Open) -> None:
    with pytest.raises(WrongUse, match=r"news\.raw\.v1; `naba topics` creates"):
        open_reader(RAW)


def test_partitions_that_are_added_later_are_read(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    reader, _ = open_reader(OUTCOMES)
    assert reader.read(0.2) == []
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_partitions({kafka.topic(OUTCOMES): 12})
    admin.close()
    time.sleep(1)
    send(kafka, [make_outcome(number) for number in range(200)])
    found = read(reader, 200)
    assert len({item.partition for item in found}) == 12


def test_batches_are_bounded_by_their_bytes(kafka: KafkaSettings, open_reader: Open) -> None:
    create_topics(kafka)
    page = "<p>News of the pier.</p>\n" * 12_000
    send(kafka, [make_raw(number, f"{number} {page}") for number in range(300)])
    large = make_raw(1, random.Random(1).randbytes(3_600_000).hex())
    send(kafka, [large, make_raw(2, "small")])
    reader, _ = open_reader(RAW)
    found: list[Received] = []
    while len(found) < 302:
        batch = reader.read(1)
        assert sum(item.letter.size for item in batch) < 12 * MIB + large.size
        found += batch
    assert large.value in {item.letter.value for item in found}
