"""Offsets that hold no record, on a real broker: what aged away, and the marks of transactions."""

from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from connectors.cluster.gap import GapReader
from connectors.cluster.settings import KafkaSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def topic(kafka: KafkaSettings) -> str:
    name = kafka.topic("gaps")
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_topics([NewTopic(name, 2, 1)])
    admin.wait_for_topics([name])
    admin.close()
    return name


@pytest.fixture
def reader(kafka: KafkaSettings) -> Iterator[GapReader]:
    opened = GapReader(kafka, print)
    yield opened
    opened.close()


def send(kafka: KafkaSettings, topic: str, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    for number in range(count):
        producer.send(topic, b"%d" % number, partition=0)
    producer.flush()
    producer.close()


def test_where_a_record_stands_it_is_found_and_behind_the_last_the_end(
    kafka: KafkaSettings, topic: str, reader: GapReader
) -> None:
    assert reader.find_record(topic, 0, 0) == 0  # an empty partition
    send(kafka, topic, 3)
    assert [reader.find_record(topic, 0, offset) for offset in range(4)] == [0, 1, 2, 3]
    assert reader.find_record(topic, 1, 0) == 0
    send(kafka, topic, 1)
    assert reader.find_record(topic, 0, 3) == 3


def test_what_has_aged_away_is_passed_over(kafka: KafkaSettings, topic: str, reader: GapReader) -> None:
    send(kafka, topic, 5)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_records({TopicPartition(topic, 0): 3})
    assert reader.find_record(topic, 0, 0) == 3
    admin.delete_records({TopicPartition(topic, 0): 5})
    admin.close()
    assert reader.find_record(topic, 0, 1) == 5
    send(kafka, topic, 1)
    assert reader.find_record(topic, 0, 1) == 5


def test_the_mark_of_a_transaction_is_no_record(kafka: KafkaSettings, topic: str, reader: GapReader) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic}-writer")
    producer.init_transactions()
    for number in range(2):
        producer.begin_transaction()
        producer.send(topic, b"%d" % number, partition=0)
        producer.commit_transaction()
    # Offsets 1 and 3 are marks.
    assert [reader.find_record(topic, 0, offset) for offset in range(5)] == [0, 2, 2, 4, 4]
    producer.close()


def test_a_reader_that_was_closed_can_be_asked_again(kafka: KafkaSettings, topic: str) -> None:
    reader = GapReader(kafka, print)
    assert reader.find_record(topic, 0, 0) == 0
    reader.close()
    assert reader.find_record(topic, 0, 0) == 0
    reader.close()
    reader.close()
