"""The compare agent's work: one lane, with the index that is built from the rows."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from schemas.letter import Letter
from streams.app.effects import Effects, Entry
from streams.app.kept import Kept
from streams.app.lane import Promise
from streams.app.rows import TableRows
from streams.copies.compare import build_index
from streams.copies.index import Index
from streams.settings import Settings
from streams.steps.compare import CompareStep

_AGED_AN_EVENT = 200  # rows whose age is looked at beside an event, once a day each


class CompareWork:
    """Letters of clean to their records and outcomes."""

    def __init__(self, kept: Kept, settings: Settings) -> None:
        self.kept = kept
        self._rows, self._step = TableRows(kept), CompareStep()
        self._window, self._keep = settings.compare.window_days, settings.store.keep_rows
        self._index: Index | None = None
        self._building = asyncio.Lock()
        self._turn = 0  # counts the times that partitions changed hands
        self._left = (0, 0)  # in which turn, and how many rows were not in the index yet
        self._today = datetime.min.date()
        self._aging: Iterator[tuple[bytes, bool]] = iter(())
        self._swept: bytes | None = None  # how far the rows were looked at

    def begin(self, letter: Letter) -> Promise:
        """Return a future that is done: comparing keeps the order from its beginning."""
        begun = Promise()
        begun.set_result((letter,))
        return begun

    @property
    def to_prepare(self) -> int:
        """Return the number of rows that are not in the index yet."""
        turn, left = self._left
        return left if turn == self._turn else 0

    async def prepare(self) -> None:
        """Build the index where there is none, in a thread: of a million rows it takes half a minute."""
        if self._index is None:
            since = (datetime.now(UTC) - timedelta(days=self._window)).date().isoformat()
            # One at a time: a rebalance drops this await, and the thread ends at its next row.
            async with self._building:
                self._index = await asyncio.to_thread(self._build, since, self._turn)

    def finish(self, _partition: int, offset: int, letter: Letter, _begun: tuple[Letter, ...]) -> Effects:
        """Return the record and the outcome, and the rows that changed."""
        now = datetime.now(UTC)
        assert self._index is not None, "prepare comes first"
        if now.date() != self._today:
            self._begin_day(self._index, now)
        letters = self._step(letter, self._rows, self._index, now)
        aged = self._age()  # first: what this event has changed is not old
        return Effects(letters, self._rows.take(offset, self._today.toordinal()) + aged)

    def _age(self) -> tuple[Entry, ...]:
        looked_at = list(islice(self._aging, _AGED_AN_EVENT))
        # The next sweep goes on from here: on a quiet day, or after a rebalance, one ends before its time.
        self._swept = looked_at[-1][0] if len(looked_at) == _AGED_AN_EVENT else None
        return tuple((key, None) for key, is_old in looked_at if is_old)

    def _build(self, since: str, turn: int) -> Index:
        keys = self._rows.list_published(since)
        return build_index(self._read(keys, turn))

    def _read(self, keys: list[bytes], turn: int) -> Iterator[tuple[str, str, str, str]]:
        for left in range(len(keys), 0, -1):
            if turn != self._turn:  # the partition may be another's by now
                raise RuntimeError("partitions changed hands while the index was built")
            self._left = (turn, left)
            yield self._rows.read_published(keys[-left])
        self._left = (turn, 0)

    def forget(self) -> None:
        """Forget the index; it is built from the rows when the next event comes."""
        self._turn += 1
        self._index, self._aging, self._today = None, iter(()), datetime.min.date()

    def _begin_day(self, index: Index, now: datetime) -> None:
        self._today = now.date()
        index.forget((now - timedelta(days=self._window)).date().isoformat())
        self._aging = self._rows.list_unseen(self._today.toordinal() - self._keep, self._swept)
