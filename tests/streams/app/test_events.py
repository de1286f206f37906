"""Every message on the topics is an event, whatever it follows from and however often it comes."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from connectors.cluster.settings import KafkaSettings
from connectors.sources.files import FilesSource
from schemas.event import describe
from schemas.headers import HEADERS
from schemas.letter import (
    ARTICLES,
    ATTEMPT,
    CE_ID,
    CE_SOURCE,
    CE_SUBJECT,
    CE_TIME,
    CE_TYPE,
    CONTENT_TYPE,
    DEAD,
    DUPLICATES,
    ERROR_CONNECTOR,
    ERROR_EXCEPTION,
    ERROR_OFFSET,
    ERROR_PARTITION,
    ERROR_STACKTRACE,
    ERROR_STAGE,
    ERROR_TOPIC,
    FIRST_FAILED_AT,
    INPUT,
    ORIGINAL,
    OUTCOMES,
    RAW,
    RAW_ID,
    REASON,
    REJECTED,
    TRACEPARENT,
    TRACESTATE,
    Letter,
)
from streams.embedded.store import Store
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines, make_page, write_lines
from tests.faults.log import Log, Record
from tests.faults.parity import run_embedded
from tests.faults.process import do_harm
from tests.letters import send

pytestmark = pytest.mark.slow

TOPICS = (RAW, ARTICLES, DUPLICATES, REJECTED, OUTCOMES, DEAD)
LINES = [
    *make_lines(40),
    b'{"url": "https://wire1.example/short", "text": "too short"}',
    b'["a list"]',
    b"\xff\xfe no JSON at all",
    make_page("raise", 3, 0),
    make_page("exit", 3, 1),
]
# Of another program: with headers of its own, a trace that is none, and bytes that are no record.
FOREIGN = Letter(
    RAW,
    "foreign.example",
    b"\x00\x01 as it came \xff",
    {CE_ID: "7", CE_TYPE: "ferry.late", CONTENT_TYPE: "text/csv", "x-own": "1", TRACEPARENT: "00-none-01"},
)
NAMES = {header.name for header in HEADERS}


@dataclass(frozen=True)
class Event:
    """A message as CloudEvents' own reader takes it, beside the message."""

    topic: str
    record: Record
    source: str
    id: str
    data: object


def read_events(cluster: Cluster, topic: str) -> list[Event]:
    """Return all events of a topic; fails where a message is none, or lacks a header of the table."""
    promised = {header.name for header in HEADERS if topic in header.always}
    name = cluster.kafka.topic(topic)
    # By the client itself: what other readers of the tests return of raw has been completed.
    client = KafkaConsumer(bootstrap_servers=cluster.kafka.bootstrap, enable_auto_commit=False)
    places = [TopicPartition(name, number) for number in client.partitions_for_topic(name)]
    client.assign(places)
    client.seek_to_beginning()
    ends = client.end_offsets(places)
    found = []
    while any(client.position(place) < end for place, end in ends.items()):
        for records in client.poll(500).values():
            for record in records:
                texts = {name: value.decode() for name, value in record.headers}
                if texts.get(CE_TYPE) == FOREIGN.headers[CE_TYPE]:
                    continue
                event = from_binary(
                    KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat()
                )
                assert promised <= texts.keys()
                at = record.timestamp / 1000
                message = Record(record.partition, record.offset, at, record.key, texts, record.value)
                found.append(Event(topic, message, event.get_source(), event.get_id(), event.get_data()))
    client.close(autocommit=False)
    return found


def trace_of(number: int) -> dict[str, str]:
    return {
        TRACEPARENT: f"00-{number + 1:032x}-b7ad6b7169203331-01",
        TRACESTATE: f"harbour={number},ferry=a:b/c",
    }


def send_traced(cluster: Cluster, lines: list[bytes]) -> dict[str, dict[str, str]]:
    """Send the lines as `naba push` does, each with a trace; return it by the input of its line."""
    cluster.deliveries += write_lines(cluster.folder / "traced.jsonl", lines)
    traces, letters = {}, []
    for number, letter in enumerate(FilesSource([str(cluster.folder / "traced.jsonl")]).poll()):
        input = letter.headers[INPUT].rpartition("/")[2]
        traces[input] = trace_of(number)
        letters.append(replace(letter, headers={**letter.headers, INPUT: input, **traces[input]}))
    send(cluster.kafka, letters)
    return traces


