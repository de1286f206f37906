"""The tables of a SQLite file of articles, and the steps by which an older file becomes a newer one."""

import sqlite3
from contextlib import ExitStack
from pathlib import Path

from schemas.wrong_use import WrongUse

APPLICATION_ID = 0x6E616273  # "nabs", as SQLite's file header names the program (sqlite.org/fileformat)
# Primary codes, of which the extended ones are kinds (sqlite.org/rescode).
_NOT_OURS = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_BUSY = 5  # seconds that another program may hold the file

# `seq` is the row of the index. It is not the table's own rowid: VACUUM gives those anew.
_ARTICLE = """
    article_id TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL,
    url TEXT, canonical_url TEXT, host TEXT NOT NULL, publisher TEXT, language TEXT NOT NULL,
    title TEXT, kicker TEXT, text TEXT NOT NULL,
    authors TEXT NOT NULL, section TEXT, tags TEXT NOT NULL,
    image TEXT, licence TEXT, word_count INTEGER NOT NULL,
    published_at TEXT, modified_at TEXT, fetched_at TEXT NOT NULL, processed_at TEXT,
    source TEXT NOT NULL, raw_id TEXT NOT NULL, content_hash TEXT NOT NULL,
    record TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE
"""
# One entry a version, of its statements; an entry that has been released is never changed.
MIGRATIONS = (
    (
        f"CREATE TABLE articles ({_ARTICLE})",
        f"CREATE TABLE duplicates ({_ARTICLE}, duplicate_of TEXT, relation TEXT, overlap REAL)",
        # Of both tables; title and text are folded.
        "CREATE VIRTUAL TABLE search USING fts5 (title, text, tokenize = 'unicode61 remove_diacritics 2')",
        "CREATE TABLE deletions (article_id TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL)",
    ),
)


def open_tables(path: Path) -> sqlite3.Connection:
    """Return a connection to the tables, made where they are not there.

    Raises WrongUse where it is another program's file, of a newer naba, or not ours to write, and
    sqlite3.OperationalError where it can be neither read nor written now.
    """
    if not path.absolute().parent.is_dir():
        raise WrongUse(f"{path}: its folder does not exist")
    if path.is_dir():
        raise WrongUse(f"{path}: is a folder")
    try:
        with ExitStack() as undone:
            # Absolute: a file may have any name, and `:memory:` be one.
            database = sqlite3.connect(path.absolute(), isolation_level=None, timeout=_BUSY)
            undone.callback(database.close)
            _migrate(database, path)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            # What is deleted or replaced is overwritten in the file, not only given free.
            database.execute("PRAGMA secure_delete = ON")
            undone.pop_all()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _NOT_OURS:
            raise WrongUse(f"{path}: {error}") from None
        raise
    except sqlite3.DatabaseError:
        raise WrongUse(f"{path}: exists and is no database") from None
    return database


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    # Within one transaction from the first look: two that start at once take each step once.
    database.execute("BEGIN IMMEDIATE")
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or tables):
        raise WrongUse(f"{path}: is a database, but not one of this sink; name another file")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise WrongUse(f"{path}: written by a newer naba (version {version} of its tables)")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    database.execute("COMMIT")
