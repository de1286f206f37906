"""The AsyncAPI document: every topic, key, header and record, and nothing beside it needed."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import plan_topics
from schemas.contract.topics import TOPICS
from schemas.event import describe
from schemas.event_types import EVENT_TYPES
from schemas.headers import HEADERS
from schemas.letter import (
    ARTICLES,
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_TIME,
    CE_TYPE,
    CLEAN,
    DUPLICATES,
    ORIGINAL,
    SCHEMA,
    TRACEPARENT,
    TRACESTATE,
    Letter,
)
from tests.clients.asyncapi.subscriber import Subscriber
from tests.faults.cluster import Cluster
from tests.letters import send
from tests.news import make_inputs

ROOT = Path(__file__).parents[3]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "schemas" / "asyncapi.json").read_text(encoding="utf-8"))
PUBLIC = [topic.name for topic in TOPICS]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def follow(reference: str) -> Any:
    found: Any = DOCUMENT
    assert reference.startswith("#/")
    for part in reference[2:].split("/"):
        found = found[part]
    return found


def headers_of(topic: str, of: str = "headers") -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][f"{topic}.{of}"]
    return found


def test_every_public_topic_is_a_channel_and_the_internal_one_is_none() -> None:
    planned = {topic.name: topic for topic in plan_topics(KafkaSettings(), keep_raw=14)}
    channels = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
    news = {name for name in planned if name.startswith("news.")}
    assert set(channels) == news - {CLEAN}
    for address, channel in channels.items():
        policy = channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        assert policy == [planned[address].configs["cleanup.policy"]]


def test_what_a_topic_holds_and_how_long_is_what_the_page_on_kafka_says() -> None:
    page = (ROOT / "docs" / "kafka.md").read_text(encoding="utf-8")
    for topic in TOPICS:
        row = re.search(rf"^\| `{re.escape(topic.name)}` \| (.*) \| (.*) \| (.*) \|$", page, re.MULTILINE)
        assert row is not None
        assert topic.key_meaning.startswith(row[1])
        assert (row[2], row[3]) == (topic.holds, topic.kept)


def test_every_reference_leads_somewhere_in_the_document() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 20
    for reference in found:
        assert isinstance(follow(reference), dict)
    # An $id would make the references of a schema lead out of the document.
    assert '"$id"' not in json.dumps(DOCUMENT)


def test_every_topic_can_be_read_and_deliveries_can_be_written() -> None:
    actions = {
        (one["action"], follow(one["channel"]["$ref"])["address"]) for one in DOCUMENT["operations"].values()
    }
    assert actions == {*(("receive", topic) for topic in PUBLIC), ("send", "news.raw.v1")}
    for one in DOCUMENT["operations"].values():
        offered = [message["$ref"] for message in follow(one["channel"]["$ref"])["messages"].values()]
        named = [follow(message["$ref"])["$ref"] for message in one["messages"]]
        assert named == (offered if one["action"] == "receive" else offered[:1])


@pytest.mark.parametrize("topic", PUBLIC)
def test_the_headers_of_a_topic_are_those_of_the_table(topic: str) -> None:
    told = headers_of(topic)
    here = {header.name: header for header in HEADERS if topic in (*header.always, *header.sometimes)}
    events = [event for event in EVENT_TYPES if event.topic == topic and not event.deletes]
    patterned = {ORIGINAL} & set(here)
    assert set(told["properties"]) == set(here) - patterned
    assert set(told.get("patternProperties", {})) == {f"^{name}" for name in patterned}
    assert all(event.time in told["properties"][CE_TIME]["description"] for event in events)
    assert told["properties"][CE_TYPE]["examples"] == [event.name for event in events]
    for name, described in told["properties"].items():
        assert name in (CE_TYPE, CE_TIME) or here[name].meaning[1:] in described["description"]
        assert ("every message" in described["description"]) == (topic in here[name].always)
        assert jsonschema_rs.is_valid(described, described["examples"][0])
    assert "required" not in told  # a letter from before a header was added is as good


@pytest.mark.parametrize("topic", [ARTICLES, DUPLICATES])
def test_the_headers_of_a_deletion_are_those_that_it_has(topic: str) -> None:
    told = headers_of(topic, "deletion.headers")["properties"]
    letter = Letter(topic, "9" * 32, b"", {})
    always = {name for name, one in told.items() if "every message" in one["description"]}
    assert always == set(describe(letter, datetime.now(UTC)))
    assert set(told) - always == {TRACEPARENT, TRACESTATE}
    assert told[CE_TYPE]["examples"] == [
        event.name for event in EVENT_TYPES if (event.topic, event.deletes) == (topic, True)
    ]


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_every_message_says_its_key_and_what_its_value_is(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    assert message["bindings"]["kafka"]["key"]["type"] == "string"
    bytes_of_others = message.get("contentType") == "application/octet-stream"
    assert bytes_of_others != ("payload" in message)
    assert bytes_of_others == (name in ("dead", "unread"))


WIRE = sorted(
    path for path in (ROOT / "tests" / "wire").rglob("*.letter.json") if path.parent.name != "cleaned"
)


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}: {path.name}") for path in WIRE])
def test_a_program_that_knows_the_document_alone_knows_every_letter(path: Path) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    value = path.with_name(path.name.replace(".letter.json", ".value")).read_bytes()
    name = Subscriber(DOCUMENT).recognize(told["topic"], value, told["headers"])
    unread = told["headers"].get("naba-unread", "")
    of_raw = {"": "delivery", "withdrawn": "withdrawal"}.get(unread, "unread")
    assert name == (of_raw if path.parent.name == "raw" else path.parent.name)


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}: {path.name}") for path in WIRE])
def test_the_examples_of_a_header_look_like_what_stands_there(path: Path) -> None:
    letter = json.loads(path.read_text(encoding="utf-8"))
    properties = headers_of(letter["topic"])["properties"]
    for name in (CE_ID, CE_SOURCE, SCHEMA, CE_DATASCHEMA):
        if (made := letter["headers"].get(name)) is not None:
            shapes = {write_shape(example) for example in properties[name]["examples"]}
            assert write_shape(made) in shapes or made == "/naba", name


def write_shape(text: str) -> str:
    """Return the text without what differs from letter to letter: ids, revisions, names of sources."""
    return re.sub(r"(?<=^/naba/).*|[0-9a-f]{32}|(?<=\.)[0-9]+$", "…", text)


def test_a_deletion_is_recognized_and_what_is_no_record_of_its_topic_is_not() -> None:
    subscriber = Subscriber(DOCUMENT)
    assert subscriber.recognize("news.articles.v1", None, {}) == "deletion"
    assert subscriber.recognize("news.articles.v1", b'{"schema":"outcome.v1"}', {}) is None
    assert subscriber.recognize("news.duplicates.v1", None, {}) == "deletedDuplicate"
    assert subscriber.recognize("news.dead.v1", b"\xff\x00", {}) == "dead"


def test_what_an_archive_could_not_have_is_a_record_without_content() -> None:
    raw = next((ROOT / "tests" / "wire" / "raw").glob("*-text.value")).read_bytes()
    record = json.dumps(json.loads(raw) | {"content": ""}).encode()
    recognized = Subscriber(DOCUMENT).recognize("news.raw.v1", record, {"naba-unread": "http_error"})
    assert recognized == "httpError"


@pytest.mark.slow
def test_a_program_that_knows_the_document_alone_reads_every_topic(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    lines = [*make_inputs(120), b'{"text": "Too short."}']
    with Cluster(kafka, tmp_path) as cluster:
        assert cluster.push(lines).wait() == 0
        cluster.start_workers(1)
        cluster.finish()
        send(kafka, [Letter(ARTICLES, "0" * 32, None, {})])  # type: ignore[arg-type]  # a deletion
        program = ROOT / "tests" / "clients" / "asyncapi" / "subscriber.py"
        document = ROOT / "schemas" / "asyncapi.json"
        called = [sys.executable, str(program), str(document), kafka.bootstrap, kafka.topic_prefix]
        read = subprocess.run(called, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    counts = json.loads(read.stdout)
    assert {topic: set(kinds) for topic, kinds in counts.items()} == {
        "news.raw.v1": {"delivery", "unread"},
        "news.articles.v1": {"article", "deletion"},
        "news.duplicates.v1": {"duplicate"},
        "news.rejected.v1": {"rejection"},
        "news.outcomes.v1": {"outcome"},
        "news.dead.v1": {"dead"},
    }
    assert sum(counts["news.raw.v1"].values()) == sum(counts["news.outcomes.v1"].values()) == len(lines)


def test_that_program_imports_nothing_of_naba() -> None:
    program = (ROOT / "tests" / "clients" / "asyncapi" / "subscriber.py").read_text(encoding="utf-8")
    assert re.findall(r"^(?:from|import) (?:schemas|connectors|streams|tests)\b", program, re.MULTILINE) == []
