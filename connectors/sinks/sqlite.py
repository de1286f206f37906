"""SQLite: articles and copies as rows, each once and in its newest revision, with full-text search."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from connectors.checkpoint import empty_log
from connectors.sink import Received, Refused, Sink, StoreAway, Tell
from connectors.sinks.newest import sum_up
from connectors.sinks.sqlite_rows import write_changes
from connectors.sinks.sqlite_tables import open_tables
from connectors.sinks.wanted import list_topics
from connectors.sources.keys import Name
from connectors.transaction import transact
from schemas.article import Relation
from schemas.wrong_use import WrongUse

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
        try:
            return SqliteStore(Path(self.path), self.relations)
        except WrongUse as error:
            raise WrongUse(f"sink {self.name}: {error}") from None


class SqliteStore:
    """A file of rows; where it cannot be written it is opened again at the next batch."""

    def __init__(self, path: Path, relations: Sequence[Relation]) -> None:
        """Make the tables. Raises as `open_tables`, and StoreAway."""
        self.topics, self._relations = list_topics(relations), relations
        self.is_new = not path.exists() or not path.stat().st_size
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._file: os.stat_result
        # What a program that was killed has deleted may stand in the log beside the file still.
        self._has_deleted = True
        try:
            self._open()
        except sqlite3.OperationalError as error:
            raise self._away(error) from None

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Make the batch durable. Raises StoreAway where the file is locked, full or not to be written."""
        changes = sum_up(batch, self._relations)
        refused = list(changes.refused)
        with self._kept_away():
            database = self._open()
            try:
                with transact(database):
                    write_changes(database, changes)
            except _OF_CONTENT:
                refused += _write_each(database, batch, self._relations)
            self._check_place()
            self._has_deleted = self._has_deleted or bool(changes.deleted)
            if self._has_deleted:
                self._has_deleted = not empty_log(database, 0)
        return refused

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = open_tables(self._path)
            self._file = self._path.stat()
        self._check_place()
        return self._database

    def _check_place(self) -> None:
        """Raise StoreAway where the file was removed, or moved away: what is written would be lost."""
        try:
            is_in_place = os.path.samestat(self._file, self._path.stat())
        except OSError:
            is_in_place = False
        if not is_in_place:
            self.close()
            raise StoreAway(f"{self._path}: was removed, or moved away")

    @contextmanager
    def _kept_away(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._away(error) from None
        except WrongUse as error:  # what only a person can mend was right at the start, and can be again
            raise StoreAway(str(error)) from None

    def _away(self, error: sqlite3.Error) -> StoreAway:
        self.close()
        return StoreAway(f"{self._path}: {error}")


def _write_each(
    database: sqlite3.Connection, batch: Iterable[Received], relations: Sequence[Relation]
) -> list[Refused]:
    """Write what SQLite takes of a batch, one by one, and return the rest."""
    refused = []
    with transact(database):
        for item in batch:
            database.execute("SAVEPOINT one")
            try:
                write_changes(database, sum_up([item], relations))
            except _OF_CONTENT as error:
                refused.append(Refused(item, str(error)))
                database.execute("ROLLBACK TO one")
            database.execute("RELEASE one")
    return refused
