"""The inbox of the embedded mode: a push is safe once it stands in the store, whatever its pages take."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection
from functools import partial
from typing import Protocol

from connectors.polling.book import Book
from connectors.polling.under_way import Note
from connectors.receiving.keep import Busy, Pushed, write_in_time
from connectors.receiving.tables import count_inbox, note_key, put_letter, read_inbox, take_letter
from schemas.letter import Letter

_MOST_LETTERS = 20_000
_MOST_BYTES = 256 * 1024 * 1024
_AT_ONCE = 16  # letters read from it at a time


class Office(Protocol):
    """Who keeps the book, and takes letters: the collection of all sources."""

    book: Book

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    async def hand_over(self, letter: Letter, note: Note, then: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `note` is written once it is safe, `then` called after."""
        ...


class Inbox:
    """Taken from in the order in which it was filled; what was in it at a crash is handed over again."""

    def __init__(
        self,
        office: Office,
        only: Collection[str] | None = None,
        most_letters: int = _MOST_LETTERS,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        """`only` what these sources have left is handed over, or (None) all."""
        self._office, self._only = office, only
        self._most_letters, self._most_bytes = most_letters, most_bytes
        self._letters = self._bytes = 0
        self._more = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing waits."""
        return not self._letters

    async def open(self) -> None:
        """Take up what the last run has left."""
        self._letters, self._bytes = await self._office.book.ask(count_inbox, self._only)
        self._more.set()

    def check(self) -> None:
        """Raise Busy where it is full."""
        if self._letters >= self._most_letters or self._bytes >= self._most_bytes:
            raise Busy(f"{self._letters} articles wait to be worked on", 10)

    async def take(self, pushed: Pushed) -> None:
        """Come back when all letters stand in the store. Raises Busy, and KeyReused."""
        self.check()
        await write_in_time(self._put(pushed))

    async def _put(self, pushed: Pushed) -> None:
        sizes = await self._office.book.change(_put, pushed, self._office.now())
        self._letters += len(sizes)
        self._bytes += sum(sizes)
        self._more.set()

    async def drain(self) -> None:
        """Hand over what stands in it, for ever."""
        after = 0
        while True:
            self._more.clear()
            while waiting := await self._office.book.ask(read_inbox, after, _AT_ONCE, self._only):
                for seq, size, letter in waiting:
                    await self._office.hand_over(
                        letter, partial(take_letter, seq=seq), partial(self._settle, size)
                    )
                    after = seq
            await self._more.wait()

    def _settle(self, size: int) -> None:
        self._letters -= 1
        self._bytes -= size


def _put(database: sqlite3.Connection, pushed: Pushed, now: float) -> list[int]:
    if pushed.key is not None:
        note_key(database, pushed.source, pushed.key, pushed.body, now)
    sizes = [put_letter(database, pushed.source, letter) for letter in pushed.letters]
    return [size for size in sizes if size]