def send_foreign(cluster: Cluster) -> tuple[int, int]:
    producer = KafkaProducer(bootstrap_servers=cluster.kafka.bootstrap)
    headers = [(name, text.encode()) for name, text in FOREIGN.headers.items()]
    at = producer.send(
        cluster.kafka.topic(RAW), key=FOREIGN.key.encode(), value=FOREIGN.value, headers=headers
    ).get(timeout=60)
    producer.close()
    return at.partition, at.offset


def rewind(cluster: Cluster) -> None:
    """Once the group has no member any more, have all deliveries come again."""
    admin = KafkaAdminClient(bootstrap_servers=cluster.kafka.bootstrap)
    until = time.monotonic() + 60
    while admin.describe_groups([cluster.kafka.app])[cluster.kafka.app]["members"]:
        assert time.monotonic() < until
        time.sleep(0.3)
    admin.close()
    client = KafkaConsumer(
        bootstrap_servers=cluster.kafka.bootstrap, group_id=cluster.kafka.app, enable_auto_commit=False
    )
    name = cluster.kafka.topic(RAW)
    places = [TopicPartition(name, number) for number in client.partitions_for_topic(name)]
    client.assign(places)
    client.commit({place: OffsetAndMetadata(0, "", -1) for place in places})
    client.close(autocommit=False)


def group_by_event(events: Iterable[Event]) -> Mapping[tuple[str, str], list[Event]]:
    found = defaultdict(list)
    for event in events:
        found[event.source, event.id].append(event)
    return found


def read_record(event: Event) -> object:
    """Return what is the same whenever the event comes: not when it was worked on."""
    if not isinstance(event.data, dict):
        return event.record.value
    return {name: value for name, value in event.data.items() if name != "processed_at"}


def check_events(topics: Mapping[str, list[Event]]) -> None:
    """Check that what has one name is one event, and that what has two are two."""
    for same in group_by_event(event for events in topics.values() for event in events).values():
        first = same[0]
        assert {one.topic for one in same} == {first.topic}
        assert {one.record.key for one in same} == {first.record.key}
        assert {one.record.headers[CE_SUBJECT] for one in same} == {first.record.headers[CE_SUBJECT]}
        assert all(read_record(one) == read_record(first) for one in same)
    for topic in (RAW, REJECTED, OUTCOMES, DEAD):
        deliveries = {event.record.delivery for event in topics[topic]}
        assert len(group_by_event(topics[topic])) == len(deliveries)
    for topic in (ARTICLES, DUPLICATES):
        revisions = {orjson.dumps(read_record(event)) for event in topics[topic]}
        assert len(group_by_event(topics[topic])) == len(revisions)


def check_dead(cluster: Cluster, dead: list[Event], foreign: tuple[int, int]) -> None:
    raw = Log(cluster.kafka, cluster.kafka.topic(RAW))
    originals = {(record.partition, record.offset): record for record in raw.read_all()}
    raw.close()
    by_reason = defaultdict(list)
    for event in dead:
        headers = event.record.headers
        place = int(headers[ERROR_PARTITION]), int(headers[ERROR_OFFSET])
        original = originals[place]
        assert (event.record.key, event.record.value) == (original.key, original.value)
        assert headers[ERROR_TOPIC] == cluster.kafka.topic(RAW)
        assert headers[ERROR_CONNECTOR] == "naba"
        assert headers[CE_TIME] == headers[FIRST_FAILED_AT]
        assert abs(datetime.fromisoformat(headers[FIRST_FAILED_AT]).timestamp() - event.record.at) < 60
        if place == foreign:
            kept = {
                ORIGINAL + CE_ID: "7",
                ORIGINAL + CE_TYPE: "ferry.late",
                CONTENT_TYPE: "text/csv",
                "x-own": "1",
            }
            assert headers.items() >= kept.items()
            assert TRACEPARENT not in headers
        by_reason[headers[REASON]].append(headers)
    assert set(by_reason) == {"unreadable", "crashed", "killed"}
    assert foreign in {(int(one[ERROR_PARTITION]), int(one[ERROR_OFFSET])) for one in by_reason["unreadable"]}
    for headers in by_reason["crashed"]:
        assert (headers[ERROR_EXCEPTION], headers[ERROR_STAGE]) == ("RuntimeError", "TRANSFORMATION")
        assert "broken on purpose" in headers[ERROR_STACKTRACE]
        assert headers[ATTEMPT] == "1"
    assert {headers[ATTEMPT] for headers in by_reason["killed"]} == {"2"}


