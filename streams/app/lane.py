"""The events of one partition between their arrival and their acknowledgement."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from concurrent.futures import Future
from dataclasses import dataclass

from aiokafka.structs import RecordMetadata

from schemas.letter import Letter
from streams.app.effects import Effects

Promise = Future[tuple[Letter, ...]]
Sent = Awaitable[RecordMetadata]


@dataclass(slots=True)
class Begun:
    """An event that was taken, and what is made of it; `at` is by the monotonic clock."""

    offset: int
    letter: Letter
    promise: Promise
    at: float

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody works on it yet."""
        return not self.promise.running() and not self.promise.done()


@dataclass(frozen=True, slots=True)
class Shipped:
    """An event whose letters and entries are on their way to the broker."""

    begun: Begun
    effects: Effects
    entries: list[Sent]
    letters: list[Sent]


class Lane:
    """Offsets: where it began (`start`), the next to take (`expected`), the one to commit (`done`)."""

    def __init__(self, start: int) -> None:
        self.start = self.expected = self.done = start
        self.sought_at = 0.0  # when it was last read again from what it expects
        self._moved_at = time.monotonic()
        self.tasks: list[asyncio.Task[None]] = []
        self._waiting: deque[Begun] = deque()  # in front of `_finish`, the oldest first
        self._shipped: asyncio.Queue[Shipped] = asyncio.Queue()
        self._under_way: deque[Begun] = deque()  # what was taken and is not done, the oldest first
        self._changed = asyncio.Event()

    @property
    def is_under_way(self) -> bool:
        """Tell whether anything that was taken is not done."""
        return bool(self._under_way)

    @property
    def oldest(self) -> Begun:
        """Return the oldest event that is not done."""
        return self._under_way[0]

    def is_idle(self, seconds: float) -> bool:
        """Tell whether nothing is under way, and nothing has come for so long."""
        return not self._under_way and time.monotonic() - self._moved_at >= seconds

    def pass_over(self, offset: int) -> None:
        """Go on behind offsets that hold no event; nothing is under way."""
        assert self.done == self.expected, "only what is done can be passed over"
        self.expected = self.done = offset

    def begin(self, begun: Begun) -> None:
        """Add an event."""
        self._moved_at = begun.at
        self._waiting.append(begun)
        self._under_way.append(begun)
        self._changed.set()

    def cut(self) -> None:
        """Give back every event behind the first that nobody works on; this one as well."""
        for at, begun in enumerate(self._waiting):
            if begun.promise.cancel():
                self.expected = begun.offset
                for later in list(self._waiting)[at + 1 :]:
                    later.promise.cancel()
                while len(self._waiting) > at:
                    self._waiting.pop()
                    self._under_way.pop()
                break

    async def next_begun(self) -> Begun:
        """Return the next event in order, once there is one."""
        while not self._waiting:
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def ship(self, shipped: Shipped) -> None:
        """Add an event whose letters are on their way."""
        self._shipped.put_nowait(shipped)

    async def next_shipped(self) -> Shipped:
        """Return the next event whose letters are on their way, once there is one."""
        return await self._shipped.get()

    def end(self, shipped: Shipped) -> None:
        """Take note that everything of the event is safe."""
        self.done = shipped.begun.offset + 1
        self._under_way.popleft()

    def stop(self) -> None:
        """Drop everything."""
        for task in self.tasks:
            task.cancel()
        for begun in self._waiting:
            begun.promise.cancel()
