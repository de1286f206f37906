"""Rows over their table: what was changed, in what order articles came, and which are forgotten."""

from dataclasses import replace

import pytest

from schemas.deletion import Deletion
from schemas.ids import hash_parts
from streams.app.rows import TableRows, write_row
from streams.copies.row import Row
from tests.streams.app.letters import FETCHED
from tests.streams.app.table import Changelog

DAY = 739_000


def make_row(name: str, **fields: object) -> Row:
    digest = hash_parts("row", name)
    row = Row(
        article_id=digest, revision=1, verdict="published", content_hash=digest, delivered_hash=digest,
        uncut_hash=digest, text_key=digest, fingerprint="", since="2026-11-22",
        moment=FETCHED.replace(microsecond=0),
    )  # fmt: skip
    return replace(row, **fields)  # type: ignore[arg-type]


A, B, C = make_row("a"), make_row("b"), make_row("c")


def list_articles(rows: TableRows, since: str) -> list[str]:
    return [rows.read_published(key)[0] for key in rows.list_published(since)]


class Desk:
    """Rows of compare's one partition, delivered one after the other."""

    def __init__(self) -> None:
        self.changelog = Changelog()
        self.rows = TableRows(self.changelog.kept)
        self.offset = 0

    def deliver(self, row: Row, day: int = DAY) -> None:
        self.rows[row.article_id] = row
        self.changelog.send(0, self.rows.take(self.offset, day))
        self.offset += 1

    def read_order(self, since: str = "2026-01-01") -> list[str]:
        self.changelog.confirm()
        return list_articles(self.rows, since)

    def list_unseen(self, before: int) -> list[str]:
        return [key.decode() for key, is_old in self.rows.list_unseen(before) if is_old]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_was_set_is_read_at_once_and_is_taken_once(desk: Desk) -> None:
    desk.rows[A.article_id] = A
    assert desk.rows[A.article_id] == A
    assert A.article_id in desk.rows
    assert B.article_id not in desk.rows
    entries = desk.rows.take(0, DAY)
    assert [key.decode() for key, _ in entries] == [A.article_id]
    assert desk.rows.take(1, DAY) == ()
    desk.changelog.send(0, entries)
    assert desk.rows[A.article_id] == A  # though the broker has not said yet that it has it
    desk.changelog.confirm()
    assert list(desk.rows) == [A.article_id]
    assert len(desk.rows) == 1
    with pytest.raises(KeyError):
        desk.rows[B.article_id]


@pytest.mark.parametrize("wiped", [False, True])
def test_the_next_owner_reads_the_same_rows_in_the_same_order(desk: Desk, wiped: bool) -> None:
    for row in (C, A, B):
        desk.deliver(row)
    desk.changelog.confirm(2)  # and is killed before the broker says that it has the third
    rows = TableRows(desk.changelog.recover(wiped=wiped))
    assert {key: rows[key] for key in rows} == {row.article_id: row for row in (A, B, C)}
    assert list_articles(rows, "2026-01-01") == [row.article_id for row in (C, A, B)]


def test_the_order_is_that_of_first_arrival_whatever_comes_later(desk: Desk) -> None:
    for row in (B, A, C, replace(B, revision=2), replace(A, revision=2)):
        desk.deliver(row)
    assert desk.read_order() == [B.article_id, A.article_id, C.article_id]


def test_rows_that_were_carried_here_stand_in_front_of_all_that_came(desk: Desk) -> None:
    desk.changelog.send(0, (write_row(-2, DAY, C), write_row(-1, DAY, A)))
    desk.changelog.confirm()
    for row in (B, replace(A, revision=2)):
        desk.deliver(row)
    assert desk.read_order() == [C.article_id, A.article_id, B.article_id]


def test_copies_and_old_articles_are_not_looked_for(desk: Desk) -> None:
    desk.deliver(replace(A, verdict="duplicate", duplicate_of=C.article_id))
    desk.deliver(replace(B, since="2026-09-01"))
    desk.deliver(replace(C, verdict="revised", revision=2))
    assert desk.read_order("2026-10-23") == [C.article_id]


def test_what_was_not_delivered_for_long_is_listed_and_nothing_else(desk: Desk) -> None:
    desk.deliver(A, DAY - 401)
    desk.deliver(B, DAY - 400)
    desk.deliver(C, DAY)
    desk.changelog.confirm()
    assert desk.list_unseen(DAY - 400) == [A.article_id]


def test_what_is_delivered_again_while_old_rows_are_listed_stays(desk: Desk) -> None:
    for row in (A, B, C):
        desk.deliver(row, DAY - 500)
    desk.changelog.confirm()
    listing = desk.rows.list_unseen(DAY - 400)
    found = [next(listing)[0]]
    left = [row for row in (A, B, C) if row.article_id.encode() not in found]
    desk.deliver(left[0])  # on its way to the changelog,
    desk.rows[left[1].article_id] = left[1]  # or of the very event beside which rows age
    assert [key for key, is_old in listing if is_old] == []


def test_old_rows_are_listed_on_from_where_the_last_listing_ended(desk: Desk) -> None:
    for row in (A, B, C):
        desk.deliver(row, DAY - 500)
    desk.changelog.confirm()
    first, second, third = sorted(row.article_id.encode() for row in (A, B, C))
    assert [key for key, _ in desk.rows.list_unseen(DAY - 400)] == [first, second, third]
    assert [key for key, _ in desk.rows.list_unseen(DAY - 400, second)] == [second, third]


def test_rows_are_forgotten_by_age_alone(desk: Desk) -> None:
    with pytest.raises(TypeError):
        del desk.rows["a"]


def test_the_row_of_a_deleted_article_is_in_no_index_and_never_becomes_old(desk: Desk) -> None:
    order = Deletion(article_id=B.article_id, asked_at=FETCHED)
    desk.deliver(A)
    desk.deliver(replace(B, verdict="deleted", deletion=order))
    assert desk.read_order() == [A.article_id]
    assert desk.list_unseen(DAY + 36_500) == [A.article_id]
    assert desk.rows[B.article_id].deletion == order