def test_every_message_is_an_event_that_is_the_same_when_a_killed_workers_work_comes_again(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    with Cluster(kafka, tmp_path) as cluster:
        worker = cluster.start_worker(environment=do_harm("stage"))
        push = cluster.push(LINES)
        traces = send_traced(cluster, LINES)
        foreign = send_foreign(cluster)
        cluster.wait_for(len(LINES))
        cluster.kill(worker)
        first = {topic: read_events(cluster, topic) for topic in TOPICS}
        rewind(cluster)
        cluster.start_worker(data=worker.data, environment=do_harm("stage"))
        cluster.finish()
        assert push.wait() == 0
        topics = {topic: read_events(cluster, topic) for topic in TOPICS}

    assert all(topics.values())
    check_events(topics)
    check_dead(cluster, topics[DEAD], foreign)
    for topic in TOPICS[1:]:  # what the first worker had sent came again
        before = {(event.record.partition, event.record.offset) for event in first[topic]}
        later = [
            event for event in topics[topic] if (event.record.partition, event.record.offset) not in before
        ]
        sent, again = group_by_event(first[topic]).keys(), group_by_event(later).keys()
        # (Of an article its newest revision alone does.)
        assert sent & again if topic in (ARTICLES, DUPLICATES) else sent <= again
    for events in topics.values():
        for event in events:
            headers = event.record.headers
            trace = {name: headers[name] for name in (TRACEPARENT, TRACESTATE) if name in headers}
            assert trace == traces.get(headers[INPUT], {})
            assert {name for name in headers if not name.startswith(ORIGINAL)} <= NAMES | {"x-own"}
    traced = {
        event.record.headers[INPUT] for event in topics[OUTCOMES] if TRACEPARENT in event.record.headers
    }
    assert traced == set(traces)


def test_what_an_embedded_store_knows_is_carried_over_as_events(tmp_path: Path, kafka: KafkaSettings) -> None:
    run_embedded(tmp_path / "run", LINES[:-2])
    with Store(str(tmp_path / "run" / "naba.db"), write=False) as store:
        dead = store.fetch("SELECT record, headers FROM dead")
        times = dict(store.fetch("SELECT raw_id, at FROM outcomes"))
    assert dead
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        assert cluster.start("push", "--from-db", str(tmp_path / "run" / "naba.db")).wait() == 0
        topics = {topic: read_events(cluster, topic) for topic in TOPICS}
    assert all(topics[topic] for topic in TOPICS[1:])
    check_events(topics)
    for event in topics[OUTCOMES] + topics[REJECTED]:
        assert event.record.headers[CE_TIME] == times[event.record.headers[RAW_ID]]
    carried = {event.record.headers[RAW_ID]: event.record for event in topics[DEAD]}
    for value, headers in dead:
        kept = orjson.loads(headers)
        record = carried[kept[RAW_ID]]
        assert record.value == value
        assert record.headers.items() >= kept.items()
        assert kept[ERROR_TOPIC] == RAW
        assert kept.keys() & {ERROR_PARTITION, ERROR_OFFSET} == set()
        assert kept.keys() >= {FIRST_FAILED_AT, ATTEMPT, ERROR_STAGE, ERROR_CONNECTOR}
        # On the cluster it would have been the same event.
        named = describe(Letter(DEAD, "", value, kept), datetime.now().astimezone())
        assert (record.headers[CE_ID], record.headers[CE_SOURCE]) == (named[CE_ID], named[CE_SOURCE])
