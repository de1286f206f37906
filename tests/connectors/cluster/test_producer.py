"""Letters on their way to a real broker: bounded, in order, and told as safe when they are."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.consumer.fetcher import ConsumerRecord

from connectors.cluster.connect import connect
from connectors.cluster.producer import MAX_BYTES, MAX_LETTERS, LetterProducer
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import create_missing, plan_topics
from schemas.letter import INPUT, RAW, Letter
from schemas.limits import MAX_LETTER
from schemas.wrong_use import WrongUse
from tests.broker import OwnBroker

pytestmark = pytest.mark.slow

WORDS = "the harbour office told boats of northern pier to wait for tide and they waited 1 2 3 4 5".split()


@contextmanager
def open_admin(kafka: KafkaSettings) -> Iterator[KafkaAdminClient]:
    admin = connect(KafkaAdminClient, kafka, print, 30)
    try:
        yield admin
    finally:
        admin.close()


def make_topics(kafka: KafkaSettings) -> None:
    with open_admin(kafka) as admin:
        create_missing(admin, plan_topics(kafka, 14))


def make_letters(count: int, size: int = 20_000) -> list[Letter]:
    """Return letters of 40 sites, each with its number as its input and its text about that large."""
    chance = random.Random(11)
    page = " ".join(chance.choices(WORDS, k=size))
    starts = [chance.randrange(len(page) // 2) for _ in range(count)]
    return [
        Letter(RAW, f"site{number % 40}", page[start : start + size].encode(), {INPUT: str(number)})
        for number, start in enumerate(starts)
    ]


def read_all(kafka: KafkaSettings, topic: str = RAW) -> list[ConsumerRecord]:
    """Return all records of the topic, each partition in its order."""
    consumer = connect(KafkaConsumer, kafka, print, 30, group_id=None, max_partition_fetch_bytes=8 << 20)
    name = kafka.topic(topic)
    parts = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name)]
    consumer.assign(parts)
    consumer.seek_to_beginning()
    ends, found = consumer.end_offsets(parts), []
    until = time.monotonic() + 60
    while any(consumer.position(part) < end for part, end in ends.items()):
        assert time.monotonic() < until
        for records in consumer.poll(timeout_ms=500).values():
            found += records
    consumer.close()
    return found


def inputs_of(records: list[ConsumerRecord]) -> list[str]:
    return [dict(record.headers)[INPUT].decode() for record in records]


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_letters_are_told_in_their_order_and_stand_on_the_topic_as_they_were(kafka: KafkaSettings) -> None:
    make_topics(kafka)
    letters = make_letters(500)
    told: list[Letter] = []
    producer = LetterProducer(kafka, told.append, print)
    for letter in letters:
        producer.send(letter)
    producer.flush()
    producer.close()
    assert told == letters
    records = read_all(kafka)
    by_input = {letter.headers[INPUT]: letter for letter in letters}
    for record in records:
        letter = by_input.pop(dict(record.headers)[INPUT].decode())
        assert (record.key, record.value) == (letter.key.encode(), letter.value)
    assert by_input == {}
    assert all(record.timestamp_type == 1 for record in records)  # when the broker took it


def test_a_broker_that_is_killed_and_comes_back_costs_no_letter_and_no_order(own_broker: OwnBroker) -> None:
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=4)
    make_topics(kafka)
    letters, told, said = make_letters(6000), list[str](), list[str]()

    def push() -> None:
        producer = LetterProducer(kafka, lambda letter: told.append(letter.headers[INPUT]), said.append)
        for letter in letters:
            producer.send(letter)
        producer.flush()
        producer.close()

    pushing = threading.Thread(target=push, daemon=True)
    pushing.start()
    wait_until(lambda: len(told) >= 1500)
    broker.kill()
    time.sleep(1)
    at_most, away = len(told), time.monotonic()
    time.sleep(7)
    assert len(told) == at_most < len(letters) - MAX_LETTERS / 2
    broker.start()
    pushing.join(60)
    assert not pushing.is_alive()
    print(f"back after {time.monotonic() - away:.1f} s", said)

    assert told == [letter.headers[INPUT] for letter in letters]
    inputs = inputs_of(read_all(kafka))
    doubles = len(inputs) - len(set(inputs))
    print(f"{doubles} doubles")
    assert set(inputs) == set(told)
    assert doubles == 0
    for site in range(40):
        of_site = [int(one) for one in dict.fromkeys(inputs) if int(one) % 40 == site]
        assert of_site == sorted(of_site)
    assert 1 <= len(said) <= 4, said
    assert "waiting" in said[0]
    assert broker.bootstrap in said[0]


def test_what_is_on_its_way_is_bounded_in_number_and_bytes(kafka: KafkaSettings) -> None:
    make_topics(kafka)
    on_their_way: deque[int] = deque()
    producer = LetterProducer(kafka, lambda _letter: on_their_way.popleft(), print, linger_ms=200)
    most = most_bytes = 0
    for letter in make_letters(3000, 100) + make_letters(600, 200_000):
        producer.send(letter)
        on_their_way.append(letter.size)
        most, most_bytes = max(most, len(on_their_way)), max(most_bytes, sum(on_their_way))
    producer.flush()
    producer.close()
    assert MAX_LETTERS / 2 < most <= MAX_LETTERS
    assert MAX_BYTES / 2 < most_bytes <= MAX_BYTES


def test_the_largest_letter_that_a_source_makes_passes(kafka: KafkaSettings) -> None:
    make_topics(kafka)
    told: list[Letter] = []
    letter = Letter(RAW, "site", random.Random(7).randbytes(MAX_LETTER - 100), {INPUT: "1"})
    producer = LetterProducer(kafka, told.append, print)
    producer.send(letter)
    producer.flush()
    producer.close()
    assert told == [letter]
    assert [record.value for record in read_all(kafka)] == [letter.value]


def test_a_poisoned_client_is_replaced_and_all_letters_arrive_in_order(kafka: KafkaSettings) -> None:
    make_topics(kafka)
    letters, told, said = make_letters(3000), list[Letter](), list[str]()

    def poison(letter: Letter) -> None:
        told.append(letter)
        if len(told) == 700:
            # What the client does to itself when a broker refuses one record of an idempotent sender.
            producer._producer._transaction_manager.transition_to_fatal_error(errors.KafkaError("poison"))

    producer = LetterProducer(kafka, poison, said.append)
    for letter in letters:
        producer.send(letter)
    producer.flush()
    producer.close()
    assert told == letters
    assert producer.sent_again > 0
    assert len(said) == 1
    assert "a new one sends" in said[0]
    inputs = inputs_of(read_all(kafka))
    assert set(inputs) == {letter.headers[INPUT] for letter in letters}
    assert len(inputs) - len(set(inputs)) <= producer.sent_again
    for site in range(40):
        of_site = [int(one) for one in dict.fromkeys(inputs) if int(one) % 40 == site]
        assert of_site == sorted(of_site)


def test_a_letter_that_its_topic_does_not_take_is_named_and_those_before_it_are_safe(
    kafka: KafkaSettings,
) -> None:
    make_topics(kafka)
    name = kafka.topic(RAW)
    with open_admin(kafka) as admin:
        small = ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "100000"})
        admin.alter_configs([small])
    told: list[Letter] = []
    letters = make_letters(300)
    large = Letter(RAW, "site1", random.Random(7).randbytes(200_000), {INPUT: "large"})
    producer = LetterProducer(kafka, told.append, print, batch_size=16_384)
    with pytest.raises(WrongUse, match=rf"{name}: a letter of {large.size} bytes .*`naba topics`"):  # noqa: PT012
        for letter in (*letters[:200], large, *letters[200:]):
            producer.send(letter)
        producer.flush()
    producer.close()
    assert told == letters[:200]
    assert set(inputs_of(read_all(kafka))) >= {letter.headers[INPUT] for letter in told}


def test_a_topic_that_is_not_there_is_told_and_not_waited_for(kafka: KafkaSettings) -> None:
    producer = LetterProducer(kafka, lambda _letter: None, print)
    begun = time.monotonic()
    with pytest.raises(WrongUse, match=rf"no such topic: {kafka.topic(RAW)}; `naba topics`"):
        producer.send(make_letters(1)[0])
    producer.close()
    assert time.monotonic() - begun < 15


def test_a_topic_that_is_deleted_meanwhile_is_told_and_not_waited_for(kafka: KafkaSettings) -> None:
    make_topics(kafka)
    producer = LetterProducer(kafka, lambda _letter: None, print)
    producer.send(make_letters(1)[0])
    producer.flush()
    with open_admin(kafka) as admin:
        admin.delete_topics([kafka.topic(RAW)])
        wait_until(lambda: kafka.topic(RAW) not in admin.list_topics())
    begun = time.monotonic()
    with pytest.raises(WrongUse, match="no such topic"):  # noqa: PT012
        for letter in make_letters(10):
            producer.send(letter)
        producer.flush()
    producer.close()
    assert time.monotonic() - begun < 15


def test_it_ends_within_seconds_while_the_broker_is_away(own_broker: OwnBroker) -> None:
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=4)
    make_topics(kafka)
    producer = LetterProducer(kafka, lambda _letter: None, print)
    producer.send(make_letters(1)[0])
    producer.flush()
    broker.kill()
    producer.send(make_letters(1)[0])
    begun = time.monotonic()
    producer.close()
    assert time.monotonic() - begun < 3
    assert producer.acked == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("naba")]
