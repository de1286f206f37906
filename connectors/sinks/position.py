"""Where a sink that writes files stands: offsets, lengths and what is written, in one small SQLite file."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from connectors.sink import Position
from schemas.wrong_use import WrongUse

APPLICATION_ID = 0x6E616270  # "nabp"
CREATED_ANEW = "{}: was created anew, and is read from its beginning"

_TABLES = """
    CREATE TABLE cluster (name TEXT NOT NULL);
    CREATE TABLE topics (               -- the id of each topic that the offsets are of
        topic TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE offsets (              -- of each partition, the offset that is read next
        topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
        PRIMARY KEY (topic, partition)) WITHOUT ROWID;
    CREATE TABLE files (                -- up to where each file is committed, and its last line
        topic TEXT PRIMARY KEY, path TEXT NOT NULL, length INTEGER NOT NULL, last_line BLOB) WITHOUT ROWID;
    CREATE TABLE lines (                -- what has its line
        topic TEXT NOT NULL, name BLOB NOT NULL, PRIMARY KEY (topic, name)) WITHOUT ROWID;
"""


class PositionError(WrongUse):
    """A position that cannot be used; the message names the file and what to do."""


class PositionFile:
    """Moves from `commit` to `commit`; one sink has it at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, made when it is not there.

        Raises PositionError where it is something else, or where another sink has it.
        """
        self.path = path
        try:
            # What locks the file is its open connection: a sink that was killed leaves nothing behind.
            self._database = sqlite3.connect(path, isolation_level=None, timeout=3)
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._make()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise PositionError(
                    f"{path}: another sink has it; one at a time can write its files"
                ) from None
            raise PositionError(f"{path}: {error}") from None
        except sqlite3.DatabaseError:
            raise PositionError(f"{path}: exists and is not the position of a sink") from None

    def _make(self) -> None:
        (application,) = self._database.execute("PRAGMA application_id").fetchone()
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != APPLICATION_ID and (application or tables):
            raise PositionError(f"{self.path}: exists and is not the position of a sink")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if not tables:
            self._database.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
            )
        else:
            self._database.execute("BEGIN IMMEDIATE; ")
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Leave the file to others."""
        self._database.close()

    @property
    def database(self) -> sqlite3.Connection:
        """Return the database, for a sink that keeps more there."""
        return self._database

    def belong_to(self, cluster: str, ids: Mapping[str, str]) -> list[str]:
        """Tie the position to one cluster and its topics, since offsets mean nothing elsewhere.

        Returns the topics that were created anew, of which the offsets are forgotten; `ids` are
        those of the topics now. Raises PositionError where the cluster is another.
        """
        found = self._database.execute("SELECT name FROM cluster").fetchone()
        if found is not None and found[0] != cluster:
            raise PositionError(
                f"{self.path}: is the position on another cluster or prefix ({found[0]}, and this is "
                f"{cluster}); remove it with its files, or name other files"
            )
        self.begin()
        if found is None:
            self._database.execute("INSERT INTO cluster VALUES (?)", (cluster,))
        anew = forget_anew(self._database, ids)
        self.commit()
        return anew

    def read_offsets(self) -> Position:
        """Return the offsets that are read next; a partition that is not there was never read."""
        return {
            (topic, partition): next
            for topic, partition, next in self._database.execute("SELECT topic, partition, next FROM offsets")
        }

    def read_file(self, topic: str) -> tuple[str, int, bytes | None] | None:
        """Return path, committed length and last line of the topic's file, None where there is none."""
        query = "SELECT path, length, last_line FROM files WHERE topic = ?"
        found = self._database.execute(query, (topic,)).fetchone()
        return (str(found[0]), int(found[1]), found[2]) if found else None

    def begin(self) -> None:
        """Begin what the next `commit` makes durable."""
        self._database.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make everything since `begin` durable."""
        self._database.execute("COMMIT")

    def rollback(self) -> None:
        """Take back everything since `begin`."""
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")

    def add_line(self, topic: str, name: bytes) -> bool:
        """Note that `name` gets its line; return False where it has one."""
        added = self._database.execute("INSERT OR IGNORE INTO lines VALUES (?, ?)", (topic, name))
        return added.rowcount == 1

    def write_offset(self, topic: str, partition: int, next: int) -> None:
        """Note the offset that is read next."""
        self._database.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)", (topic, partition, next))

    def write_file(self, topic: str, path: str, length: int, last_line: bytes | None) -> None:
        """Note how far the topic's file goes."""
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (topic, path, length, last_line)
        )

    def forget(self, topic: str) -> None:
        """Forget the topic: it is read anew."""
        for table in ("offsets", "files", "lines"):
            self._database.execute(f"DELETE FROM {table} WHERE topic = ?", (topic,))


def forget_anew(database: sqlite3.Connection, ids: Mapping[str, str]) -> list[str]:
    """Forget the offsets of topics that have another id than when it was last asked, and return them."""
    known = dict(database.execute("SELECT topic, id FROM topics"))
    anew = [topic for topic, now in ids.items() if known.get(topic, now) != now]
    database.executemany("DELETE FROM offsets WHERE topic = ?", [(topic,) for topic in anew])
    database.executemany("INSERT OR REPLACE INTO topics VALUES (?, ?)", ids.items())
    return anew
