"""What was pushed: the keys that senders gave, and the letters that wait for the embedded runner."""

import sqlite3
from collections.abc import Collection

import orjson
import zstandard

from connectors.polling.tables import write_time
from schemas.ids import delivery_id
from schemas.letter import INPUT, RAW_ID, Letter

# Part of a step of the store's migrations: once released it is never changed.
SCHEMA = """
    CREATE TABLE push_keys (            -- what came under a key: another body is refused
        source TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (source, key)) WITHOUT ROWID;
    CREATE TABLE inbox (                -- answered with 2xx, and not yet through the runner
        seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- a number is not given twice
        delivery BLOB NOT NULL UNIQUE, source TEXT NOT NULL,
        topic TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL,
        value BLOB NOT NULL,            -- zstd
        size INTEGER NOT NULL);
"""

_compressor = zstandard.ZstdCompressor(level=1)
_decompressor = zstandard.ZstdDecompressor()


class KeyReused(ValueError):
    """A key under which something else came before."""


def note_key(database: sqlite3.Connection, source: str, key: str, body: str, now: float) -> None:
    """Note which body (its hash) came under a key. Raises KeyReused."""
    database.execute(
        "INSERT OR IGNORE INTO push_keys VALUES (?, ?, ?, ?)", (source, key, body, write_time(now))
    )
    (known,) = database.execute(
        "SELECT body FROM push_keys WHERE source = ? AND key = ?", (source, key)
    ).fetchone()
    if known != body:
        raise KeyReused(f"something else was sent under the key {key[:80]!r} before")


def count_inbox(database: sqlite3.Connection, only: Collection[str] | None = None) -> tuple[int, int]:
    """Return how many letters wait, of these sources or (None) all, and their bytes."""
    count, size = database.execute(
        f"SELECT count(*), coalesce(sum(size), 0) FROM inbox WHERE {_among(only)}", tuple(only or ())
    ).fetchone()
    return int(count), int(size)


def put_letter(database: sqlite3.Connection, source: str, letter: Letter) -> int:
    """Put a letter in the inbox, and return its bytes there; 0 where the same delivery waits already."""
    value = _compressor.compress(letter.value)
    added = database.execute(
        "INSERT OR IGNORE INTO inbox (delivery, source, topic, key, headers, value, size) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            bytes.fromhex(delivery_id(letter.headers[INPUT], letter.headers[RAW_ID])),
            source, letter.topic, letter.key, orjson.dumps(dict(letter.headers)).decode(), value, len(value),
        ),
    )  # fmt: skip
    return len(value) if added.rowcount else 0


def read_inbox(
    database: sqlite3.Connection, after: int, most: int, only: Collection[str] | None
) -> list[tuple[int, int, Letter]]:
    """Return the number, the bytes and the letter of those that wait behind a number, in their order.

    `only` those of these sources, or (None) all.
    """
    rows = database.execute(
        f"SELECT seq, size, topic, key, value, headers FROM inbox WHERE seq > ? AND {_among(only)} "
        "ORDER BY seq LIMIT ?",
        (after, *(only or ()), most),
    )
    return [
        (
            seq,
            size,
            Letter(topic, key, _decompressor.decompress(value), orjson.loads(headers)),
        )
        for seq, size, topic, key, value, headers in rows
    ]


def _among(only: Collection[str] | None) -> str:
    return "1" if only is None else f"source IN ({','.join('?' * len(only))})"


def take_letter(database: sqlite3.Connection, seq: int) -> None:
    """Take a letter out that is through."""
    database.execute("DELETE FROM inbox WHERE seq = ?", (seq,))
