"""A real Kafka: started, used, killed and started again."""

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings
from tests.broker import OwnBroker

pytestmark = pytest.mark.slow


def create(bootstrap: str, topic: str, *, copies: int = 1, partitions: int = 2) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    admin.create_topics([NewTopic(topic, partitions, copies)])
    admin.close()


def send(bootstrap: str, topic: str, values: list[bytes]) -> None:
    """Send all and return when the broker has acknowledged each."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), max_request_size=8 * 1024 * 1024)
    promises = [producer.send(topic, value) for value in values]
    for promise in promises:
        promise.get(timeout=30)
    producer.close()


def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap.split(","),
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    found = []
    for message in consumer:
        found.append(message.value)
        if len(found) == count:
            break
    consumer.close()
    return found


def test_what_is_sent_is_read(kafka: KafkaSettings) -> None:
    topic = kafka.topic("sent")
    create(kafka.bootstrap, topic)
    values = [b"%d" % number for number in range(100)]
    send(kafka.bootstrap, topic, values)
    assert sorted(read(kafka.bootstrap, topic, 100)) == sorted(values)


def test_nothing_acknowledged_is_missing_after_a_kill(own_broker: OwnBroker) -> None:
    broker = own_broker()
    bootstrap = broker.bootstrap
    create(bootstrap, "kept")
    values = [b"%d" % number for number in range(5000)]
    send(bootstrap, "kept", values)
    broker.kill()
    broker.start()
    assert broker.bootstrap == bootstrap
    assert sorted(read(bootstrap, "kept", 5000)) == sorted(values)


def test_another_broker_on_its_folder_finds_its_topics(own_broker: OwnBroker) -> None:
    first: Broker = own_broker()
    create(first.bootstrap, "kept")
    send(first.bootstrap, "kept", [b"one"])
    first.stop()
    second = own_broker(data=first.data)
    assert second.bootstrap != first.bootstrap
    assert read(second.bootstrap, "kept", 1) == [b"one"]
