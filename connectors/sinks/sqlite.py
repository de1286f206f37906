"""SQLite: articles and copies as rows, each once and in its newest revision, with full-text search."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from connectors.sink import Received, Refused, Sink, StoreAway, Tell
from connectors.sinks.newest import sum_up
from connectors.sinks.sqlite_rows import write_changes
from connectors.sinks.sqlite_tables import open_tables
from connectors.sources.keys import Name
from schemas.article import Relation
from schemas.letter import ARTICLES, DUPLICATES

_OF_CONTENT = (sqlite3.DataError, sqlite3.IntegrityError, OverflowError)


class SqliteSink(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sqlite"
):
    """`path` is the database, `relations` the copies that it holds beside the articles."""

    files: ClassVar[tuple[str, ...]] = ("path",)

    name: Name
    relations: tuple[Relation, ...] = ()
    path: Annotated[str, msgspec.Meta(min_length=1)]

    def open(self, tell: Tell) -> Sink:  # noqa: ARG002 - others have something to tell
        """Return the sink. Raises StoreAway, and WrongUse where the file is not one of this sink."""
        topics = (ARTICLES, DUPLICATES) if self.relations else (ARTICLES,)
        return SqliteStore(Path(self.path), topics)


class SqliteStore:
    """A file of rows; where it cannot be written it is opened again at the next batch."""

    def __init__(self, path: Path, topics: tuple[str, ...]) -> None:
        """Make the tables. Raises as `open_tables`, and StoreAway."""
        self.topics = topics
        self._path = path
        self._database: sqlite3.Connection | None = None
        with self._kept_away():
            self._database = open_tables(path)

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Make the batch durable. Raises StoreAway where the file is locked, full or not to be written."""
        changes = sum_up(batch)
        refused = list(changes.refused)
        with self._kept_away():
            if self._database is None:
                self._database = open_tables(self._path)
            try:
                with _transact(self._database):
                    write_changes(self._database, changes)
            except _OF_CONTENT:
                refused += _write_each(self._database, batch)
            if changes.deleted:
                # Until then what was deleted still stands in the log beside the file.
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return refused

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def _kept_away(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreAway(f"{self._path}: {error}") from None


@contextmanager
def _transact(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _write_each(database: sqlite3.Connection, batch: Iterable[Received]) -> list[Refused]:
    """Write what SQLite takes of a batch, one by one, and return the rest."""
    refused = []
    with _transact(database):
        for item in batch:
            database.execute("SAVEPOINT one")
            try:
                write_changes(database, sum_up([item]))
            except _OF_CONTENT as error:
                refused.append(Refused(item, str(error)))
                database.execute("ROLLBACK TO one")
            database.execute("RELEASE one")
    return refused
