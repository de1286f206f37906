"""A real Kafka: started, used, killed and started again."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaTimeoutError

from connectors.broker.archive import Archive
from connectors.broker.broker import Broker
from connectors.broker.ports import find_port
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


def test_another_broker_on_its_folder_finds_its_topics(own_broker: OwnBroker, tmp_path: Path) -> None:
    first: Broker = own_broker(data=tmp_path / "أخبار, a\\b= c")
    create(first.bootstrap, "kept")
    send(first.bootstrap, "kept", [b"one"])
    first.stop()
    second = own_broker(data=first.data)
    assert second.bootstrap != first.bootstrap
    assert read(second.bootstrap, "kept", 1) == [b"one"]


def test_a_topic_is_there_only_when_somebody_made_it(kafka: KafkaSettings) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap.split(","), max_block_ms=1500)
    with pytest.raises(KafkaTimeoutError):
        producer.send(kafka.topic("never-made"), b"one").get(timeout=5)
    producer.close(timeout=0)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap.split(","))
    assert kafka.topic("never-made") not in admin.list_topics()
    admin.close()


def test_the_largest_letter_fits(kafka: KafkaSettings) -> None:
    topic = kafka.topic("large")
    create(kafka.bootstrap, topic)
    large = b"x" * (7 * 1024 * 1024)
    send(kafka.bootstrap, topic, [large])
    assert read(kafka.bootstrap, topic, 1) == [large]


def test_what_is_given_goes_over_what_is_written(own_broker: OwnBroker) -> None:
    port = find_port()
    broker = own_broker(
        properties={
            "log.retention.ms": "4321",
            "listeners": f"INSIDE://127.0.0.1:{port}",
            "listener.security.protocol.map": "INSIDE:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.inside.plain.sasl.jaas.config": (
                "org.apache.kafka.common.security.plain.PlainLoginModule required "
                'user_reader="secret of the test";'
            ),
        }
    )
    create(broker.bootstrap, "kept")
    text = (broker.data / "node-1" / "server.properties").read_text()
    assert Counter(line.partition("=")[0] for line in text.splitlines())["log.retention.ms"] == 1
    assert "log.retention.ms=4321" in text
    admin = KafkaAdminClient(
        bootstrap_servers=[f"127.0.0.1:{port}"],
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username="reader",
        sasl_plain_password="secret of the test",
    )
    assert "kept" in admin.list_topics()
    admin.close()


def test_of_three_nodes_one_is_killed_and_no_send_fails(own_broker: OwnBroker) -> None:
    broker = own_broker(nodes=3)
    create(broker.bootstrap, "kept", copies=3, partitions=3)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap.split(","))
    promises = []
    pause = threading.Event()
    for number in range(900):
        promises.append(producer.send("kept", b"%d" % number))
        if number == 300:
            broker.nodes[1].kill()
        pause.wait(0.005)
    assert [promise.get(timeout=30) for promise in promises if promise.failed()] == []
    producer.flush(timeout=30)
    assert all(promise.succeeded() for promise in promises)
    producer.close()
    broker.start()  # the one that is missing
    assert all(node.pid for node in broker.nodes)
    assert len(set(read(broker.bootstrap, "kept", 900))) == 900


@pytest.mark.parametrize("damage", ["empty", "cut in two", "one byte is another"])
def test_kafka_starts_with_an_archive_that_is_broken(
    damage: str, own_broker: OwnBroker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "archive"
    flags = Archive.flags

    def damaged(archive: Archive) -> list[str]:
        content = bytearray(archive.path.read_bytes())
        content[len(content) // 2] ^= 255
        keep = {"empty": 0, "cut in two": len(content) // 2, "one byte is another": len(content)}[damage]
        broken.write_bytes(content[:keep])
        return [flag.replace(str(archive.path), str(broken)) for flag in flags(archive)]

    monkeypatch.setattr(Archive, "flags", damaged)
    monkeypatch.setattr(Archive, "forget", lambda _: broken.unlink())
    create(own_broker().bootstrap, "there")
