"""The store filled from topics instead of by a runner: `naba why` and `naba explain` ask it the same."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.checkpoint import empty_log
from connectors.cluster.receive import complete, name_place
from connectors.sink import Position, Received, Refused, Tell
from connectors.sinks.identity import identify
from connectors.sinks.position import CREATED_ANEW, forget_anew
from schemas.article import Article, Duplicate
from schemas.codec import DecodeError, decode, encode
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, RAW_ID, REJECTED, Letter
from schemas.outcome import Outcome, Rejection
from schemas.record_event import write_time
from streams.embedded.deletions import CHECKPOINT_MS
from streams.embedded.erase import erase
from streams.embedded.store import TABLES, Store
from streams.embedded.tables import name_page
from streams.policy.policy import Policies
from streams.policy.retention import keep_until
from streams.settings import StoreSettings

_RECORDS = {ARTICLES: Article, DUPLICATES: Duplicate, REJECTED: Rejection, OUTCOMES: Outcome}
_TIDY_EVERY = timedelta(hours=1)
_ID = re.compile("[0-9a-f]{32}")


class StoreSink:
    """Folds letters that come again, and keeps the offsets in the transaction of what they brought."""

    topics: tuple[str, ...] = (RAW, ARTICLES, DUPLICATES, REJECTED, DEAD, OUTCOMES)
    is_new = False

    def __init__(
        self,
        store: Store,
        settings: StoreSettings,
        ids: Mapping[str, str],
        tell: Tell,
        policies: Policies | None = None,
    ) -> None:
        """`ids` are those of the topics now: one that was created anew is read from its beginning."""
        store.begin()
        for topic in forget_anew(store.database, ids):
            tell(CREATED_ANEW.format(topic))
        store.commit()
        self._store, self._settings, self._tell = store, settings, tell
        self._policies = policies or Policies()
        self._tidied_at: datetime | None = None
        self._deleted = {name for (name,) in store.fetch("SELECT article_id FROM deletions")}
        self._to_empty = bool(self._deleted)  # of a run that was killed the log may still be there

    def read_position(self) -> Position:
        """Return the offsets from which the store goes on."""
        return {
            (topic, partition): next
            for topic, partition, next in self._store.fetch("SELECT topic, partition, next FROM offsets")
        }

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Put the batch into the tables, in the order in which it was sent."""
        self._store.begin()
        self._tidy()
        for item in sorted(batch, key=lambda item: item.at):
            try:
                # Of an input that broke off there are no bytes; else it is a deletion.
                if item.letter.value or item.letter.topic in (RAW, DEAD):
                    self._put(item)
                else:
                    self._delete(item)
            except DecodeError as error:
                self._tell(f"{item}: passed over, is no record of this topic: {error}")
        nexts = {(item.letter.topic, item.partition): item.offset + 1 for item in batch}
        self._store.database.executemany(
            "INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)", [(*place, at) for place, at in nexts.items()]
        )
        if self._deleted:
            self._erase_late(batch)
        self._store.commit()
        if self._to_empty and empty_log(self._store.database, CHECKPOINT_MS):
            self._to_empty = False
        return ()

    def close(self) -> None:
        """Nothing to do: the store is closed by who opened it."""

    def _put(self, item: Received) -> None:
        letter = item.letter
        if letter.topic == RAW:  # as the workers complete what others than our sources have written
            letter = complete(letter, name_place(RAW, item.partition, item.offset))
        name = identify(letter)
        record = decode(letter.value, _RECORDS[letter.topic]) if letter.topic in _RECORDS else None
        if letter.topic == RAW:
            now, until = datetime.now(UTC), keep_until(letter, item.at, self._policies)
            if item.at > now - timedelta(days=self._settings.keep_raw) and (until is None or until > now):
                self._store.keep_raw(letter, item.at, until)
        elif letter.topic == DEAD:
            self._insert(letter, name, letter.value, encode(dict(letter.headers)).decode())
        elif isinstance(record, Outcome):
            self._insert_outcome(record, name, letter, item.at)
        else:
            self._insert(letter, name, letter.value.decode())

    def _delete(self, item: Received) -> None:
        article = item.letter.key
        if item.letter.topic not in (ARTICLES, DUPLICATES) or not _ID.fullmatch(article):
            return  # of somebody else's
        if article in self._deleted:
            return
        at = write_time(item.at)
        self._store.database.execute(
            "INSERT OR IGNORE INTO deletions (article_id, reason, asked_at, erased_at, done_at) "
            "VALUES (?, '', ?, ?, ?)",
            (article, at, at, at),
        )
        self._deleted.add(article)
        erase(self._store, article)
        self._to_empty = True

    def _erase_late(self, batch: Sequence[Received]) -> None:
        """Take out what of deleted articles has come behind their deletion, from other partitions."""
        touched = {item.letter.key for item in batch if item.letter.key in self._deleted}
        raw_ids = {
            item.letter.headers.get(RAW_ID) for item in batch if item.letter.topic in (RAW, OUTCOMES, DEAD)
        }
        for raw_id in raw_ids:
            found = self._store.fetch("SELECT article_id FROM outcomes WHERE raw_id = ?", raw_id)
            touched.update(article for (article,) in found if article in self._deleted)
        for article in touched:
            erase(self._store, article)
            self._to_empty = True

    def _insert(self, letter: Letter, name: bytes, *values: str | bytes) -> None:
        columns = "record, headers" if letter.topic == DEAD else "record"
        self._store.database.execute(
            f"INSERT OR IGNORE INTO {TABLES[letter.topic]} (key, name, {columns}) "
            f"VALUES (?, ?{', ?' * len(values)})",
            (letter.key, name, *values),
        )

    def _insert_outcome(self, outcome: Outcome, name: bytes, letter: Letter, at: datetime) -> None:
        self._store.database.execute(
            "INSERT OR IGNORE INTO outcomes "
            "(delivery_id, raw_id, url, article_id, page, outcome, at, record) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                name,
                outcome.raw_id,
                outcome.url,
                outcome.article_id,
                None if outcome.article_id else name_page(outcome.url),
                outcome.outcome,
                # Milliseconds: they tell the order of what came from several partitions.
                at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                letter.value.decode(),
            ),
        )

    def _tidy(self) -> None:
        now = datetime.now(UTC)
        if self._tidied_at is None or now - self._tidied_at > _TIDY_EVERY:
            kept = self._settings
            day = (now - timedelta(days=kept.keep_rows)).date().isoformat()
            self._store.forget(now - timedelta(days=kept.keep_raw), day)
            self._tidied_at = now
