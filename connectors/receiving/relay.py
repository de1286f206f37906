"""The way to a cluster: a push is safe once the brokers have it, and its sender waits for that."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import Protocol

from connectors.polling.book import Book
from connectors.receiving.keep import Busy, Pushed, write_in_time
from connectors.receiving.tables import note_key
from schemas.ids import delivery_id
from schemas.letter import INPUT, RAW_ID, Letter

_PATIENCE = 5.0  # seconds that a sender waits for the brokers
_MOST_BYTES = 64 * 1024 * 1024  # of letters on their way
_REMEMBERED = 50_000  # deliveries that are not sent once more when their sender tries again


class Office(Protocol):
    """Who keeps the book, and takes letters: the collection of all sources."""

    book: Book

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    async def relay(self, letter: Letter, told: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `told` is called in another thread once it is safe."""
        ...


class Relay:
    """What is on its way is not sent twice, however often its sender asks."""

    def __init__(self, office: Office, patience: float = _PATIENCE) -> None:
        self._office, self._patience = office, patience
        self._on_their_way: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._bytes = 0
        self._safe: dict[str, None] = {}

    def check(self) -> None:
        """Raise Busy while the brokers take nothing, or less than comes."""
        now = asyncio.get_running_loop().time()
        for since, _ in islice(self._on_their_way.values(), 1):  # the oldest
            if now - since > self._patience:
                raise Busy("the brokers take nothing now", self._patience)
        if self._bytes > _MOST_BYTES:
            raise Busy("more comes in than the brokers take", self._patience)

    async def take(self, pushed: Pushed) -> None:
        """Come back when the brokers have all letters. Raises Busy, and KeyReused."""
        self.check()
        if pushed.key is not None:
            noting = self._office.book.change(
                note_key, pushed.source, pushed.key, pushed.body, self._office.now()
            )
            await write_in_time(noting)
        sending = [task for letter in pushed.letters if (task := self._send(letter)) is not None]
        if sending:
            # What is not safe by then goes on; the sender comes again, and finds it on its way or safe.
            _, late = await asyncio.wait(sending, timeout=self._patience)
            if late:
                raise Busy("the brokers have not taken it yet", self._patience)

    def _send(self, letter: Letter) -> asyncio.Task[None] | None:
        delivery = delivery_id(letter.headers[INPUT], letter.headers[RAW_ID])
        if delivery in self._safe:
            return None
        known = self._on_their_way.get(delivery)
        if known is None:
            loop = asyncio.get_running_loop()
            known = loop.time(), loop.create_task(self._relay(delivery, letter))
            self._on_their_way[delivery] = known
        return known[1]

    async def _relay(self, delivery: str, letter: Letter) -> None:
        loop = asyncio.get_running_loop()
        safe = asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waits
                loop.call_soon_threadsafe(safe.set)

        self._bytes += letter.size
        await self._office.relay(letter, tell)
        await safe.wait()
        self._bytes -= letter.size
        del self._on_their_way[delivery]
        self._safe[delivery] = None
        if len(self._safe) > _REMEMBERED:
            del self._safe[next(iter(self._safe))]
