"""Compare on its table: verdicts are the same whoever owns the partition, and however often that changes."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.deletion import DELETE, Deletion, deletion_letter
from schemas.ids import hash_parts
from schemas.letter import ARTICLES, OUTCOMES, Letter
from streams.app import compare as module
from streams.app.compare import CompareWork
from streams.settings import Settings
from tests.streams.app.letters import make_cleaned
from tests.streams.app.table import Changelog

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """The time as compare reads it."""

    now_is = NOW

    @classmethod
    def now(cls, _zone: object) -> datetime:
        return cls.now_is

    min = datetime.min


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Clock]]:
    monkeypatch.setattr(module, "datetime", Clock)
    yield Clock
    Clock.now_is = NOW


class Lane:
    """The owner of the partition, and what became of each event; a later one may do some again."""

    def __init__(self) -> None:
        self.changelog = Changelog()
        self.work = CompareWork(self.changelog.kept, Settings())
        self.events: list[Letter] = []
        self.told: dict[int, tuple[bytes, ...]] = {}
        self.committed = 0
        self.prepared = False

    def take(self, offset: int) -> None:
        letter = self.events[offset]
        if not self.prepared:
            asyncio.run(self.work.prepare())
            self.prepared = True
        effects = self.work.finish(0, offset, letter, self.work.begin(letter).result())
        self.changelog.send(0, effects.entries)
        is_deletion = DELETE in letter.headers
        outcomes = tuple(each.value for each in effects.letters if is_deletion or each.topic == OUTCOMES)
        assert self.told.setdefault(offset, outcomes) == outcomes
        assert len(outcomes) == (3 if is_deletion else 1)

    def add(self, letter: Letter) -> None:
        self.events.append(letter)
        self.take(len(self.events) - 1)

    def deliver(self, letter: Letter) -> str:
        self.add(letter)
        found = orjson.loads(self.told[len(self.events) - 1][0])
        return f"{found['outcome']} {found['revision']}"

    def commit(self) -> None:
        self.changelog.confirm()
        self.committed = len(self.events)

    def change_hands(self, *, wiped: bool) -> None:
        self.work = CompareWork(self.changelog.recover(wiped=wiped), Settings())
        self.prepared = False
        for offset in range(self.committed, len(self.events)):
            self.take(offset)


delivery = st.builds(
    lambda name, seeds, fetch: make_cleaned(name, *seeds, fetch=fetch),
    st.sampled_from("abcde"),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.integers(0, 2),
)
deletion = st.builds(
    lambda name, reason: deletion_letter(
        Deletion(article_id=hash_parts("article", name), reason=reason, asked_at=NOW)
    ),
    st.sampled_from("abcde"),
    st.sampled_from(["", "asked for"]),
)
steps = st.lists(
    st.one_of(delivery, delivery, deletion, st.sampled_from(["commit", "kill", "wipe"])), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_kills_and_redeliveries_change_no_verdict(taken: list[Letter | str]) -> None:
    calm, disturbed = Lane(), Lane()
    for step in taken:
        if isinstance(step, Letter):
            calm.add(step)
            disturbed.add(step)  # and asserts that it is told once
        elif step == "commit":
            disturbed.commit()
        else:
            disturbed.change_hands(wiped=step == "wipe")
    assert disturbed.told == calm.told


def test_a_late_copy_of_what_the_window_forgot_is_published(clock: type[Clock]) -> None:
    lane = Lane()
    assert lane.deliver(make_cleaned("a", 1, 2)) == "published 1"
    assert lane.deliver(make_cleaned("b", 1, 2)) == "duplicate 1"
    clock.now_is = NOW + timedelta(days=31)
    assert lane.deliver(make_cleaned("c", 1, 2)) == "published 1"
    lane.commit()
    lane.change_hands(wiped=True)
    assert lane.deliver(make_cleaned("d", 1, 2)) == "duplicate 1"


def test_an_address_is_known_for_more_than_a_year_and_then_forgotten(clock: type[Clock]) -> None:
    lane = Lane()
    lane.deliver(make_cleaned("a", 1))
    lane.deliver(make_cleaned("b", 2))
    lane.commit()
    clock.now_is = NOW + timedelta(days=300)
    assert lane.deliver(make_cleaned("a", 1, fetch=1)) == "unchanged 1"
    lane.commit()
    clock.now_is = NOW + timedelta(days=401)
    assert lane.deliver(make_cleaned("c", 3)) == "published 1"  # beside it the rows age
    lane.commit()
    lane.change_hands(wiped=True)
    assert lane.deliver(make_cleaned("b", 4)) == "published 1"  # not a revision: it is new again
    assert lane.deliver(make_cleaned("a", 1, fetch=2)) == "unchanged 1"


def test_a_deleted_article_stays_away_when_every_other_row_is_forgotten(clock: type[Clock]) -> None:
    lane = Lane()
    lane.deliver(make_cleaned("a", 1))
    lane.deliver(make_cleaned("b", 2))
    lane.add(deletion_letter(Deletion(article_id=hash_parts("article", "a"), asked_at=NOW)))
    lane.commit()
    clock.now_is = NOW + timedelta(days=4010)
    lane.deliver(make_cleaned("c", 3))  # beside it the rows age
    lane.commit()
    lane.change_hands(wiped=True)
    assert lane.deliver(make_cleaned("b", 4)) == "published 1"
    assert lane.deliver(make_cleaned("a", 1, fetch=1)) == "rejected None"
    assert lane.deliver(make_cleaned("d", 1)) == "published 1"


def test_a_row_is_kept_that_comes_again_on_the_day_it_would_be_forgotten(clock: type[Clock]) -> None:
    lane = Lane()
    lane.deliver(make_cleaned("a", 1))
    lane.commit()
    clock.now_is = NOW + timedelta(days=401)
    assert lane.deliver(make_cleaned("a", 1, fetch=1)) == "unchanged 1"
    lane.commit()
    assert lane.deliver(make_cleaned("a", 1, fetch=2)) == "unchanged 1"


def test_a_record_is_sent_with_its_outcome_and_a_letter_that_cannot_be_read_ends_dead() -> None:
    lane = Lane()
    lane.deliver(make_cleaned("b", 2))
    letter = make_cleaned("a", 1)
    effects = lane.work.finish(0, 0, letter, (letter,))
    assert [each.topic for each in effects.letters] == [ARTICLES, OUTCOMES]
    torn = Letter(letter.topic, letter.key, letter.value[:-9], letter.headers)
    effects = lane.work.finish(0, 1, torn, (torn,))
    assert orjson.loads(effects.letters[-1].value)["outcome"] == "dead"
    assert effects.entries == ()
