"""The tables of the embedded store, and the steps by which an older file becomes a newer one."""

import sqlite3
from contextlib import closing

from connectors.polling.tables import SCHEMA as SOURCES
from connectors.polling.tables import connect
from connectors.receiving.tables import SCHEMA as PUSHES
from connectors.websub.tables import SCHEMA as SUBSCRIPTIONS
from schemas.address import canonical_url
from schemas.ids import article_id
from schemas.wrong_use import WrongUse

APPLICATION_ID = 0x6E616261  # "naba", as SQLite's file header names the program (sqlite.org/fileformat)

# One entry a version; an entry that has been released is never changed.
MIGRATIONS = (
    """
    CREATE TABLE outcomes (             -- the ledger: one row a delivery, in the order of input
        seq INTEGER PRIMARY KEY,
        delivery_id BLOB NOT NULL UNIQUE,
        raw_id TEXT NOT NULL,
        url TEXT,
        article_id TEXT,
        outcome TEXT NOT NULL,
        at TEXT NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX outcomes_by_raw_id ON outcomes (raw_id);
    CREATE INDEX outcomes_by_url ON outcomes (url) WHERE url IS NOT NULL;
    CREATE INDEX outcomes_by_input ON outcomes (json_extract(record, '$.input'));
    CREATE INDEX outcomes_by_article ON outcomes (article_id) WHERE article_id IS NOT NULL;

    CREATE TABLE articles (             -- published and revised articles, every revision
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL, record TEXT NOT NULL);
    CREATE INDEX articles_by_key ON articles (key);
    CREATE TABLE duplicates (
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL, record TEXT NOT NULL);
    CREATE INDEX duplicates_by_key ON duplicates (key);
    CREATE INDEX duplicates_by_original ON duplicates (json_extract(record, '$.duplicate_of'));
    CREATE TABLE rejected (
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL, record TEXT NOT NULL);
    CREATE INDEX rejected_by_key ON rejected (key);
    CREATE TABLE dead (                 -- the original bytes, and the cause
        seq INTEGER PRIMARY KEY, key TEXT NOT NULL, record BLOB NOT NULL, headers TEXT NOT NULL);
    CREATE INDEX dead_by_key ON dead (key);

    CREATE TABLE rows (                 -- what compare remembers of each article
        seq INTEGER PRIMARY KEY,
        article_id TEXT NOT NULL UNIQUE,
        since TEXT NOT NULL,            -- the day it came first: its segment of the index
        seen TEXT NOT NULL,             -- the day it came last: from then on it is kept
        record TEXT NOT NULL
    );
    CREATE INDEX rows_by_day ON rows (since);
    CREATE INDEX rows_by_last_day ON rows (seen);

    CREATE TABLE pages (                -- one small row a page: the keys of its lines
        seq INTEGER PRIMARY KEY, host TEXT NOT NULL, page BLOB NOT NULL);
    CREATE INDEX pages_by_host ON pages (host, seq);
    CREATE TABLE hosts (                -- what a host's pages have taught, up to and with page `seq`
        host TEXT PRIMARY KEY, seq INTEGER NOT NULL, snapshot BLOB NOT NULL) WITHOUT ROWID;

    CREATE TABLE raw (                  -- delivered letters, zstd
        raw_id TEXT PRIMARY KEY, at TEXT NOT NULL, letter BLOB NOT NULL);
    CREATE INDEX raw_by_time ON raw (at);

    CREATE TABLE files (                -- output files and their committed length in bytes
        path TEXT NOT NULL, topic TEXT NOT NULL, seq INTEGER NOT NULL, length INTEGER NOT NULL,
        PRIMARY KEY (path, topic)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE cluster (              -- the topics that a sink fills this store from; else empty
        name TEXT NOT NULL);
    CREATE TABLE topics (               -- the id of each topic that the offsets are of
        topic TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE offsets (              -- of each partition, the offset that is read next
        topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
        PRIMARY KEY (topic, partition)) WITHOUT ROWID;
    -- A letter may stand on its topic twice, and is one row.
    ALTER TABLE articles ADD COLUMN name BLOB;
    CREATE UNIQUE INDEX articles_by_name ON articles (name) WHERE name IS NOT NULL;
    ALTER TABLE duplicates ADD COLUMN name BLOB;
    CREATE UNIQUE INDEX duplicates_by_name ON duplicates (name) WHERE name IS NOT NULL;
    ALTER TABLE rejected ADD COLUMN name BLOB;
    CREATE UNIQUE INDEX rejected_by_name ON rejected (name) WHERE name IS NOT NULL;
    ALTER TABLE dead ADD COLUMN name BLOB;
    CREATE UNIQUE INDEX dead_by_name ON dead (name) WHERE name IS NOT NULL;
    """,
    """
    ALTER TABLE raw ADD COLUMN until TEXT;  -- a policy's end, where it is before that of store.keep_raw
    CREATE INDEX raw_by_end ON raw (until) WHERE until IS NOT NULL;
    """,
    SOURCES,
    PUSHES + SUBSCRIPTIONS,
    """
    CREATE TABLE sinks (                -- of each sink, the number of the record that it gets next
        name TEXT NOT NULL, topic TEXT NOT NULL, next INTEGER NOT NULL,
        PRIMARY KEY (name, topic)) WITHOUT ROWID;

    CREATE TABLE deletions (            -- what was asked to be deleted, for ever
        seq INTEGER PRIMARY KEY,
        article_id TEXT NOT NULL UNIQUE,
        reason TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        erased_at TEXT,                 -- when the tables had nothing of it any more
        done_at TEXT                    -- when output files and the log of the store had nothing either
    );
    CREATE INDEX deletions_to_erase ON deletions (seq) WHERE erased_at IS NULL;
    CREATE INDEX deletions_to_do ON deletions (seq) WHERE done_at IS NULL;
    -- What is looked up for each of them.
    ALTER TABLE outcomes ADD COLUMN page TEXT;  -- hash of the address, folded, of what is no article
    UPDATE outcomes SET page = name_page(url) WHERE article_id IS NULL AND url IS NOT NULL;
    CREATE INDEX outcomes_by_page ON outcomes (page) WHERE page IS NOT NULL;
    CREATE INDEX dead_by_raw_id ON dead (json_extract(headers, '$."naba-raw-id"'));
    CREATE INDEX rejected_with_bytes ON rejected (key)
        WHERE json_extract(record, '$.content_base64') IS NOT NULL;
    CREATE INDEX story_pages_by_article ON story_pages (article_id) WHERE article_id IS NOT NULL;
    -- 1: holds what is deleted, and is to be written anew; 2: that is written, and to be put in its place
    ALTER TABLE files ADD COLUMN renewal INTEGER NOT NULL DEFAULT 0;
    -- An empty record in articles or duplicates is a deletion, as it stands on the topics.
    DROP INDEX duplicates_by_original;
    CREATE INDEX duplicates_by_original
        ON duplicates (json_extract(record, '$.duplicate_of')) WHERE record != '';
    """,
)


