"""What stands on a topic: read to its end, and further on as more comes."""

from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from connectors.cluster.connect import connect
from connectors.cluster.receive import name_place, receive
from connectors.cluster.settings import KafkaSettings
from schemas.letter import INPUT, RAW, RAW_ID
from tests.faults.inputs import Delivery


@dataclass(frozen=True, slots=True)
class Record:
    """One message; `at` is when the broker had it, in seconds since 1970."""

    partition: int
    offset: int
    at: float
    key: bytes | None
    headers: dict[str, str]
    value: bytes | None

    @property
    def delivery(self) -> Delivery:
        """The delivery that it follows from."""
        return self.headers.get(INPUT, ""), self.headers.get(RAW_ID, "")


class Log:
    """All records of a topic, named in full, each partition in its order."""

    def __init__(self, kafka: KafkaSettings, name: str) -> None:
        self.records: list[Record] = []
        self._is_raw = name == kafka.topic(RAW)
        self._client: KafkaConsumer = connect(
            KafkaConsumer,
            kafka,
            _say_nothing,
            seconds=120,
            group_id=None,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8 << 20,
        )
        self._places = [
            TopicPartition(name, number) for number in sorted(self._client.partitions_for_topic(name))
        ]
        self._client.assign(self._places)
        self._client.seek_to_beginning()

    def read(self, seconds: float = 0.2) -> list[Record]:
        """Return what has come; nothing while the broker is away."""
        try:
            polled = self._client.poll(timeout_ms=int(1000 * seconds), max_records=5000)
        except KafkaError:
            return []
        found = [
            Record(
                record.partition,
                record.offset,
                record.timestamp / 1000,
                record.key,
                self._read_headers(record),
                record.value,
            )
            for records in polled.values()
            for record in records
        ]
        self.records += found
        return found

    def read_all(self) -> list[Record]:
        """Return all records that stand there now."""
        ends = self._client.end_offsets(self._places)
        while any(self._client.position(place) < end for place, end in ends.items()):
            self.read()
        return self.records

    def _read_headers(self, record: ConsumerRecord) -> dict[str, str]:
        if not self._is_raw:
            return {name: (text or b"").decode("utf-8", "replace") for name, text in record.headers}
        # Of what others wrote the workers make up the names themselves.
        where = name_place(RAW, record.partition, record.offset)
        return dict(receive(RAW, where, record.key, record.value, record.headers).headers)

    def close(self) -> None:
        self._client.close()


def _say_nothing(_line: str) -> None:
    """The table says what is to be said."""
