"""The rows of compare as a mapping over their SQLite table."""

import sqlite3
from collections.abc import Iterator, MutableMapping
from datetime import UTC, date, datetime

from schemas.codec import decode, encode
from streams.copies.row import Row


class Rows(MutableMapping[str, Row]):
    """Rows by article id; changes wait here until `flush` writes them into the open transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._changed: dict[str, Row] = {}

    def __getitem__(self, article_id: str) -> Row:
        if article_id in self._changed:
            return self._changed[article_id]
        found = self._database.execute(
            "SELECT record FROM rows WHERE article_id = ?", (article_id,)
        ).fetchone()
        if found is None:
            raise KeyError(article_id)
        return decode(found[0], Row)

    def __setitem__(self, article_id: str, row: Row) -> None:
        self._changed[article_id] = row

    def __delitem__(self, article_id: str) -> None:
        self._changed.pop(article_id, None)
        self._database.execute("DELETE FROM rows WHERE article_id = ?", (article_id,))

    def __iter__(self) -> Iterator[str]:
        self.flush()
        for (article_id,) in self._database.execute("SELECT article_id FROM rows ORDER BY seq"):
            yield article_id

    def __len__(self) -> int:
        self.flush()
        (count,) = self._database.execute("SELECT count(*) FROM rows").fetchone()
        return int(count)

    def flush(self) -> None:
        """Write what has changed; a row keeps its place in the order of first arrival."""
        today = datetime.now(UTC).date().isoformat()
        self._database.executemany(
            "INSERT INTO rows (article_id, since, seen, record) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (article_id) DO UPDATE "
            "SET since = excluded.since, seen = excluded.seen, record = excluded.record",
            [
                (
                    row.article_id,
                    row.since,
                    date.max.isoformat() if row.deletion else today,  # it never becomes old
                    encode(row).decode(),
                )
                for row in self._changed.values()
            ],
        )
        self._changed.clear()

    def read_published(self, since: str) -> Iterator[tuple[str, str, str, str]]:
        """Yield (article_id, since, text_key, fingerprint) of published rows from a day on, in order."""
        # SQLite takes the fields out of the record ten times as fast as we could read it whole.
        yield from self._database.execute(
            "SELECT article_id, since, "
            "json_extract(record, '$.text_key'), json_extract(record, '$.fingerprint') FROM rows "
            "WHERE since >= ? AND json_extract(record, '$.verdict') IN ('published', 'revised') ORDER BY seq",
            (since,),
        )
