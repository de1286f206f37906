"""The log of a SQLite database (WAL), cut to nothing: what is deleted stands in it until then."""

import sqlite3


def empty_log(database: sqlite3.Connection, milliseconds: int) -> bool:
    """Return whether that could be done; those who read from it are waited for so long, and no longer."""
    (patience,) = database.execute("PRAGMA busy_timeout").fetchone()
    database.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        busy, _pages, _written = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        database.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy
