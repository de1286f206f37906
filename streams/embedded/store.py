"""The embedded store: one SQLite file that holds all state, and moves from commit to commit."""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import zstandard

from schemas.codec import decode, encode
from schemas.ids import delivery_id
from schemas.letter import ARTICLES, DEAD, DUPLICATES, INPUT, OUTCOMES, RAW_ID, REJECTED, Letter
from schemas.outcome import Outcome
from schemas.record_event import write_time
from streams.embedded.rows import Rows
from streams.embedded.tables import (
    StoreError,
    StoreLocked,
    claim,
    migrate,
    name_cluster,
    name_page,
    refuse_other,
)

TABLES = {
    ARTICLES: "articles",
    DUPLICATES: "duplicates",
    REJECTED: "rejected",
    DEAD: "dead",
    OUTCOMES: "outcomes",
}


class Store:
    """The tables of one file. What is written between two `commit`s is there whole or not at all."""

    def __init__(self, path: str, *, write: bool = True, cluster: str | None = None) -> None:
        """Open the file, made when it is not there and `write` is true.

        `cluster` names the topics that it is to be filled from, None where a runner fills it.
        Raises StoreError where it is no store, or (with `write`) where another runner has it or
        something else fills it.
        """
        # Two names of one file are one store, with one lock.
        self.path = path = os.path.realpath(path)
        if not write and not Path(path).exists():
            raise StoreError(f"{path}: no such store")
        if not Path(path).absolute().parent.is_dir():
            raise StoreError(f"{path}: its folder does not exist")
        self._lock: int | None = None
        try:
            _refuse_other(path)
            self._lock = _lock(path) if write else None
            self.database = sqlite3.connect(path, isolation_level=None, timeout=30)
            if write:
                self.database.execute("PRAGMA journal_mode = WAL")
            else:
                self.database.execute("PRAGMA query_only = ON")
            # Without FULL a power cut takes back what was promised as safe.
            self.database.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten in the file, not only given free.
            self.database.execute("PRAGMA secure_delete = ON")
            if write:
                migrate(self.database, path)
                claim(self.database, path, cluster)
            else:
                self.database.execute("SELECT 1 FROM outcomes LIMIT 1")
        except (StoreError, sqlite3.Error) as error:
            if self._lock is not None:
                os.close(self._lock)
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"{path}: cannot be used as a store: {error}") from None
        self.rows = Rows(self.database)
        self.cluster = name_cluster(self.database)
        (self.seq,) = self.database.execute("SELECT coalesce(max(seq), 0) FROM outcomes").fetchone()
        self._compressor = zstandard.ZstdCompressor(level=1)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.database.close()
        if self._lock is not None:
            os.close(self._lock)

    def has(self, letter: Letter) -> bool:
        """Return whether this delivery has its outcome."""
        key = bytes.fromhex(delivery_id(letter.headers[INPUT], letter.headers[RAW_ID]))
        found = self.database.execute("SELECT 1 FROM outcomes WHERE delivery_id = ?", (key,)).fetchone()
        return found is not None

    def begin(self) -> None:
        """Begin what the next `commit` makes durable."""
        if not self.database.in_transaction:
            self.database.execute("BEGIN IMMEDIATE")

    def keep_raw(self, letter: Letter, at: datetime, until: datetime | None = None) -> None:
        """Keep the delivered letter for a replay; the same delivery once.

        Until `forget` is told that it is too old, or `until` has passed, whatever is first.
        """
        self.database.execute(
            "INSERT OR IGNORE INTO raw (raw_id, at, letter, until) VALUES (?, ?, ?, ?)",
            (
                letter.headers[RAW_ID],
                write_time(at),
                self._compressor.compress(letter.value),
                write_time(until) if until else None,
            ),
        )

    def append(self, letters: tuple[Letter, ...], at: datetime) -> None:
        """Write what follows from one delivery; its outcome gets the next number."""
        for letter in letters:
            if letter.topic == OUTCOMES:
                self._append_outcome(letter, at)
            elif letter.topic == DEAD:
                self.database.execute(
                    "INSERT INTO dead (key, record, headers) VALUES (?, ?, ?)",
                    (letter.key, letter.value, encode(dict(letter.headers)).decode()),
                )
            else:
                self.database.execute(
                    f"INSERT INTO {TABLES[letter.topic]} (key, record) VALUES (?, ?)",
                    (letter.key, letter.value.decode()),
                )

    def _append_outcome(self, letter: Letter, at: datetime) -> None:
        outcome = decode(letter.value, Outcome)
        self.seq += 1
        self.database.execute(
            "INSERT INTO outcomes (seq, delivery_id, raw_id, url, article_id, page, outcome, at, record) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.seq,
                bytes.fromhex(delivery_id(outcome.input, outcome.raw_id)),
                outcome.raw_id,
                outcome.url,
                outcome.article_id,
                None if outcome.article_id else name_page(outcome.url),
                outcome.outcome,
                write_time(at),
                letter.value.decode(),
            ),
        )

    def commit(self) -> None:
        """Make everything since `begin` durable."""
        self.rows.flush()
        if self.database.in_transaction:
            self.database.execute("COMMIT")

    def records(self, topic: str, after: int) -> Iterator[tuple[int, bytes]]:
        """Yield the records of a topic behind number `after`, in order, with their numbers.

        One without any bytes is a deletion.
        """
        query = f"SELECT seq, record FROM {TABLES[topic]} WHERE seq > ? ORDER BY seq LIMIT 100"
        while batch := self.database.execute(query, (after,)).fetchall():
            for after, record in batch:
                yield after, record.encode() if isinstance(record, str) else record

    def last(self, topic: str) -> int:
        """Return the number of the newest record of a topic, 0 where there is none."""
        query = f"SELECT coalesce(max(seq), 0) FROM {TABLES[topic]}"
        (seq,) = self.database.execute(query).fetchone()
        return int(seq)

    def read_line(self, topic: str, seq: int) -> bytes | None:
        """Return the last line of a file that has all records up to that number, None where it has none."""
        query = (
            f"SELECT record FROM {TABLES[topic]} WHERE seq <= ? AND record != '' ORDER BY seq DESC LIMIT 1"
        )
        found = self.database.execute(query, (seq,)).fetchone()
        return found[0].encode() if found else None

    def read_mark(self, path: str, topic: str) -> tuple[int, int] | None:
        """Return the number of the last record in an output file and its length in bytes."""
        query = "SELECT seq, length FROM files WHERE path = ? AND topic = ?"
        found = self.database.execute(query, (path, topic)).fetchone()
        return (int(found[0]), int(found[1])) if found else None

    def write_mark(self, path: str, topic: str, seq: int, length: int) -> None:
        """Note how far an output file goes."""
        self.database.execute(
            "INSERT INTO files (path, topic, seq, length) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (path, topic) DO UPDATE SET seq = excluded.seq, length = excluded.length",
            (path, topic, seq, length),
        )

    def forget_mark(self, path: str, topic: str) -> None:
        """Forget an output file."""
        self.database.execute("DELETE FROM files WHERE path = ? AND topic = ?", (path, topic))

    def read_raw(self, raw_id: str) -> bytes | None:
        """Return the letter of a delivery as it arrived, None where it is kept no longer."""
        found = self.database.execute("SELECT letter FROM raw WHERE raw_id = ?", (raw_id,)).fetchone()
        return zstandard.ZstdDecompressor().decompress(found[0]) if found else None

    def forget(self, raw_before: datetime, rows_before: str) -> None:
        """Delete raw pages, and rows not seen since; the file's pages are used again.

        With a page goes the start that is kept of one that was too large.
        """
        self.database.execute("DELETE FROM raw WHERE at < ?", (write_time(raw_before),))
        self.database.execute("DELETE FROM raw WHERE until < ?", (write_time(datetime.now(UTC)),))
        self.database.execute(
            "UPDATE rejected SET record = json_set(record, '$.content_base64', NULL) "
            "WHERE json_extract(record, '$.content_base64') IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM raw WHERE raw_id = rejected.key)"
        )
        self.database.execute("DELETE FROM rows WHERE seen < ?", (rows_before,))

    def fetch(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a question that a verb asks."""
        return self.database.execute(query, values).fetchall()


def _refuse_other(path: str) -> None:
    # Read-only first: setting the journal mode would already change another program's file.
    try:
        with Path(path).open("rb") as stream:
            start = stream.read(16)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from None
    if not start:
        return
    if start != b"SQLite format 3\0":
        raise StoreError(f"{path}: is not a database")
    with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as database:
        refuse_other(database, path)


def _lock(path: str) -> int:
    # A file of its own: a descriptor of the database, once closed, would drop SQLite's own locks.
    lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    for _ in range(30):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A runner that was just killed may still be on its way out.
            time.sleep(0.1)
        else:
            return lock
    os.close(lock)
    raise StoreLocked(f"{path}: another runner has this store")
