"""The table of headers and docs/kafka.md say the same, of every header that there is."""

from pathlib import Path

from schemas import event_types, letter
from schemas.event_types import EVENT_TYPES
from schemas.headers import HEADERS
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED
from tests.test_docs import table

KAFKA = (Path(__file__).parents[2] / "docs" / "kafka.md").read_text(encoding="utf-8")
PUBLIC = {RAW, ARTICLES, DUPLICATES, REJECTED, OUTCOMES, DEAD}


def name_topics(topics: tuple[str, ...]) -> str:
    return "all" if set(topics) == PUBLIC else ", ".join(topic.split(".")[1] for topic in topics)


def test_every_name_of_a_header_is_in_the_table_and_no_other() -> None:
    topics = PUBLIC | {letter.CLEAN, letter.EXPLAIN, letter.REFUSED}
    named = {value for name, value in vars(letter).items() if name.isupper() and isinstance(value, str)}
    names = [header.name for header in HEADERS]
    assert set(names) == named - topics
    assert len(names) == len(set(names))


def test_every_type_of_event_is_in_the_table() -> None:
    named = {value for value in vars(event_types).values() if isinstance(value, str) and value[:5] == "news."}
    assert {known.name for known in EVENT_TYPES} == named - PUBLIC
    assert {known.topic for known in EVENT_TYPES} == PUBLIC


def test_the_documents_table_is_this_one() -> None:
    expected = {}
    for header in HEADERS:
        some = f"some of {name_topics(header.sometimes)}" if header.sometimes else ""
        always = name_topics(header.always)
        where = "; ".join(part for part in (always, some) if part)
        expected[header.name] = [where, header.meaning, f"`{header.example}`"]
    assert table(KAFKA, "Headers", "header") == expected


def test_the_documents_types_are_these() -> None:
    expected = {
        known.name: [name_topics((known.topic,)), known.meaning, known.id, known.time]
        for known in EVENT_TYPES
    }
    assert table(KAFKA, "Headers", "type") == expected
