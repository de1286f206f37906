"""Deletions that were asked for in the store: taken up by its runner, or by the verb where none is there.

Three steps, each of which is done again where something was killed: the tables, some articles a round so
that others can write in between, then once for all of them the output files and the log of the database.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from connectors.checkpoint import empty_log
from connectors.transaction import transact
from schemas.deletion import Deletion, deletion_letter
from schemas.letter import ARTICLES, OUTCOMES, Letter
from schemas.record_event import write_time
from streams.copies.row import NO_HASH, Row
from streams.embedded.erase import erase, find_revision
from streams.embedded.renewal import mark_stale, renew_all
from streams.embedded.store import Store

_LOOK_SECONDS = 0.5
_ROUND = 200  # articles in one transaction: others wait for it
CHECKPOINT_MS = 500  # for which those are waited for who read what is deleted


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
        self._looked_at, self._pause = float("-inf"), _LOOK_SECONDS

    def is_due(self) -> bool:
        """Return whether something is to be done; it looks twice a second, and between two rounds sooner."""
        if time.monotonic() - self._looked_at < self._pause:
            return False
        self._looked_at = time.monotonic()
        return bool(self._store.fetch("SELECT 1 FROM deletions WHERE done_at IS NULL LIMIT 1"))

    def erase(self, now: datetime) -> bool:
        """Do a round of what the tables need, within the transaction that is open.

        Return whether `finish` is due: not while rounds are left.
        """
        began = time.monotonic()
        todo = self._store.fetch(
            "SELECT article_id, reason, asked_at FROM deletions WHERE erased_at IS NULL ORDER BY seq LIMIT ?",
            _ROUND,
        )
        for article_id, reason, asked_at in todo:
            asked = datetime.fromisoformat(asked_at)
            self._erase(Deletion(article_id=article_id, reason=reason, asked_at=asked), now)
        self._looked_at, self._pause = time.monotonic(), _LOOK_SECONDS
        if self._store.fetch("SELECT 1 FROM deletions WHERE erased_at IS NULL LIMIT 1"):
            # As long for everything else as for deletions.
            self._pause = self._looked_at - began
            return False
        return bool(self._store.fetch("SELECT 1 FROM deletions WHERE done_at IS NULL LIMIT 1"))

    def finish(self) -> None:
        """Free what stands beside the tables: files that nobody has open, and the log. Raises OSError.

        Where somebody reads from the log it is done another time.
        """
        renew_all(self._store)
        if empty_log(self._store.database, CHECKPOINT_MS):
            with transact(self._store.database):
                self._store.database.execute(
                    "UPDATE deletions SET done_at = ? WHERE erased_at IS NOT NULL AND done_at IS NULL",
                    (write_time(datetime.now(UTC)),),
                )

    def _erase(self, deletion: Deletion, now: datetime) -> None:
        revision = find_revision(self._store, deletion.article_id)
        if revision and deletion.article_id not in self._store.rows:
            # Its row is older than `store.keep_rows`; what stands in the tables is known all the same.
            self._store.rows[deletion.article_id] = _make_row(deletion, revision)
        # The deletion first: numbers grow, and one that a sink is behind is never given anew.
        self._store.append(self._compare(deletion_letter(deletion), now), now)
        for topic, first in zip((ARTICLES, OUTCOMES), erase(self._store, deletion.article_id), strict=True):
            if first is not None:
                mark_stale(self._store, topic, first)
        self._store.database.execute(
            "UPDATE deletions SET erased_at = ? WHERE article_id = ?", (write_time(now), deletion.article_id)
        )


def _make_row(deletion: Deletion, revision: int) -> Row:
    """Return the row of an article of which only the newest revision's number is known."""
    return Row(
        article_id=deletion.article_id,
        revision=revision,
        verdict="deleted",
        content_hash=NO_HASH,
        delivered_hash=NO_HASH,
        uncut_hash=NO_HASH,
        text_key=NO_HASH,
        fingerprint="",
        since=f"{deletion.asked_at:%Y-%m-%d}",
        moment=deletion.asked_at,
    )
