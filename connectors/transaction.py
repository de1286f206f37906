"""A transaction of SQLite, on a connection that begins none by itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transact(database: sqlite3.Connection) -> Iterator[None]:
    """Make what is done within durable together, or not at all."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
