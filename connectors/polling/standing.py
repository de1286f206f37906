"""How a source is doing: one state that a person can read, since when, and when it is looked at next."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from connectors.fetching.page import Cause
from connectors.polling.schedule import plan_after_failure, plan_next
from connectors.polling.settings import PollSettings
from connectors.polling.tables import read_time, write_time

State = Literal["new", "fine", "empty", "blocked", "unparsable", "stale", "gone", "failing"]
_A_DAY = 86_400.0  # a deploy that went wrong is mended by then
STALE_AFTER = 30 * 86_400.0  # seconds without a new item
_OF_CAUSE: dict[Cause, State] = {
    "forbidden": "blocked",
    "robots": "blocked",
    "guarded": "blocked",
    "gone": "gone",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is known of one source; times are seconds since 1970.

    `unsafe` says that what its last look brought was not all safe when it was written.
    """

    name: str
    settings: str | None = None
    paused: bool = False
    unsafe: bool = False
    state: State = "new"
    since: float | None = None
    why: str | None = None
    failures: int = 0
    failing_since: float | None = None
    interval: float | None = None
    looked_at: float | None = None
    next_at: float | None = None
    last_item_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look at a source found: items listed and new among them; both 0 where nothing had changed.

    `unchanged` says that a server said so (304), or nobody was asked, `same` that the body came and is the
    same, `cut` how many items were too many to be taken. `least` is how many seconds the publisher wants
    between two looks, `again` replaces the plan. `note` is a line on a source that is fine.
    """

    listed: int = 0
    new: int = 0
    unchanged: bool = False
    same: bool = False
    cut: int = 0
    least: float = 0.0
    again: float | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a look found nothing: the state that the source is in by that, and a line.

    `final` says that the site has taken it away for good (410).
    """

    state: State
    why: str
    retry_after: float | None = None
    final: bool = False


def name_failure(cause: Cause) -> State:
    """Return the state of a source whose document could not be fetched."""
    return _OF_CAUSE.get(cause, "failing")


def stand_after(standing: Standing, result: Look | Failure, settings: PollSettings, now: float) -> Standing:
    """Return how the source is doing after a look."""
    interval = standing.interval or min(max(settings.first, settings.floor), settings.ceiling)
    if isinstance(result, Failure):
        return _stand_after_failure(standing, result, settings, now, interval)
    plan = plan_next(
        standing.name, interval, settings, listed=result.listed, new=result.new, least=result.least
    )
    last_item_at = now if result.new else standing.last_item_at
    after = replace(
        standing,
        interval=plan.interval,
        looked_at=now,
        next_at=now + (plan.wait if result.again is None else result.again),
        last_item_at=last_item_at,
    )
    if result.unchanged:
        # A 304 says that it is as it was: a failure is over when something was read again.
        if standing.state in ("fine", "stale") and _is_stale(last_item_at, now):
            return _enter(after, "stale", _say_stale(last_item_at), now)
        return after
    after = replace(after, failures=0, failing_since=None)
    if result.same and standing.state == "empty":
        return after
    if not result.listed and not result.same:
        return _enter(after, "empty", "it can be read, and lists nothing", now)
    if _is_stale(last_item_at, now):
        return _enter(after, "stale", _say_stale(last_item_at), now)
    if result.same and standing.state == "fine":
        return after  # what was said of it still holds
    why = f"{result.cut} items more than can be taken at once are left out" if result.cut else result.note
    return _enter(after, "fine", why, now)


def _stand_after_failure(
    standing: Standing, failure: Failure, settings: PollSettings, now: float, interval: float
) -> Standing:
    failing_since = standing.failing_since or now
    plan = plan_after_failure(
        standing.name,
        interval,
        settings,
        failures=standing.failures + 1,
        failing_for=now - failing_since,
        retry_after=failure.retry_after,
        gone=failure.final
        or (failure.state == "gone" and standing.failures + 1 >= 3 and now - failing_since >= _A_DAY),
    )
    after = replace(
        standing,
        failures=standing.failures + 1,
        failing_since=failing_since,
        interval=plan.interval,
        looked_at=now,
        next_at=now + plan.wait,
    )
    return _enter(after, failure.state, failure.why, now)


def _enter(standing: Standing, state: State, why: str | None, now: float) -> Standing:
    since = standing.since if standing.state == state else now
    return replace(standing, state=state, why=why, since=since)


def _is_stale(last_item_at: float | None, now: float) -> bool:
    return last_item_at is not None and now - last_item_at > STALE_AFTER


def _say_stale(last_item_at: float | None) -> str:
    return f"nothing new since {write_time(last_item_at or 0)[:10]}"


def read_standings(database: sqlite3.Connection) -> Iterator[Standing]:
    """Yield every source that was ever looked at, added or paused, by name."""
    rows = database.execute(
        "SELECT name, settings, paused, state, since, why, failures, failing_since, interval, looked_at, "
        "next_at, last_item_at, unsafe FROM sources ORDER BY name"
    )
    for row in rows:
        yield Standing(
            name=row[0], settings=row[1], paused=bool(row[2]), state=row[3], since=read_time(row[4]),
            why=row[5], failures=row[6], failing_since=read_time(row[7]), interval=row[8],
            looked_at=read_time(row[9]), next_at=read_time(row[10]), last_item_at=read_time(row[11]),
            unsafe=bool(row[12]),
        )  # fmt: skip


def write_standing(database: sqlite3.Connection, standing: Standing) -> None:
    """Note what a look has changed: who is paused or added is for the verbs alone to say."""
    values = [standing.state, standing.since, standing.why, standing.failures, standing.failing_since,
              standing.interval, standing.looked_at, standing.next_at, standing.last_item_at]  # fmt: skip
    for place in (1, 4, 6, 7, 8):
        moment = values[place]
        values[place] = None if moment is None else write_time(float(moment))
    database.execute(
        "INSERT INTO sources (name, state, since, why, failures, failing_since, interval, looked_at, "
        "next_at, last_item_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "state = excluded.state, since = excluded.since, why = excluded.why, failures = excluded.failures, "
        "failing_since = excluded.failing_since, interval = excluded.interval, "
        "looked_at = excluded.looked_at, next_at = excluded.next_at, last_item_at = excluded.last_item_at",
        [standing.name, *values],
    )


def count_day(
    database: sqlite3.Connection, source: str, now: float, *, items: int = 0, errors: int = 0
) -> None:
    """Add to what came of a source today."""
    database.execute(
        "INSERT INTO source_days VALUES (?, ?, ?, ?) ON CONFLICT (source, day) DO UPDATE SET "
        "items = items + excluded.items, errors = errors + excluded.errors",
        (source, write_time(now)[:10], items, errors),
    )
