"""What stands at an offset: the next record of a partition, where there may be none at the offset itself."""

import time

from kafka import KafkaConsumer, TopicPartition

from connectors.cluster.connect import Say, connect
from connectors.cluster.settings import KafkaSettings

_SECONDS = 20.0


def find_record(kafka: KafkaSettings, topic: str, partition: int, offset: int, say: Say) -> int:
    """Return the offset of the first record at `offset` or behind it; where there is none, the end.

    Offsets have no record where records have aged away or were compacted, and where a transaction
    has left its mark. `topic` is its whole name. Raises TimeoutError after 20 s without an answer.
    """
    place = TopicPartition(topic, partition)
    consumer = connect(
        KafkaConsumer, kafka, say, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        consumer.assign([place])
        end = int(consumer.end_offsets([place])[place])
        consumer.seek(place, offset)
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            if found := consumer.poll(timeout_ms=500, max_records=1).get(place):
                return int(found[0].offset)
            if consumer.position(place) >= end:  # behind marks that are no records
                return end
    finally:
        consumer.close()
    raise TimeoutError(f"{topic}:{partition}: cannot be read from {offset}, and ends at {end}")
