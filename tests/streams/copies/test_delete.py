"""Deleting: the row keeps nothing of the text, the index forgets it, and only the order stays."""

from datetime import UTC, datetime

import pytest

from schemas.codec import encode
from schemas.deletion import Deletion
from schemas.ids import hash_parts
from streams.copies.compare import build_index
from streams.copies.delete import delete
from streams.copies.index import Index
from streams.copies.original import PUBLIC
from streams.copies.row import NO_HASH, Row
from streams.reject import Reject
from tests.streams.copies.test_compare import A, B, Desk, describe

ASKED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def order(name: str, reason: str = "", asked_at: datetime = ASKED) -> Deletion:
    return Deletion(article_id=hash_parts("article", name), reason=reason, asked_at=asked_at)


@pytest.fixture
def desk() -> Desk:
    return Desk({}, Index())


def test_the_row_of_a_deleted_article_has_no_hash_of_its_text_left(desk: Desk) -> None:
    desk.deliver("a", A)
    before = desk.rows[hash_parts("article", "a")]
    delete(order("a", "asked for by the harbour office"), desk.rows, desk.index)
    row = desk.rows[hash_parts("article", "a")]
    written = encode(row).decode()
    for gone in (before.content_hash, before.uncut_hash, before.text_key, before.fingerprint):
        assert gone
        assert gone not in written
    assert before.deliveries[0].raw_id not in written
    assert (row.verdict, row.revision, row.content_hash) == ("deleted", 1, NO_HASH)
    assert row.deletion == order("a", "asked for by the harbour office")


@pytest.mark.parametrize(
    ("body", "raw", "replay"),
    [
        pytest.param(A, "another fetch", False, id="the same text again"),
        pytest.param(B, None, False, id="a revision"),
        pytest.param(A, None, True, id="a replay of what was delivered"),
    ],
)
def test_what_comes_of_a_deleted_article_is_rejected(
    desk: Desk, body: str, raw: str | None, replay: bool
) -> None:
    desk.deliver("a", A)
    delete(order("a", "asked for"), desk.rows, desk.index)
    before = dict(desk.rows)
    with pytest.raises(Reject, match="deleted: deletion asked for at 2026-11-23T09:30:00Z: asked for"):
        desk.deliver("a", body, raw=raw, replay=replay)
    assert desk.rows == before


def test_the_first_delivery_of_what_was_deleted_before_is_rejected(desk: Desk) -> None:
    row = delete(order("a"), desk.rows, desk.index)
    assert row.revision == 0
    with pytest.raises(Reject, match="deleted"):
        desk.deliver("a", A)


def test_a_delivery_that_was_answered_before_the_deletion_keeps_its_answer_without_a_record(
    desk: Desk,
) -> None:
    first = desk.deliver("a", A)
    delete(order("a"), desk.rows, desk.index)
    again = desk.deliver("a", A)
    assert again.outcome == first.outcome
    assert again.record is None


def test_a_copy_of_a_deleted_article_is_compared_as_new_and_others_are_found_as_before(desk: Desk) -> None:
    desk.deliver("a", A)
    desk.deliver("b", B)
    delete(order("a"), desk.rows, desk.index)
    assert describe(desk.deliver("c", A)) == "published 1"
    assert describe(desk.deliver("d", B)) == "duplicate 1 same_text of b"
    assert describe(desk.deliver("e", A)) == "duplicate 1 same_text of c"


def test_an_index_built_anew_has_no_deleted_article(desk: Desk) -> None:
    desk.deliver("a", A)
    delete(order("a"), desk.rows, desk.index)
    public = [row for row in desk.rows.values() if row.verdict in PUBLIC]
    desk.index = build_index((row.article_id, row.since, row.text_key, row.fingerprint) for row in public)
    assert len(desk.index) == 0
    assert describe(desk.deliver("c", A)) == "published 1"


def test_a_copy_may_be_deleted_and_its_original_stays(desk: Desk) -> None:
    desk.deliver("a", A)
    desk.deliver("b", A)
    delete(order("b"), desk.rows, desk.index)
    assert describe(desk.deliver("c", A)) == "duplicate 1 same_text of a"


def test_the_same_deletion_again_changes_nothing(desk: Desk) -> None:
    desk.deliver("a", A)
    first = delete(order("a", "first"), desk.rows, desk.index)
    before: dict[str, Row] = dict(desk.rows)
    later = order("a", "second", datetime(2026, 12, 1, tzinfo=UTC))
    assert delete(later, desk.rows, desk.index) == first
    assert desk.rows == before
