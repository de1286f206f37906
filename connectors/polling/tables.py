"""The tables of what is known of sources; `streams/embedded/tables.py` creates them in a store."""

import sqlite3
from datetime import UTC, datetime

# A step of the store's migrations: once released it is never changed, and another is appended.
# All times are UTC, ISO 8601 with milliseconds: they sort as text, and a person can read them.
SCHEMA = """
    CREATE TABLE sources (              -- how each source is doing
        name TEXT PRIMARY KEY,
        settings TEXT,                  -- JSON, where `naba sources add` named it
        paused INTEGER NOT NULL DEFAULT 0,
        unsafe INTEGER NOT NULL DEFAULT 0,  -- what its last look brought is not all safe yet
        state TEXT NOT NULL DEFAULT 'new',
        since TEXT,                     -- since when it is in this state
        why TEXT,
        failures INTEGER NOT NULL DEFAULT 0,  -- in a row
        failing_since TEXT,
        interval REAL,                  -- seconds between two looks, as adapted
        looked_at TEXT,
        next_at TEXT,
        last_item_at TEXT               -- when its newest item came
    ) WITHOUT ROWID;
    CREATE TABLE source_orders (        -- one row: what verbs have changed beside a runner, counted
        number INTEGER NOT NULL);
    INSERT INTO source_orders VALUES (0);
    CREATE TABLE source_days (          -- what came of a source on a day
        source TEXT NOT NULL, day TEXT NOT NULL, items INTEGER NOT NULL, errors INTEGER NOT NULL,
        PRIMARY KEY (source, day)) WITHOUT ROWID;
    CREATE TABLE documents (            -- feeds, sitemaps, listings, files: as they were when last read
        source TEXT NOT NULL, url TEXT NOT NULL,
        etag TEXT, last_modified TEXT, hash TEXT, moved_to TEXT,
        listed TEXT,                    -- when it changed, as an index of sitemaps told it
        every REAL,                     -- seconds that it wants between two looks
        read_at TEXT NOT NULL,          -- when its whole body came
        PRIMARY KEY (source, url)) WITHOUT ROWID;
    CREATE TABLE items (                -- what a source has listed, and is safe
        source TEXT NOT NULL, item TEXT NOT NULL, stamp TEXT NOT NULL,
        seen TEXT NOT NULL,             -- the day on which it was last listed
        PRIMARY KEY (source, item)) WITHOUT ROWID;
    CREATE TABLE story_pages (          -- addresses of articles, whichever source named them first
        page TEXT PRIMARY KEY,          -- hash of the address, folded
        url TEXT NOT NULL,              -- as it was listed
        origin TEXT NOT NULL,           -- scheme, host and port: who is asked
        source TEXT NOT NULL,
        claims TEXT NOT NULL,           -- JSON: what the source says of it
        state TEXT NOT NULL,            -- wanted, taken, withdrawn, gone, given up
        why TEXT,
        next_at TEXT,                   -- when it is asked for next; null: never
        tries INTEGER NOT NULL DEFAULT 0,  -- without success, in a row
        taken_at TEXT, looked_at TEXT, etag TEXT, last_modified TEXT, hash TEXT, article_id TEXT
    ) WITHOUT ROWID;
    CREATE INDEX story_pages_due ON story_pages (origin, next_at) WHERE next_at IS NOT NULL;
    CREATE INDEX story_pages_by_source ON story_pages (source);
    CREATE INDEX story_pages_by_look ON story_pages (looked_at);
"""


def connect(path: str) -> sqlite3.Connection:
    """Return a connection of its own to a store, beside the one of its runner."""
    # Whoever else writes is done in milliseconds; a laptop that slept may take longer.
    database = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    database.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten in the file, however this SQLite was built.
    database.execute("PRAGMA secure_delete = ON")
    return database


def write_time(moment: float) -> str:
    """Return seconds since 1970 as the tables hold them."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(written: str | None) -> float | None:
    """Return the seconds since 1970."""
    return datetime.fromisoformat(written).timestamp() if written else None
