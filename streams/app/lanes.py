"""One lane a partition: events are begun as they come, and finished and acknowledged in their order.

Faust acknowledges an event as soon as its agent is done with it, commits over a single hole, and
around a rebalance may pass an event over. So nothing is acknowledged to Faust: a lane counts the
offsets itself, takes only the one it expects, has the partition read again from there where
another comes, and moves its position once the broker has everything that follows from an event.
The positions are what is committed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from aiokafka.structs import RecordMetadata
from faust.types import TP, EventT

from connectors.cluster.message import Headers, write_headers
from schemas.letter import Letter
from streams.app.effects import Effects
from streams.app.kept import Kept
from streams.app.receive import receive

_STALE_SECONDS = 2.0  # in which events that were read before a seek may still come

Letters = tuple[Letter, ...]
Sent = Awaitable[RecordMetadata]


class Work(Protocol):
    """What an agent does with an event; its state is of the partitions that are ours."""

    kept: Kept

    def begin(self, letter: Letter) -> Awaitable[Letters]:
        """Begin what needs no order."""
        ...

    def finish(self, partition: int, offset: int, letter: Letter, begun: Letters, /) -> Effects:
        """Return what follows from the event, in the order of offsets."""
        ...

    def forget(self) -> None:
        """Forget all state: partitions change hands."""
        ...


class Cluster(Protocol):
    """What lanes ask of the consumer."""

    def topic(self, name: str) -> str:
        """Return what a topic of ours is called there."""
        ...

    def send(
        self, topic: str, key: bytes, value: bytes | None, partition: int | None, headers: Headers
    ) -> Awaitable[Sent]:
        """Return an awaitable of the future of the broker's acknowledgement."""
        ...

    def is_current(self, event: EventT[Any]) -> bool:
        """Tell whether the event is of a partition that is ours by the last rebalance."""
        ...

    async def find_committed(self, tp: TP) -> int:
        """Return the committed offset, from which the partition is read."""
        ...

    async def seek(self, tp: TP, offset: int) -> None:
        """Have the partition read again from `offset`."""
        ...

    async def find_next(self, tp: TP, offset: int) -> int:
        """Return the offset of the first event that stands at `offset` or behind it."""
        ...


@dataclass(slots=True)
class Lane:
    """One partition: where it began, the offset to take next, and the one to commit."""

    start: int
    expected: int
    done: int
    sought: int = -1  # what it was last sought for, and when
    sought_at: float = 0.0
    begun: "asyncio.Queue[tuple[int, Letter, Awaitable[Letters]]]" = field(default_factory=asyncio.Queue)
    sent: "asyncio.Queue[tuple[int, Effects, list[Sent], list[Sent]]]" = field(default_factory=asyncio.Queue)
    under_way: dict[int, float] = field(default_factory=dict)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)


