"""What a letter is as an event: by CloudEvents' own reader, the same every time, and no other's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article, Duplicate
from schemas.codec import encode
from schemas.dead import Cause, dead_letter
from schemas.event import describe
from schemas.event_types import EVENT_TYPES
from schemas.headers import HEADERS, ON_DELETIONS
from schemas.ids import raw_id
from schemas.letter import (
    ARTICLES,
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_SUBJECT,
    CE_TIME,
    CE_TYPE,
    CLEAN,
    CONTENT_TYPE,
    DEAD,
    DETAIL,
    DUPLICATES,
    INPUT,
    ORIGINAL,
    OUTCOMES,
    RAW,
    RAW_ID,
    REJECTED,
    SCHEMA,
    STAGE,
    UNREAD,
    VERSION,
    Letter,
    raw_letter,
    unread_letter,
    withdrawal_letter,
)
from schemas.outcome import Outcome, Rejection
from schemas.raw import RawArticle

NOW = datetime(2026, 3, 2, 12, 0, 0, 999_999, tzinfo=UTC)
FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://almarfa.example/ferry"
ID = "9f2c51d80a6e4b37bd10c28f7e9a3d45"


def make_raw(source: str = "harbour", content: str = "<p>تأخرت العبارة.</p>") -> RawArticle:
    return RawArticle(
        raw_id=raw_id(source, URL, content.encode(), None), source=source, url=URL, content=content,
        content_type="text/html", fetched_at=FETCHED,
    )  # fmt: skip


def make_story(kind: type[Article] | type[Duplicate] = Article, **fields: Any) -> Letter:
    topic = DUPLICATES if kind is Duplicate else ARTICLES
    story = kind(
        article_id=ID, text="A ferry.", content_hash="7" * 32, source="harbour", raw_id="1" * 32,
        fetched_at=FETCHED, versions={}, **fields,
    )  # fmt: skip
    return Letter(topic, ID, encode(story), {INPUT: URL, RAW_ID: "1" * 32})


def make_rejection() -> Letter:
    value = encode(Rejection(raw_id="1" * 32, stage="length", reason="too_short"))
    return Letter(REJECTED, "1" * 32, value, {INPUT: URL, RAW_ID: "1" * 32})


def make_outcome(input: str = URL) -> Letter:
    value = encode(Outcome(input=input, raw_id="1" * 32, outcome="published"))
    return Letter(OUTCOMES, "1" * 32, value, {INPUT: input, RAW_ID: "1" * 32})


def kill(letter: Letter, stage: str = "read") -> Letter:
    return dead_letter(letter, Cause(stage=stage, reason="crashed", detail="as asked"), FETCHED)


DELIVERY = raw_letter(URL, make_raw())
UNREADABLE = unread_letter("news/today.jsonl:17", "files", b'{"title": \xff', "unreadable", "no JSON")
LETTERS = {
    "a delivery": DELIVERY,
    "a withdrawal": withdrawal_letter(URL, make_raw(content=""), ID, "410 Gone"),
    "unreadable": UNREADABLE,
    "an article": make_story(),
    "its revision": make_story(revision=2),
    "a copy": make_story(Duplicate),
    "a rejection": make_rejection(),
    "an outcome": make_outcome(),
    "another outcome": make_outcome("elsewhere"),
    "a dead letter": kill(UNREADABLE),
    "that of a sink": kill(make_story(), "sink newsroom"),
    "that of another": kill(make_story(), "sink archive"),
    "a deletion": Letter(ARTICLES, ID, b""),
    "that of a copy": Letter(DUPLICATES, ID, b""),
}
CASES = [pytest.param(letter, id=name) for name, letter in LETTERS.items()]


@pytest.mark.parametrize("letter", CASES)
def test_the_reader_of_cloudevents_takes_it_for_an_event(letter: Letter) -> None:
    headers = describe(letter, NOW)
    message = KafkaMessage({name: text.encode() for name, text in headers.items()}, letter.key, letter.value)
    event = from_binary(message, JSONFormat())
    assert event.get_specversion() == "1.0"
    assert event.get_id() == headers[CE_ID]
    assert event.get_source().split("/")[:2] == ["", "naba"]
    assert event.get_type() in [known.name for known in EVENT_TYPES if known.topic == letter.topic]
    time = event.get_time()
    assert time is not None
    assert time.utcoffset() == timedelta(0)
    if SCHEMA in headers:
        data = event.get_data()
        assert isinstance(data, dict)
        assert data["schema"] == headers[SCHEMA]
        assert event.get_dataschema() == f"urn:naba:schema:{headers[SCHEMA]}"


@pytest.mark.parametrize("letter", CASES)
def test_it_has_every_header_that_the_table_promises_and_no_other(letter: Letter) -> None:
    here = [header for header in HEADERS if letter.topic in header.topics]
    headers = {ORIGINAL if name.startswith(ORIGINAL) else name for name in describe(letter, NOW)}
    expected = {header.name for header in here if letter.value or header.name in ON_DELETIONS}
    assert headers <= expected
    assert {header.name for header in here if letter.topic in header.always} & expected <= headers


def test_no_two_letters_are_the_same_event() -> None:
    names = [describe(letter, NOW) for letter in LETTERS.values()]
    assert len({(name[CE_SOURCE], name[CE_ID]) for name in names}) == len(LETTERS)


@pytest.mark.parametrize("letter", CASES)
def test_a_letter_that_comes_again_is_the_same_event(letter: Letter) -> None:
    first, again = describe(letter, NOW), describe(letter, NOW + timedelta(hours=1))
    changed = {name for name in first if first[name] != again[name]}
    assert changed <= {CE_TIME}
    described = replace(letter, headers=first)
    assert describe(described, NOW) == first


@pytest.mark.parametrize(
    ("letter", "type", "time", "subject"),
    [
        pytest.param(DELIVERY, "news.raw.delivered.v1", "2026-03-01T00:00:00Z", make_raw().raw_id, id="raw"),
        pytest.param(
            LETTERS["a withdrawal"], "news.raw.withdrawn.v1", "2026-03-01T00:00:00Z",
            make_raw(content="").raw_id, id="the page is gone",
        ),
        pytest.param(
            UNREADABLE, "news.raw.delivered.v1", "2026-03-02T12:00:00Z", UNREADABLE.headers[RAW_ID],
            id="unread",
        ),
        pytest.param(make_story(), "news.article.published.v1", "2026-03-01T00:00:00Z", ID, id="no time"),
        pytest.param(
            make_story(published_at=FETCHED - timedelta(hours=3), published_at_precision="second"),
            "news.article.published.v1", "2026-02-28T21:00:00Z", ID, id="published to the second",
        ),
        pytest.param(
            make_story(published_at=FETCHED - timedelta(days=3), published_at_precision="day", revision=2),
            "news.article.revised.v1", "2026-03-01T00:00:00Z", ID, id="published some day, revised",
        ),
        pytest.param(
            make_story(Duplicate), "news.article.duplicate.v1", "2026-03-01T00:00:00Z", ID, id="a copy"
        ),
        pytest.param(make_rejection(), "news.rejection.v1", "2026-03-02T12:00:00Z", "1" * 32, id="rejection"),
        pytest.param(
            replace(make_outcome(), headers={**make_outcome().headers, CE_TIME: "2025-01-01T00:00:00Z"}),
            "news.outcome.v1", "2025-01-01T00:00:00Z", "1" * 32, id="an outcome carried over",
        ),
        pytest.param(
            kill(UNREADABLE), "news.letter.dead.v1", "2026-03-01T00:00:00Z", UNREADABLE.headers[RAW_ID],
            id="dead",
        ),
    ],
)  # fmt: skip
def test_it_says_what_happened_when_and_to_what(letter: Letter, type: str, time: str, subject: str) -> None:
    headers = describe(letter, NOW)
    assert (headers[CE_TYPE], headers[CE_TIME], headers[CE_SUBJECT]) == (type, time, subject)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("harbour", "/naba/harbour", id="a name"),
        pytest.param("feeds/today.jsonl", "/naba/feeds%2Ftoday.jsonl", id="a path"),
        pytest.param("مرفأ 1", "/naba/%D9%85%D8%B1%D9%81%D8%A3%201", id="arabic and a space"),
        pytest.param("../\r\nx: y", "/naba/..%2F%0D%0Ax%3A%20y", id="what would break out"),
        pytest.param("", "/naba", id="none"),
    ],
)
def test_any_source_is_a_uri(source: str, expected: str) -> None:
    assert describe(raw_letter(URL, make_raw(source)), NOW)[CE_SOURCE] == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\x01\xff", id="noise"),
        pytest.param(b'["a list"]', id="a list"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, id="deep"),
        pytest.param(rb'{"schema": "raw.v1", "source": "\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"schema": "raw.v1", "source": "\xff"}', id="no UTF-8 in a field that is read"),
        pytest.param(
            DELIVERY.value.replace(make_raw().raw_id.encode(), b"2" * 32), id="the record of another"
        ),
        pytest.param(DELIVERY.value.replace(b"00:00:00Z", b"00:00:00"), id="a time without a zone"),
    ],
)
def test_bytes_that_are_no_record_are_an_event_without_schema(value: bytes) -> None:
    headers = describe(replace(DELIVERY, value=value), NOW)
    assert headers.keys() & {SCHEMA, CE_DATASCHEMA, CONTENT_TYPE} == set()
    assert (headers[CE_SOURCE], headers[CE_ID]) == ("/naba", describe(DELIVERY, NOW)[CE_ID])


@given(st.binary(), st.sampled_from([RAW, ARTICLES, DUPLICATES, REJECTED, OUTCOMES, DEAD]))
def test_no_value_raises(value: bytes, topic: str) -> None:
    letter = Letter(topic, "k", value, {INPUT: URL, RAW_ID: "1" * 32})
    assert letter.headers.items() <= describe(letter, NOW).items()


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(Letter(CLEAN, "k", make_story().value, {INPUT: "a", RAW_ID: "b"}), id="internal"),
        pytest.param(Letter("naba-rows-changelog", "k", b"{}"), id="a changelog"),
        pytest.param(Letter(DEAD, "k", b"{}", {STAGE: "read"}), id="an old one without names"),
    ],
)
def test_what_is_no_event_of_ours_keeps_its_headers(letter: Letter) -> None:
    assert describe(letter, NOW) == letter.headers


def test_a_dead_letter_has_its_originals_headers_under_their_names_or_behind_original() -> None:
    theirs = {
        CE_ID: "7",
        CE_TYPE: "ferry.late",
        CE_DATASCHEMA: "ferry.v3",
        CONTENT_TYPE: "text/csv",
        "x-own": "1",
    }
    original = replace(
        DELIVERY, headers={**DELIVERY.headers, **theirs, UNREAD: "unreadable", DETAIL: "no JSON"}
    )
    headers = describe(kill(original), NOW)
    assert headers[CE_TYPE] == "news.letter.dead.v1"
    assert {headers[ORIGINAL + name] for name in (CE_ID, CE_TYPE, CE_DATASCHEMA)} == {
        "7",
        "ferry.late",
        "ferry.v3",
    }
    assert (headers[CONTENT_TYPE], headers["x-own"], headers[UNREAD]) == ("text/csv", "1", "unreadable")
    assert headers.keys() & {CE_DATASCHEMA, SCHEMA} == set()
    # What naba itself wrote to raw is kept in the same way.
    ours = describe(kill(replace(DELIVERY, headers=describe(DELIVERY, NOW))), NOW)
    assert ours[ORIGINAL + CE_ID] == describe(DELIVERY, NOW)[CE_ID]
    assert ours[ORIGINAL + SCHEMA] == "raw.v1"
    assert ours[ORIGINAL + VERSION] == ours[VERSION]
