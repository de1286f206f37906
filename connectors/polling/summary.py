"""What a person asks of a source: how it is doing, what came of it, what could not be had."""

import sqlite3
from dataclasses import dataclass

from connectors.polling.tables import write_time

_DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Of one source: new items a day over the last week, errors of that week, and pages by state."""

    items_a_day: float
    errors: int
    pages: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """A page that could not be had, why, and when it is tried again (None: never)."""

    url: str
    state: str
    why: str
    next_at: str | None


def summarize(database: sqlite3.Connection, source: str, now: float) -> Summary:
    """Return what came of a source. A week that has not passed yet counts its days."""
    since = write_time(now - (_DAYS - 1) * 86_400.0)[:10]
    items, errors, first = database.execute(
        "SELECT coalesce(sum(items), 0), coalesce(sum(errors), 0), min(day) FROM source_days "
        "WHERE source = ? AND day >= ?",
        (source, since),
    ).fetchone()
    (days,) = database.execute(
        "SELECT julianday(?) - julianday(?) + 1", (write_time(now)[:10], first or since)
    ).fetchone()
    pages = database.execute(
        "SELECT state, count(*) FROM story_pages WHERE source = ? GROUP BY state ORDER BY 2 DESC", (source,)
    )
    return Summary(items_a_day=items / max(days, 1), errors=errors, pages=dict(pages.fetchall()))


def find_page(database: sqlite3.Connection, page: str | None) -> tuple[str, Missed] | None:
    """Return the source that named a page, and what became of it; None where none has.

    `why` is empty for one that was taken, or is only wanted so far.
    """
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'story_pages'").fetchone():
        return None  # an older file, opened to be read
    row = database.execute(
        "SELECT source, url, state, coalesce(why, ''), next_at FROM story_pages WHERE page = ?", (page,)
    ).fetchone()
    return (row[0], Missed(url=row[1], state=row[2], why=row[3], next_at=row[4])) if row else None


def list_missed(database: sqlite3.Connection, source: str, most: int) -> list[Missed]:
    """Return the pages of a source that could not be had when last asked for, newest first."""
    rows = database.execute(
        "SELECT url, state, why, next_at FROM story_pages WHERE source = ? AND why IS NOT NULL "
        "ORDER BY looked_at DESC LIMIT ?",
        (source, most),
    )
    return [Missed(url=row[0], state=row[1], why=row[2], next_at=row[3]) for row in rows]
