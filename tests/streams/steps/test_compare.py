"""The compare step on deletions: what it sends, and that it never raises."""

from datetime import UTC, datetime

import orjson

from schemas.codec import encode
from schemas.deletion import Deletion, deletion_letter
from schemas.ids import hash_parts
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, REJECTED, TRACEPARENT, Letter
from streams.copies.index import Index
from streams.copies.row import Row
from streams.steps.compare import CompareStep
from tests.streams.app.letters import make_cleaned

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ID = hash_parts("article", "a")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Desk:
    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.index, self.step = Index(), CompareStep()

    def take(self, letter: Letter) -> tuple[Letter, ...]:
        return self.step(letter, self.rows, self.index, NOW)


def order(reason: str = "") -> Letter:
    return deletion_letter(Deletion(article_id=ID, reason=reason, asked_at=NOW))


def test_a_deletion_sends_two_letters_without_a_value_and_a_record_of_it_and_no_outcome() -> None:
    desk = Desk()
    desk.take(make_cleaned("a", 1))
    articles, duplicates, rejected = desk.take(order("the author asked for it"))
    assert (articles.topic, articles.key, articles.value) == (ARTICLES, ID, b"")
    assert (duplicates.topic, duplicates.key, duplicates.value) == (DUPLICATES, ID, b"")
    record = orjson.loads(rejected.value)
    assert rejected.topic == REJECTED
    assert rejected.key == record["raw_id"] == hash_parts("naba deletion", ID)
    assert (record["stage"], record["reason"], record["url"]) == ("delete", "deleted", None)
    told = f"asked for at 2026-11-23T09:30:00Z: the author asked for it (article {ID}, 1 revision)"
    assert told in record["detail"]


def test_the_same_deletion_again_sends_the_same_and_a_later_reason_changes_nothing() -> None:
    desk = Desk()
    desk.take(make_cleaned("a", 1))
    first = desk.take(order("first"))
    rows = dict(desk.rows)
    assert desk.take(order("second")) == first
    assert desk.rows == rows


def test_the_record_tells_where_nothing_had_come() -> None:
    assert "nothing is known of it" in orjson.loads(Desk().take(order())[2].value)["detail"]


def test_a_later_delivery_gets_a_rejection_and_one_outcome_and_leaves_no_trace_of_its_text() -> None:
    desk = Desk()
    desk.take(order("asked for"))
    rows = dict(desk.rows)
    letter = make_cleaned("a", 1)
    rejected, outcome = desk.take(letter)
    assert (rejected.topic, outcome.topic) == (REJECTED, OUTCOMES)
    told = orjson.loads(outcome.value)
    assert (told["outcome"], told["stage"], told["reason"]) == ("rejected", "compare", "deleted")
    assert (told["article_id"], told["revision"]) == (ID, None)
    text = orjson.loads(letter.value)["article"]["text"]
    assert text[:20].encode() not in rejected.value + outcome.value
    assert desk.rows == rows


def test_a_trace_goes_on_and_the_headers_of_a_deletion_are_its_own() -> None:
    asked = order()
    traced = Letter(asked.topic, asked.key, asked.value, {**asked.headers, TRACEPARENT: TRACE})
    for letter in Desk().take(traced):
        assert letter.headers[TRACEPARENT] == TRACE
        assert "naba-delete" not in letter.headers


def test_an_order_that_cannot_be_read_is_a_dead_letter_and_deletes_nothing() -> None:
    desk = Desk()
    asked = order()
    torn = Letter(asked.topic, asked.key, encode({"article_id": "../../etc"}), asked.headers)
    assert [letter.topic for letter in desk.take(torn)] == [DEAD, OUTCOMES]
    assert desk.rows == {}
