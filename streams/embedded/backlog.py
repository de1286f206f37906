"""What the store holds for a sink: the records behind its position, and the position itself."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

import orjson

from connectors.polling.tables import connect
from connectors.sink import Received, Refused
from connectors.sinks.refusal import bury_refused, name_refused
from connectors.transaction import transact
from schemas.codec import encode
from schemas.letter import INPUT, RAW_ID, Letter
from streams.embedded.store import TABLES

_MOST_BYTES = 4 * 1024 * 1024  # of one portion; a larger record comes alone
_FIND_DELIVERY = """
    SELECT json_extract(record, '$.input'), raw_id FROM outcomes
    WHERE article_id = ? AND json_extract(record, '$.revision') = ?
        AND outcome IN ('published', 'revised', 'duplicate') ORDER BY seq LIMIT 1
"""


class Backlog:
    """One sink's view of the store, by a connection of its own: for the thread that opens it."""

    def __init__(self, path: str, sink: str, topics: Sequence[str]) -> None:
        """Begin behind what was noted for the sink of that name, else at the first record."""
        self._sink, self._topics = sink, topics
        self._database = connect(path)
        # What a power cut takes back of the position comes again, which changes nothing.
        self._database.execute("PRAGMA synchronous = NORMAL")
        known = self._database.execute("SELECT topic, next FROM sinks WHERE name = ?", (sink,))
        self._next = dict.fromkeys(topics, 0) | {topic: at for topic, at in known if topic in topics}

    def has_begun(self) -> bool:
        """Return whether the sink has been given anything."""
        return any(self._next.values())

    def read(self, most: int) -> list[Received]:
        """Return the next records, at most so many, of one topic in their order; none where there are none.

        A record's number is its offset; it has no headers.
        """
        for topic in self._topics:
            if found := self._read_topic(topic, most):
                return found
        return []

    def move(self, behind: Sequence[Received], refused: Sequence[Refused]) -> None:
        """Note that the sink has these records, and among the dead letters which it has refused."""
        self._next |= {item.letter.topic: item.offset + 1 for item in behind}
        with transact(self._database):
            for one in refused:
                self._bury(one)
            self._database.executemany(
                "INSERT OR REPLACE INTO sinks VALUES (?, ?, ?)",
                [(self._sink, topic, self._next[topic]) for topic in {item.letter.topic for item in behind}],
            )

    def close(self) -> None:
        """Leave the store."""
        self._database.close()

    def _read_topic(self, topic: str, most: int) -> list[Received]:
        query = f"SELECT seq, key, record FROM {TABLES[topic]} WHERE seq >= ? ORDER BY seq LIMIT ?"
        found: list[Received] = []
        size = 0
        now = datetime.now(UTC)
        with closing(self._database.execute(query, (self._next[topic], most))) as rows:
            for seq, key, record in rows:
                value = record.encode()
                size += len(value)
                if found and size > _MOST_BYTES:
                    break
                found.append(Received(Letter(topic, key, value), 0, seq, now))
        return found

    def _bury(self, refused: Refused) -> None:
        item = refused.item
        query = "SELECT 1 FROM deletions WHERE article_id = ?"
        if self._database.execute(query, (item.letter.key,)).fetchone():
            return  # it was read before its deletion: its text is not to be kept after all
        whole = Letter(item.letter.topic, item.letter.key, item.letter.value, self._find_headers(item.letter))
        dead = bury_refused(self._sink, Refused(Received(whole, 0, item.offset, item.at), refused.detail))
        self._database.execute(
            "INSERT OR IGNORE INTO dead (key, name, record, headers) VALUES (?, ?, ?, ?)",
            (dead.key, name_refused(self._sink, whole), dead.value, encode(dict(dead.headers)).decode()),
        )

    def _find_headers(self, letter: Letter) -> dict[str, str]:
        if not letter.value:
            return {}  # a deletion follows from no delivery
        revision = orjson.loads(letter.value)["revision"]
        found = self._database.execute(_FIND_DELIVERY, (letter.key, revision)).fetchone()
        return {INPUT: found[0], RAW_ID: found[1]} if found else {}
