"""How a source is doing, in a word."""

import sqlite3

import pytest

from connectors.polling.settings import PollSettings
from connectors.polling.standing import (
    STALE_AFTER,
    Failure,
    Look,
    Standing,
    name_failure,
    read_standings,
    stand_after,
    write_standing,
)
from connectors.polling.tables import SCHEMA

POLL = PollSettings()
NOW = 1_790_000_000.0
FINE = Look(listed=10, new=2)
BROKEN = Failure(state="failing", why="500 Internal Server Error")


def go(*results: Look | Failure) -> Standing:
    standing, now = Standing(name="harbour"), NOW
    for result in results:
        standing = stand_after(standing, result, POLL, now)
        now += 3600
    return standing


@pytest.mark.parametrize(
    ("results", "state"),
    [
        pytest.param([FINE], "fine", id="items"),
        pytest.param([Look()], "empty", id="a feed without items"),
        pytest.param([BROKEN], "failing", id="a failure"),
        pytest.param([Failure(state="unparsable", why="a page of HTML")], "unparsable", id="no feed"),
        pytest.param([BROKEN, FINE], "fine", id="a failure that is over"),
        pytest.param([BROKEN, Look(unchanged=True)], "failing", id="a 304 clears no failure"),
        pytest.param([FINE, Look(unchanged=True)], "fine", id="a 304 of a good one"),
        pytest.param([Look(), FINE], "fine", id="an empty one that fills"),
        pytest.param([FINE, BROKEN, Look(same=True)], "fine", id="the same body ends a failure"),
        pytest.param([Look(), Look(same=True)], "empty", id="the same empty body"),
    ],
)
def test_the_state_follows_from_what_was_found(results: list[Look | Failure], state: str) -> None:
    assert go(*results).state == state


def test_a_failing_source_says_since_when_and_why() -> None:
    standing = go(FINE, BROKEN, BROKEN, BROKEN)
    assert standing.since == standing.failing_since == NOW + 3600
    assert standing.failures == 3
    assert standing.why == "500 Internal Server Error"
    again = stand_after(standing, FINE, POLL, NOW + 20_000)
    assert (again.failures, again.failing_since, again.why, again.since) == (0, None, None, NOW + 20_000)


def test_what_was_too_much_to_be_taken_is_told() -> None:
    standing = go(Look(listed=50_000, new=50_000, cut=3))
    assert standing.state == "fine"
    assert "3 items" in (standing.why or "")
    assert go(Look(listed=50_000, cut=3), FINE).why is None


def test_a_304_after_a_failure_is_looked_at_as_often_as_ever() -> None:
    failing = go(FINE, *[BROKEN] * 20)
    assert failing.next_at is not None
    assert failing.looked_at is not None
    assert failing.next_at - failing.looked_at > 10 * 900
    after = stand_after(failing, Look(unchanged=True), POLL, NOW + 200_000)
    assert after.next_at is not None
    assert after.next_at - NOW - 200_000 < 2 * 900
    assert after.why == BROKEN.why


def test_a_source_without_news_for_a_month_is_stale_until_it_has_some() -> None:
    fine = go(FINE)
    later = NOW + STALE_AFTER + 10
    stale = stand_after(fine, Look(listed=10), POLL, later)
    assert (stale.state, stale.since) == ("stale", later)
    assert stand_after(fine, Look(unchanged=True), POLL, later).state == "stale"
    assert stand_after(stale, FINE, POLL, later + 10).state == "fine"


def test_a_feed_is_looked_at_once_a_month_when_it_is_gone_for_good() -> None:
    def wait(*failures: Failure) -> float:
        standing, now = go(FINE), NOW
        for failure in failures:
            now += 50_000
            standing = stand_after(standing, failure, POLL, now)
        assert standing.state == "gone"
        assert standing.next_at is not None
        return standing.next_at - now

    not_found, gone = Failure(state="gone", why="404"), Failure(state="gone", why="410", final=True)
    assert wait(gone) > 26 * 86_400
    assert wait(not_found) < 2000  # a deploy that went wrong
    assert wait(not_found, not_found) < 4000
    assert wait(not_found, not_found, not_found) > 26 * 86_400


def test_why_it_cannot_be_fetched_decides_the_state() -> None:
    assert [name_failure(cause) for cause in ("robots", "forbidden", "gone", "slow", "broken")] == [
        "blocked",
        "blocked",
        "gone",
        "failing",
        "failing",
    ]


def test_what_is_written_is_read_and_who_is_paused_stays_so() -> None:
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    standing = go(FINE, BROKEN)
    write_standing(database, standing)
    database.execute("UPDATE sources SET paused = 1, settings = '{}'")
    write_standing(database, standing)
    (read,) = read_standings(database)
    assert (read.paused, read.settings) == (True, "{}")
    for name in ("state", "since", "why", "failures", "interval", "last_item_at"):
        assert getattr(read, name) == getattr(standing, name)
    assert read.next_at == pytest.approx(standing.next_at, abs=0.001)
