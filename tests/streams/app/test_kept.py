"""A table that is never ahead of its changelog."""

import pytest
from faust.types import TP

from streams.app.kept import Kept
from tests.streams.app.table import CHANGELOG, Table, acknowledge, open_kept


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def kept(table: Table) -> Kept:
    return open_kept(table)


def test_an_entry_is_read_at_once_and_stored_when_the_broker_has_it(table: Table, kept: Kept) -> None:
    kept.stage(2, b"a", b"one")
    assert kept.get(2, b"a") == b"one"
    assert list(table.stores[2].items()) == []
    assert table.persisted_offset(TP(CHANGELOG, 2)) is None
    kept.apply(2, b"a", b"one", acknowledge(71, 2))
    assert kept.get(2, b"a") == b"one"
    assert list(kept.items(2)) == [(b"a", b"one")]
    assert table.persisted_offset(TP(CHANGELOG, 2)) == 71


def test_the_newer_of_two_that_are_under_way_counts(kept: Kept) -> None:
    old, new = b"old value", b"new value"
    kept.stage(0, b"a", old)
    kept.stage(0, b"a", new)
    kept.apply(0, b"a", old, acknowledge(1))
    assert kept.get(0, b"a") == new
    kept.apply(0, b"a", new, acknowledge(2))
    assert kept.get(0, b"a") == new
    assert list(kept.items(0)) == [(b"a", new)]


def test_equal_bytes_twice_under_way_are_two_entries(kept: Kept) -> None:
    first, second = bytes([1, 2, 3]), bytes([1, 2, 3])
    kept.stage(0, b"a", first)
    kept.stage(0, b"a", b"between")
    kept.stage(0, b"a", second)
    kept.apply(0, b"a", first, acknowledge(1))
    kept.apply(0, b"a", b"between", acknowledge(2))
    assert kept.get(0, b"a") == second


def test_what_is_deleted_is_gone_at_once_and_can_come_again(kept: Kept) -> None:
    kept.stage(0, b"a", b"one")
    kept.apply(0, b"a", b"one", acknowledge(1))
    kept.stage(0, b"a", None)
    assert kept.get(0, b"a") is None
    kept.stage(0, b"a", b"two")
    kept.apply(0, b"a", None, acknowledge(2))
    assert kept.get(0, b"a") == b"two"
    kept.apply(0, b"a", b"two", acknowledge(3))
    assert list(kept.items(0)) == [(b"a", b"two")]


def test_of_what_the_broker_never_acknowledged_nothing_is_left(table: Table, kept: Kept) -> None:
    kept.stage(0, b"a", b"one")
    kept.apply(0, b"a", b"one", acknowledge(1))
    kept.stage(0, b"a", b"two")
    kept.stage(0, b"b", b"three")
    kept.forget()
    assert kept.get(0, b"a") == b"one"
    assert kept.get(0, b"b") is None
    assert table.persisted_offset(TP(CHANGELOG, 0)) == 1


def test_partitions_know_nothing_of_each_other(kept: Kept) -> None:
    kept.stage(0, b"a", b"one")
    kept.stage(1, b"a", b"two")
    kept.apply(1, b"a", b"two", acknowledge(1, 1))
    assert (kept.get(0, b"a"), kept.get(1, b"a"), kept.get(2, b"a")) == (b"one", b"two", None)
    assert list(kept.items(0)) == []