class Lanes:
    """The lanes of one agent, at most `window` events under way in all of them."""

    def __init__(
        self, work: Work, cluster: Cluster, window: int, fail: Callable[[BaseException], None]
    ) -> None:
        """`fail` is told of what no dead letter can hold; the positions stay where they are then."""
        self._work, self._cluster, self._window, self._fail = work, cluster, window, fail
        self._lanes: dict[TP, Lane] = {}
        self._slots = asyncio.Semaphore(window)
        self._closed = False

    async def take(self, event: EventT[Any]) -> None:
        """Begin an event, waiting for room; what is not the next of its partition will be read again."""
        message = event.message
        tp, offset = message.tp, message.offset
        slots = self._slots
        await slots.acquire()
        if self._closed or slots is not self._slots or not self._cluster.is_current(event):
            slots.release()
            return
        lane = self._lanes.get(tp)
        if lane is None:
            start = await self._cluster.find_committed(tp)
            if slots is not self._slots:  # partitions changed hands while the broker was asked
                return
            lane = self._open(tp, start)
        is_next = offset == lane.expected or (
            offset > lane.expected and await self._is_next(tp, lane, offset)
        )
        if slots is not self._slots:
            return
        if not is_next:
            slots.release()
            return
        lane.expected = offset + 1
        where = f"{tp.topic}:{tp.partition}:{offset}"
        letter = receive(tp.topic, where, message.key, message.value, cast(Headers, message.headers or []))
        lane.under_way[offset] = time.monotonic()
        lane.begun.put_nowait((offset, letter, self._work.begin(letter)))

    def positions(self) -> Mapping[TP, int]:
        """Return the offset up to which everything is safe, of each partition that has moved."""
        return {tp: lane.done for tp, lane in self._lanes.items() if lane.done > lane.start}

    def ages(self) -> Mapping[TP, tuple[int, float]]:
        """Return the oldest offset under way and for how many seconds, of each partition that has one."""
        now = time.monotonic()
        return {
            tp: (min(lane.under_way), now - lane.under_way[min(lane.under_way)])
            for tp, lane in self._lanes.items()
            if lane.under_way
        }

    async def settle(self, seconds: float) -> bool:
        """Wait until nothing is under way; False where something still is after `seconds`."""
        until = time.monotonic() + seconds
        while any(lane.under_way for lane in self._lanes.values()):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    def close(self) -> None:
        """Begin nothing more."""
        self._closed = True

    def reset(self) -> None:
        """Drop what is under way and forget all state: partitions change hands."""
        for lane in self._lanes.values():
            for task in lane.tasks:
                task.cancel()
            while not lane.begun.empty():
                _cancel(lane.begun.get_nowait()[2])
        self._lanes.clear()
        self._slots, before = asyncio.Semaphore(self._window), self._slots
        before.release()  # whoever waits for room wakes up, and passes it on
        self._work.forget()
        self._work.kept.forget()

    def _open(self, tp: TP, start: int) -> Lane:
        lane = self._lanes[tp] = Lane(start=start, expected=start, done=start)
        loop = asyncio.get_running_loop()
        lane.tasks = [loop.create_task(self._finish(tp, lane)), loop.create_task(self._confirm(tp, lane))]
        return lane

    async def _is_next(self, tp: TP, lane: Lane, offset: int) -> bool:
        """Tell whether there is nothing between the expected offset and this one; else have it read again."""
        now = time.monotonic()
        if now - lane.sought_at < _STALE_SECONDS:
            return False
        if await self._cluster.find_next(tp, lane.expected) >= offset:
            return True
        await self._seek(tp, lane)
        return False

    async def seek_again(self) -> None:
        """Have partitions read again where a seek has brought nothing: it may cross a batch under way."""
        now = time.monotonic()
        for tp, lane in list(self._lanes.items()):
            if lane.sought == lane.expected and now - lane.sought_at >= _STALE_SECONDS:
                await self._seek(tp, lane)

    async def _seek(self, tp: TP, lane: Lane) -> None:
        lane.sought, lane.sought_at = lane.expected, time.monotonic()
        await self._cluster.seek(tp, lane.expected)

    async def _finish(self, tp: TP, lane: Lane) -> None:
        cluster, kept = self._cluster, self._work.kept
        try:
            while True:
                offset, letter, begun = await lane.begun.get()
                effects = self._work.finish(tp.partition, offset, letter, await begun)
                entries = []
                for key, value in effects.entries:
                    kept.stage(tp.partition, key, value)
                    entries.append(await cluster.send(kept.changelog, key, value, tp.partition, []))
                letters = [await _send(cluster, following) for following in effects.letters]
                lane.sent.put_nowait((offset, effects, letters, entries))
        except Exception as error:
            self._fail(error)

    async def _confirm(self, tp: TP, lane: Lane) -> None:
        slots, kept = self._slots, self._work.kept
        try:
            while True:
                offset, effects, letters, entries = await lane.sent.get()
                for (key, value), entry in zip(effects.entries, entries, strict=True):
                    kept.apply(tp.partition, key, value, await entry)
                for letter in letters:
                    await letter
                lane.done = offset + 1
                del lane.under_way[offset]
                slots.release()
        except Exception as error:
            self._fail(error)


async def _send(cluster: Cluster, letter: Letter) -> Sent:
    topic = cluster.topic(letter.topic)
    return await cluster.send(topic, letter.key.encode(), letter.value, None, write_headers(letter))


def _cancel(begun: Awaitable[Letters]) -> None:
    if isinstance(begun, asyncio.Future):
        begun.cancel()
