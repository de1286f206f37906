"""Letters for tests that read topics: made by hand, and put where the workers put them."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from connectors.cluster.message import write_headers
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import create_missing, plan_topics
from schemas.article import Article
from schemas.codec import encode
from schemas.letter import ARTICLES, CLEAN, INPUT, OUTCOMES, RAW, RAW_ID, Letter
from schemas.outcome import Ending, Outcome

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def create_topics(kafka: KafkaSettings) -> None:
    """Create all topics of `kafka`."""
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    create_missing(admin, plan_topics(kafka, keep_raw=14))
    admin.close()


def send(kafka: KafkaSettings, letters: Iterable[Letter]) -> None:
    """Send the letters and wait until the broker has them."""
    producer = KafkaProducer(
        bootstrap_servers=kafka.bootstrap, compression_type="zstd", max_request_size=2**23
    )
    for letter in letters:
        producer.send(
            kafka.topic(letter.topic),
            key=letter.key.encode(),
            value=letter.value,
            headers=write_headers(letter),
        )
    producer.flush()
    producer.close()


def commit_work(kafka: KafkaSettings, *topics: str) -> None:
    """Do as if the workers had come to the end of the topics, raw and clean without any."""
    client = KafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=kafka.app, enable_auto_commit=False)
    for topic in topics or (RAW, CLEAN):
        name = kafka.topic(topic)
        places = [TopicPartition(name, number) for number in client.partitions_for_topic(name)]
        ends = client.end_offsets(places)
        client.assign(places)
        client.commit({place: OffsetAndMetadata(end, "", -1) for place, end in ends.items() if end})
    client.close(autocommit=False)


def read_topic(kafka: KafkaSettings, topic: str) -> list[bytes]:
    """Return all values of a topic, those of one partition in their order."""
    client = KafkaConsumer(bootstrap_servers=kafka.bootstrap, enable_auto_commit=False)
    name = kafka.topic(topic)
    places = [TopicPartition(name, number) for number in client.partitions_for_topic(name)]
    client.assign(places)
    client.seek_to_beginning()
    ends = client.end_offsets(places)
    found: list[bytes] = []
    while any(client.position(place) < ends[place] for place in places):
        for records in client.poll(500).values():
            found += [record.value for record in records]
    client.close(autocommit=False)
    return found


def make_raw(number: int, text: str = "") -> Letter:
    """Return a delivery; nobody here looks into it."""
    raw_id = f"{number:032x}"
    headers = {INPUT: f"a.jsonl:{number}", RAW_ID: raw_id}
    return Letter(RAW, f"host{number % 7}.example", (text or f"delivery {number}").encode(), headers)


def make_outcome(number: int, outcome: Ending = "published", **fields: Any) -> Letter:
    """Return the outcome of delivery `number`."""
    raw_id = f"{number:032x}"
    record = Outcome(input=f"a.jsonl:{number}", raw_id=raw_id, outcome=outcome, **fields)
    return Letter(OUTCOMES, raw_id, encode(record), {INPUT: record.input, RAW_ID: raw_id})


def make_article(number: int, revision: int = 1, text: str = "A harbour, and a ferry.") -> Letter:
    """Return a revision of article `number`."""
    article_id = f"{number:032x}"
    record = Article(
        article_id=article_id, revision=revision, url=f"https://host.example/{number}", text=text,
        content_hash=article_id, source="a.jsonl", raw_id=f"{number:032x}", fetched_at=NOW,
        processed_at=NOW, versions={},
    )  # fmt: skip
    headers = {INPUT: f"a.jsonl:{number}", RAW_ID: record.raw_id}
    return Letter(ARTICLES, article_id, encode(record), headers)


def make_events(count: int) -> list[Letter]:
    """Return articles, with revisions, and their outcomes; some of them stand there twice."""
    chance = random.Random(4)
    letters: list[Letter] = []
    for number in range(count):
        article, revision = (number - 7, 2) if number % 11 == 10 else (number, 1)
        text = "A ferry came in, with news of the islands. " * chance.randrange(1, 60)
        ending: Ending = "revised" if revision > 1 else "published"
        outcome = make_outcome(number, ending, revision=revision, article_id=f"{article:032x}")
        event = [make_article(article, revision, text), outcome]
        letters += event * (2 if number % 10 == 3 else 1)
        if number % 100 == 99:  # a worker that was killed does its last events again
            letters += letters[-40:]
    return letters
