"""Deletions that were asked for in the store: taken up by its runner, or by the verb where none is there.

Three steps, each of which is done again where something was killed: the tables, the output files, the
log of the database.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from connectors.polling.tables import transact
from schemas.deletion import Deletion, deletion_letter
from schemas.letter import ARTICLES, OUTCOMES, Letter
from schemas.record_event import write_time
from streams.embedded.erase import erase
from streams.embedded.renewal import mark_stale, renew_all
from streams.embedded.store import Store

_LOOK_SECONDS = 0.5
_CHECKPOINT_MS = 500  # for which those are waited for who read what is deleted


def ask(database: sqlite3.Connection, deletions: Iterable[Deletion]) -> None:
    """Note in a store that these are to be deleted; what was asked for before stays as it was."""
    with transact(database):
        database.executemany(
            "INSERT OR IGNORE INTO deletions (article_id, reason, asked_at) VALUES (?, ?, ?)",
            [(one.article_id, one.reason, write_time(one.asked_at)) for one in deletions],
        )


class Deletions:
    """Those of one store, for the one who has its lock."""

    def __init__(self, store: Store, compare: Callable[[Letter, datetime], tuple[Letter, ...]]) -> None:
        """`compare` is the step on the rows of the store and, where there is one, the index."""
        self._store, self._compare = store, compare
        self._looked_at = float("-inf")

    def is_due(self) -> bool:
        """Return whether something is to be done; it looks twice a second."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = time.monotonic()
        return bool(self._store.fetch("SELECT 1 FROM deletions WHERE done_at IS NULL LIMIT 1"))

    def erase(self, now: datetime) -> bool:
        """Do what the tables need, within the transaction that is open; return whether `finish` is due."""
        todo = self._store.fetch(
            "SELECT article_id, reason, asked_at, erased_at FROM deletions WHERE done_at IS NULL ORDER BY seq"
        )
        for article_id, reason, asked_at, erased_at in todo:
            if erased_at is None:
                asked = datetime.fromisoformat(asked_at)
                self._erase(Deletion(article_id=article_id, reason=reason, asked_at=asked), now)
        return bool(todo)

    def finish(self) -> None:
        """Free what stands beside the tables: files that nobody has open, and the log. Raises OSError.

        Where somebody reads from the log it is done another time.
        """
        renew_all(self._store)
        if empty_log(self._store):
            with transact(self._store.database):
                self._store.database.execute(
                    "UPDATE deletions SET done_at = ? WHERE erased_at IS NOT NULL AND done_at IS NULL",
                    (write_time(datetime.now(UTC)),),
                )

    def _erase(self, deletion: Deletion, now: datetime) -> None:
        # The deletion first: numbers grow, and one that a sink is behind is never given anew.
        self._store.append(self._compare(deletion_letter(deletion), now), now)
        for topic, first in zip((ARTICLES, OUTCOMES), erase(self._store, deletion.article_id), strict=True):
            if first is not None:
                mark_stale(self._store, topic, first)
        self._store.database.execute(
            "UPDATE deletions SET erased_at = ? WHERE article_id = ?", (write_time(now), deletion.article_id)
        )


def empty_log(store: Store) -> bool:
    """Write the log (SQLite's WAL) back and cut it to nothing, and return whether that could be done."""
    store.database.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MS}")
    try:
        busy, _pages, _written = store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        store.database.execute("PRAGMA busy_timeout = 30000")
    return not busy
