"""What each consumer of docs/quickstart has to do, and the topics on which naba has published for them."""

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, DUPLICATES, OUTCOMES, Letter
from tests.consumer import Consumer, Program
from tests.faults.cluster import Cluster
from tests.letters import create_topics, make_article, read_topic, send
from tests.news import make_inputs

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "docs" / "quickstart"
DELETED = "d" * 32
_TAKEN = 150  # lines; then nobody reads what it prints, and it stands still within the next hundred


@pytest.fixture(scope="module")
def published(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """The settings of a cluster on which a worker has published the demo's articles and a hundred others.

    Behind them stand a deletion, and an article of 6 MB with a field that nobody knows.
    """
    mine = f"t{uuid.uuid4().hex[:12]}."
    kafka = KafkaSettings(bootstrap=broker, topic_prefix=mine, group_prefix=mine, partitions=4)
    demo = (ROOT / "streams" / "demo" / "articles.jsonl").read_bytes().splitlines()
    with Cluster(kafka, tmp_path_factory.mktemp("published")) as cluster:
        assert cluster.push([*demo, *make_inputs(100)]).wait() == 0
        cluster.start_workers(1)
        cluster.finish()
    deletion = Letter(ARTICLES, DELETED, None, {})  # type: ignore[arg-type]
    # Half as large when compressed: more than clients fetch at once unless they are told.
    send(kafka, [deletion, make_unfamiliar(random.Random(7).randbytes(3_000_000).hex())])
    yield kafka
    with closing(KafkaAdminClient(bootstrap_servers=broker.split(","))) as admin:
        admin.delete_topics([topic for topic in admin.list_topics() if mine in topic])


def make_unfamiliar(text: str = "A ferry has a new name.") -> Letter:
    """Return an article that is on no topic yet, with fields as a later naba may have them."""
    article = make_article(uuid.uuid4().int, text=text)
    record = json.loads(article.value) | {"mood": {"calm": 0.7}, "title": f"الميناء {article.key}"}
    return replace(article, value=json.dumps(record).encode())


def tell(value: bytes | None) -> str:
    """Return the line that is to be printed for a message of articles or duplicates."""
    if value is None:
        return f"deleted\t{DELETED}"
    record = json.loads(value)
    line = f"{record['published_at'] or record['fetched_at']}\t{record['language']}\t{record['title'] or '-'}"
    return line if record["schema"] == "article.v1" else f"{line}\tcopy of {record['duplicate_of']}"


def check_articles(program: Program, kafka: KafkaSettings) -> None:
    """Pass where it prints every article once, and when it is started again only what is new."""
    topic = {"BOOTSTRAP": kafka.bootstrap, "TOPIC": kafka.topic(ARTICLES), "GROUP": f"g{uuid.uuid4().hex}"}
    expected = [tell(value) for value in read_topic(kafka, ARTICLES)]
    assert sum(line.startswith("2026-") for line in expected) >= count_outcomes(kafka, "published", "revised")
    with Consumer(program, topic) as consumer:
        assert Counter(consumer.read(len(expected))) == Counter(expected)
        assert consumer.press_ctrl_c() == (program.code, [])
    new = make_unfamiliar()
    send(kafka, [new])
    with Consumer(program, topic) as consumer:
        assert consumer.read(1) == [tell(new.value)]
        assert consumer.press_ctrl_c() == (program.code, [])


def check_copies(program: Program, kafka: KafkaSettings) -> None:
    """Pass where it tells of every copy whose it is."""
    expected = [tell(value) for value in read_topic(kafka, DUPLICATES)]
    assert len(expected) == count_outcomes(kafka, "duplicate") > 5
    topic = {"BOOTSTRAP": kafka.bootstrap, "TOPIC": kafka.topic(DUPLICATES), "GROUP": f"g{uuid.uuid4().hex}"}
    with Consumer(program, topic) as consumer:
        assert Counter(consumer.read(len(expected))) == Counter(expected)
        assert consumer.press_ctrl_c() == (program.code, [])


def check_kill(program: Program, kafka: KafkaSettings) -> None:
    """Pass where a program that is killed at its work, and started again, has printed every article."""
    create_topics(kafka)
    expected = [make_unfamiliar() for _ in range(400)]  # a hundred a partition: one poll brings all four
    send(kafka, expected)
    topic = {"BOOTSTRAP": kafka.bootstrap, "TOPIC": kafka.topic(ARTICLES), "GROUP": f"g{uuid.uuid4().hex}"}
    with Consumer(program, topic, stop_after=_TAKEN) as consumer:
        printed = consumer.kill(_TAKEN)
    wanted = {tell(letter.value) for letter in expected}
    assert _TAKEN <= len(printed) < len(expected)
    with Consumer(program, topic) as consumer:
        printed |= consumer.read_until(wanted - printed)
    assert wanted - printed == set()


def count_outcomes(kafka: KafkaSettings, *endings: str) -> int:
    """Return how many deliveries have come to one of these ends."""
    return sum(json.loads(value)["outcome"] in endings for value in read_topic(kafka, OUTCOMES))