class StoreError(WrongUse):
    """A store that cannot be used; the message names the file and what to do."""


class StoreLocked(StoreError):
    """A store that another runner has."""


def refuse_other(database: sqlite3.Connection, path: str) -> None:
    """Raise StoreError where the database is another program's."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or tables):
        raise StoreError(f"{path}: is a database, but not one of naba")


def name_page(url: str | None) -> str | None:
    """Return the id of an article at this address, however it is spelled; None for no http(s) address."""
    address = canonical_url(url)
    return article_id(address, b"") if address else None


def migrate(database: sqlite3.Connection, path: str) -> None:
    """Bring the tables of `database` to the newest version.

    Raises StoreError where the file is another program's, or of a newer naba.
    """
    refuse_other(database, path)
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(f"{path}: written by a newer naba (version {version} of its tables)")
    database.create_function("name_page", 1, name_page, deterministic=True)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        try:
            database.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID}; "
                f"PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.OperationalError:
            if database.in_transaction:
                database.execute("ROLLBACK")
            (now,) = database.execute("PRAGMA user_version").fetchone()
            if now < number:
                raise
            # Another process took this step at the same moment.


def prepare(path: str) -> None:
    """Make the tables of a store that is there or not, for one who fills none of those of a runner.

    Raises StoreError.
    """
    try:
        with closing(connect(path)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            migrate(database, path)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be used as a store: {error}") from None


def claim(database: sqlite3.Connection, path: str, cluster: str | None) -> None:
    """Tie the store to what fills it, a runner (None) or the topics of a cluster, once and for all.

    Raises StoreError where something else fills it: half of what a runner needs would be missing.
    """
    (filled,) = database.execute("SELECT count(*) FROM (SELECT 1 FROM outcomes LIMIT 1)").fetchone()
    found = name_cluster(database)
    if cluster is None:
        if found is not None:
            raise StoreError(f"{path}: is filled by `naba sink store`; name another store with --db")
    elif found is None:
        if filled:
            raise StoreError(f"{path}: was filled by `naba run`; name another store with --db")
        database.execute("INSERT INTO cluster VALUES (?)", (cluster,))
    elif found != cluster:
        raise StoreError(
            f"{path}: is filled from another cluster or prefix ({found}, and this is {cluster}); "
            "name another store with --db"
        )


def name_cluster(database: sqlite3.Connection) -> str | None:
    """Return the name of the cluster whose topics fill this store, None where a runner does."""
    query = "SELECT 1 FROM sqlite_master WHERE name = 'cluster'"
    if not database.execute(query).fetchone():
        return None  # an older file, opened to be read
    found = database.execute("SELECT name FROM cluster").fetchone()
    return str(found[0]) if found else None
