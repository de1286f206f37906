"""Reads one topic without a consumer group: what stands on it, and what comes."""

import heapq
import time
from collections.abc import Iterator

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from connectors.cluster.connect import BrokerAway, Say, connect
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import MAX_MESSAGE, require_topics

_STALLED = 30.0  # seconds without a record that is known to be there
_QUIET = 5.0  # seconds without a record, after which it is looked whether a broker is there


def open_consumer(kafka: KafkaSettings, name: str, say: Say, seconds: float | None) -> KafkaConsumer:
    """Return a consumer at the start of every partition of the topic.

    Raises WrongUse where there is no such topic, BrokerAway after `seconds` (None: waits without end).
    """
    _require(kafka, name, say, seconds)
    consumer = connect(
        KafkaConsumer,
        kafka,
        say,
        seconds,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        max_partition_fetch_bytes=MAX_MESSAGE,
    )
    consumer.assign([TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name))])
    consumer.seek_to_beginning()
    return consumer


def _require(kafka: KafkaSettings, name: str, say: Say, seconds: float | None) -> None:
    admin = connect(KafkaAdminClient, kafka, say, seconds)
    try:
        require_topics(admin, [name])
    finally:
        admin.close()


def read_backlog(consumer: KafkaConsumer, last: int | None) -> Iterator[ConsumerRecord]:
    """Yield what stands there now: the newest `last` by their time, or everything; then stand behind it."""
    parts = consumer.assignment()
    ends = consumer.end_offsets(parts)
    if last is None:
        yield from _read_until(consumer, ends)
        return
    starts = consumer.beginning_offsets(parts)
    for part in parts:
        consumer.seek(part, max(starts[part], ends[part] - last))
    newest: list[tuple[int, int, int, ConsumerRecord]] = []
    for one in _read_until(consumer, ends):
        heapq.heappush(newest, (one.timestamp, one.partition, one.offset, one))
        if len(newest) > last:
            heapq.heappop(newest)
    for *_, one in sorted(newest):
        yield one


def _read_until(consumer: KafkaConsumer, ends: dict[TopicPartition, int]) -> Iterator[ConsumerRecord]:
    moved = time.monotonic()
    while any(consumer.position(part) < end for part, end in ends.items()):
        polled = consumer.poll(timeout_ms=500)
        for part, records in polled.items():
            yield from (record for record in records if record.offset < ends[part])
            if records[-1].offset >= ends[part]:
                consumer.seek(part, ends[part])  # what came meanwhile comes in its turn
        if polled:
            moved = time.monotonic()
        elif time.monotonic() > moved + _STALLED:
            raise BrokerAway("what stands on the topic does not come")


def read_next(consumer: KafkaConsumer, kafka: KafkaSettings, name: str, say: Say) -> Iterator[ConsumerRecord]:
    """Yield what comes until nothing comes for a while; look then whether a broker is there."""
    heard = time.monotonic()
    while time.monotonic() < heard + _QUIET:
        for records in consumer.poll(timeout_ms=500).values():
            yield from records
            heard = time.monotonic()
    _require(kafka, name, say, None)
