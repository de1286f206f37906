"""What stands at an offset: the next record of a partition, where there may be none at the offset itself."""

import threading
import time

from kafka import KafkaConsumer, TopicPartition

from connectors.cluster.connect import Say, connect
from connectors.cluster.settings import KafkaSettings

_SECONDS = 20.0


class GapReader:
    """A reader of its own that is asked now and then; it keeps its connection for the next time."""

    def __init__(self, kafka: KafkaSettings, say: Say) -> None:
        self._kafka, self._say = kafka, say
        self._consumer: KafkaConsumer | None = None
        self._lock = threading.Lock()

    def find_record(self, topic: str, partition: int, offset: int) -> int:
        """Return the offset of the first record at `offset` or behind it; where there is none, the end.

        Offsets have no record where records have aged away or were compacted, and where a transaction
        has left its mark. `topic` is its whole name. Raises TimeoutError after 20 s without an answer.
        """
        with self._lock:
            consumer = self._consumer or connect(
                KafkaConsumer, self._kafka, self._say,
                group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
            )  # fmt: skip
            self._consumer = None  # until it has proved good
            try:
                found = _find_record(consumer, TopicPartition(topic, partition), offset)
                consumer.unsubscribe()  # else it reads on
            except BaseException:
                consumer.close()
                raise
            self._consumer = consumer
            return found

    def close(self) -> None:
        """Leave the cluster."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
            self._consumer = None


def _find_record(consumer: KafkaConsumer, place: TopicPartition, offset: int) -> int:
    consumer.assign([place])
    end = int(consumer.end_offsets([place])[place])
    consumer.seek(place, offset)
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if found := consumer.poll(timeout_ms=500, max_records=1).get(place):
            return int(found[0].offset)
        if consumer.position(place) >= end:  # behind marks that are no records
            return end
    raise TimeoutError(f"{place.topic}:{place.partition}: cannot be read from {offset}, and ends at {end}")
