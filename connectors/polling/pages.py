"""The pages of articles: which are wanted, which were taken, and when each is asked for next."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import can_ada
import orjson

from connectors.feeds.item import Item
from connectors.polling.tables import read_time, write_time

_CLAIMS = ("title", "authors", "published_at", "language", "summary")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryPage:
    """The page of one article; times are seconds since 1970.

    `article_id` is set once it was taken, `claims` are what its source says of it.
    """

    page: str
    url: str
    origin: str
    source: str
    claims: dict[str, object]
    state: str = "wanted"
    tries: int = 0
    taken_at: float | None = None
    etag: str | None = None
    last_modified: str | None = None
    hash: str | None = None
    article_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A page that is safe downstream: what makes the next request for it conditional."""

    at: float
    next_at: float | None
    etag: str | None
    last_modified: str | None
    hash: str
    article_id: str | None


def origin_of(url: str) -> str:
    """Return who is asked for an address: scheme, host and port (RFC 6454)."""
    return str(can_ada.parse(url).origin)


def want_page(database: sqlite3.Connection, page: str, source: str, item: Item, now: float) -> str:
    """Note that a page is to be fetched, and return who is asked for it."""
    assert item.url is not None
    origin = origin_of(item.url)
    database.execute(
        "INSERT INTO story_pages (page, url, origin, source, claims, state, next_at, looked_at) "
        "VALUES (?, ?, ?, ?, ?, 'wanted', ?, ?)",
        (page, item.url, origin, source, write_claims(item), write_time(now), write_time(now)),
    )
    return origin


def want_again(database: sqlite3.Connection, page: str, item: Item, at: float) -> str:
    """Note that a known page is looked at again at that time, and return who is asked for it."""
    database.execute(
        "UPDATE story_pages SET next_at = min(coalesce(next_at, ?1), ?1), tries = 0, claims = ?2 "
        "WHERE page = ?3",
        (write_time(at), write_claims(item), page),
    )
    (origin,) = database.execute("SELECT origin FROM story_pages WHERE page = ?", (page,)).fetchone()
    return str(origin)


def take_over(database: sqlite3.Connection, page: str, source: str, item: Item, now: float) -> str:
    """Give a page that was never taken to another source, and return who is asked for it."""
    database.execute(
        "UPDATE story_pages SET source = ?, claims = ?, state = 'wanted', why = NULL, next_at = ?, tries = 0 "
        "WHERE page = ?",
        (source, write_claims(item), write_time(now), page),
    )
    (origin,) = database.execute("SELECT origin FROM story_pages WHERE page = ?", (page,)).fetchone()
    return str(origin)


def write_claims(item: Item) -> str:
    """Return what an item says of its article as JSON; of what cannot be written there is nothing."""
    claims = {name: getattr(item, name) for name in _CLAIMS}
    return orjson.dumps({name: value for name, value in claims.items() if value}).decode()


def activate(database: sqlite3.Connection, sources: Iterable[str]) -> None:
    """Say whose pages are asked for: of a source that is paused or no longer named, none is."""
    database.execute("CREATE TEMP TABLE IF NOT EXISTS active (name TEXT PRIMARY KEY) WITHOUT ROWID")
    database.execute("DELETE FROM temp.active")
    database.executemany("INSERT INTO temp.active VALUES (?)", [(name,) for name in sources])


def list_origins(database: sqlite3.Connection) -> list[tuple[str, float]]:
    """Return who is to be asked for pages, and from when on."""
    rows = database.execute(
        "SELECT origin, min(next_at) FROM story_pages WHERE next_at IS NOT NULL "
        "AND source IN (SELECT name FROM temp.active) GROUP BY origin"
    )
    return [(origin, read_time(at) or 0.0) for origin, at in rows]


def read_next(
    database: sqlite3.Connection, origin: str, without: Sequence[str]
) -> tuple[StoryPage, float] | None:
    """Return the page of `origin` that is asked for first and when, but those of `without`; None: no more."""
    marks = ",".join("?" * len(without))
    row = database.execute(
        "SELECT page, url, origin, source, claims, tries, taken_at, etag, last_modified, hash, article_id, "
        f"state, next_at FROM story_pages WHERE origin = ? AND next_at IS NOT NULL AND page NOT IN ({marks}) "
        "AND source IN (SELECT name FROM temp.active) ORDER BY next_at LIMIT 1",
        (origin, *without),
    ).fetchone()
    if row is None:
        return None
    page = StoryPage(
        page=row[0], url=row[1], origin=row[2], source=row[3], claims=orjson.loads(row[4]), tries=row[5],
        taken_at=read_time(row[6]), etag=row[7], last_modified=row[8], hash=row[9], article_id=row[10],
        state=row[11],
    )  # fmt: skip
    return page, read_time(row[12]) or 0.0


def take_page(database: sqlite3.Connection, page: str, taken: Taken) -> None:
    """Note that a page is safe downstream; how old its story is counts from the first time."""
    at = write_time(taken.at)
    database.execute(
        "UPDATE story_pages SET state = 'taken', why = NULL, tries = 0, taken_at = coalesce(taken_at, ?), "
        "looked_at = ?, next_at = ?, etag = ?, last_modified = ?, hash = ?, article_id = ? WHERE page = ?",
        (
            at, at, None if taken.next_at is None else write_time(taken.next_at), taken.etag,
            taken.last_modified, taken.hash, taken.article_id, page,
        ),
    )  # fmt: skip


def take_elsewhere(database: sqlite3.Connection, page: str, source: str, url: str, now: float) -> None:
    """Note an address whose article came another way: behind a redirect, or whole in a feed."""
    at = write_time(now)
    database.execute(
        "INSERT INTO story_pages (page, url, origin, source, claims, state, taken_at, looked_at) "
        "VALUES (?, ?, ?, ?, '{}', 'taken', ?, ?) ON CONFLICT (page) DO UPDATE SET "
        "state = 'taken', next_at = NULL, taken_at = excluded.taken_at WHERE taken_at IS NULL",
        (page, url, origin_of(url), source, at, at),
    )


def is_taken(database: sqlite3.Connection, page: str) -> bool:
    """Return whether a page was taken, whichever source named it."""
    row = database.execute("SELECT taken_at FROM story_pages WHERE page = ?", (page,)).fetchone()
    return row is not None and row[0] is not None


def leave_page(database: sqlite3.Connection, page: str, now: float, next_at: float | None) -> None:
    """Note that a page that was taken is as it was."""
    database.execute(
        "UPDATE story_pages SET state = 'taken', looked_at = ?, next_at = ?, tries = 0, why = NULL "
        "WHERE page = ?",
        (write_time(now), None if next_at is None else write_time(next_at), page),
    )


def fail_page(
    database: sqlite3.Connection, page: str, state: str | None, why: str, now: float, next_at: float | None
) -> None:
    """Note that a page could not be had and why; `state` is where it ends, None where it stays."""
    database.execute(
        "UPDATE story_pages SET looked_at = ?, next_at = ?, tries = tries + 1, why = ?, "
        "state = coalesce(?, state) WHERE page = ?",
        (write_time(now), None if next_at is None else write_time(next_at), why, state, page),
    )
