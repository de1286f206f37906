"""What a source reads to find its items, as it was when last read: what makes a request conditional."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from connectors.polling.tables import read_time, write_time

_WHOLE_EVERY = 86_400.0  # seconds after which its body is asked for whatever its validators say


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Validators (RFC 9110, 8.8) and the hash of the body, for validators lie; `read_at` in seconds.

    `every` is how many seconds it wants between two looks. `listed` is the time of its last change as
    another document told it when this was read.
    """

    etag: str | None = None
    last_modified: str | None = None
    hash: str | None = None
    moved_to: str | None = None
    listed: str | None = None
    every: float | None = None
    read_at: float

    def is_due_whole(self, now: float) -> bool:
        """Return whether its validators have been believed for long enough."""
        return now - self.read_at >= _WHOLE_EVERY


def read_document(database: sqlite3.Connection, source: str, url: str) -> Document | None:
    """Return what is known of a document, None where it was never read."""
    row = database.execute(
        "SELECT etag, last_modified, hash, moved_to, listed, every, read_at FROM documents "
        "WHERE source = ? AND url = ?",
        (source, url),
    ).fetchone()
    if row is None:
        return None
    return Document(
        etag=row[0], last_modified=row[1], hash=row[2], moved_to=row[3], listed=row[4],
        every=row[5], read_at=read_time(row[6]) or 0.0,
    )  # fmt: skip


def list_unlisted(database: sqlite3.Connection, source: str) -> list[str]:
    """Return the documents of which no other tells when they changed, those read last first."""
    rows = database.execute(
        "SELECT url FROM documents WHERE source = ? AND listed IS NULL ORDER BY read_at DESC", (source,)
    )
    return [url for (url,) in rows]


def write_document(database: sqlite3.Connection, source: str, url: str, document: Document) -> None:
    """Note a document whose items are all safe: not before, or a 304 would hide what a crash has taken."""
    database.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            source, url, document.etag, document.last_modified, document.hash, document.moved_to,
            document.listed, document.every, write_time(document.read_at),
        ),
    )  # fmt: skip


def forget_documents(database: sqlite3.Connection, source: str, but: Collection[str]) -> None:
    """Forget the documents of a source that it names no more."""
    known = database.execute("SELECT url FROM documents WHERE source = ?", (source,)).fetchall()
    database.executemany(
        "DELETE FROM documents WHERE source = ? AND url = ?",
        [(source, url) for (url,) in known if url not in but],
    )
