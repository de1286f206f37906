"""One lane a partition: events are begun as they come, and finished and acknowledged in their order.

Faust acknowledges an event as soon as its agent is done with it, commits over a single hole, and
around a rebalance may pass an event over. So nothing is acknowledged to Faust: a lane counts the
offsets itself, takes only the one it expects, has the partition read again from there where
another comes, and moves its position once the broker has everything that follows from an event.
The positions are what is committed.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from faust.types import TP, EventT

from connectors.cluster.message import Headers, write_headers
from connectors.cluster.receive import name_place, receive
from schemas.dead import tell_place
from schemas.letter import ARTICLES, DEAD, DUPLICATES, Letter
from streams.app.effects import Effects
from streams.app.lane import Begun, Lane, Sent, Shipped
from streams.app.work import Cluster, Room, Work

_STALE_SECONDS = 2.0  # in which events that were read before a seek may still come
_SILENT_SECONDS = 4.0  # without an acknowledgement, after which a leaving worker waits for none
_IDLE_SECONDS = 5.0  # without an event, after which it is looked whether there should be one


class LostLog(Exception):
    """A partition that has become shorter: its broker has lost what it had acknowledged."""


class Lanes:
    """The lanes of one agent. Where too much is under way in all of them, their partitions are held."""

    def __init__(
        self, topic: str, work: Work, cluster: Cluster, room: Room, fail: Callable[[BaseException], None]
    ) -> None:
        """Take the events of one of our topics.

        `fail` is told of what no dead letter can hold; the positions stay where they are then.
        """
        self._topic, self._work, self._cluster, self._room, self._fail = topic, work, cluster, room, fail
        self._lanes: dict[TP, Lane] = {}
        self._acknowledged_at = 0.0
        self._worked_at = 0.0  # when the work on any event was last done
        self._turn = 0  # counts the times that partitions changed hands
        self._held: set[TP] = set()
        self._closed = False

    async def take(self, event: EventT[Any]) -> None:
        """Begin an event; what is not the next of its partition will be read again."""
        message = event.message
        # Faust mixes partitions of its own type with those of aiokafka, and asserts its own elsewhere.
        tp, offset, turn = TP(*message.tp), message.offset, self._turn
        if self._closed or not self._cluster.is_current(event):
            return
        lane = await self._find_lane(tp)
        if lane is None:
            return
        if offset < lane.expected or (offset > lane.expected and not await self._is_next(tp, lane, offset)):
            return
        if turn != self._turn:
            return
        lane.expected = offset + 1
        where = name_place(self._topic, tp.partition, offset)
        letter = receive(self._topic, where, message.key, message.value, cast(Headers, message.headers or []))
        lane.begin(Begun(offset, letter, self._work.begin(letter), time.monotonic()))
        self._room.enter(len(letter.value))
        if self._room.is_full:
            # Each time: Faust takes a hold back when its own queue has been full and is not any more.
            self._held.add(tp)
            self._cluster.hold(tp)

    def positions(self) -> Mapping[TP, int]:
        """Return the offset up to which everything is safe, of each partition that has moved."""
        return {tp: lane.done for tp, lane in self._lanes.items() if lane.done > lane.start}

    def ages(self) -> Mapping[TP, tuple[int, float]]:
        """Return the oldest offset under way and for how many seconds, of each partition that has one.

        The time in which it waits for its turn is not counted, as long as others have theirs.
        """
        now, found = time.monotonic(), {}
        for tp, lane in self._lanes.items():
            if lane.is_under_way:
                oldest = lane.oldest
                if oldest.is_waiting:
                    oldest.at = max(oldest.at, self._worked_at)
                found[tp] = (lane.done, now - oldest.at)
        return found

    async def leave(self, seconds: float) -> None:
        """Give back what nobody has begun to work on, and wait for the rest until it is safe.

        What takes longer than `seconds` is given back as well, and what the broker acknowledges to
        nobody: it is away, and has it or will get it again.
        """
        self._closed = True
        now = self._acknowledged_at = time.monotonic()
        until = now + seconds
        for lane in self._lanes.values():
            lane.cut()
        while now < until:
            left = [lane.oldest for lane in self._lanes.values() if lane.is_under_way]
            silent = now - self._acknowledged_at >= _SILENT_SECONDS
            if not left or (silent and all(begun.promise.done() for begun in left)):
                break
            await asyncio.sleep(0.01)
            now = time.monotonic()

    def reset(self) -> None:
        """Drop what is under way and forget all state: partitions change hands."""
        for lane in self._lanes.values():
            lane.stop()
        self._cluster.forget_holds()
        self._lanes.clear()
        self._held.clear()
        self._turn += 1
        self._room.clear()
        self._closed = False
        self._work.forget()
        self._work.kept.forget()

    async def look_after(self, tps: Collection[TP]) -> None:
        """Bring partitions to their ends that stand still with nothing under way.

        Where an event is there that never came, the partition is read again; where the offsets up
        to the end hold none (the marks of a transaction), the position moves behind them.
        """
        turn = self._turn
        for tp in tps:
            await self._find_lane(tp)
        idle = {tp: lane.expected for tp, lane in self._lanes.items() if lane.is_idle(_IDLE_SECONDS)}
        ends = await self._cluster.find_ends(idle) if idle else {}
        for tp, expected in idle.items():
            lane = self._lanes.get(tp)
            if lane is None or lane.expected != expected or expected == ends.get(tp, expected):
                continue
            if expected > ends[tp]:  # a new process begins where the log does
                raise LostLog(f"{tp.topic}:{tp.partition} ends at {ends[tp]}, and {expected} was reached")
            offset = await self._cluster.find_next(tp, expected)
            if turn != self._turn or self._closed:  # what was given back is to be read by others
                return
            if lane.expected == expected and not lane.is_under_way:
                if offset >= ends[tp]:
                    lane.pass_over(offset)
                else:
                    await self._seek(tp, lane)

    async def _find_lane(self, tp: TP) -> Lane | None:
        """Return the partition's lane, None where partitions changed hands while the broker was asked."""
        turn = self._turn
        if tp not in self._lanes:
            start = await self._cluster.find_start(tp)
            if turn != self._turn:
                return None
            if tp not in self._lanes:
                self._open(tp, start)
        return self._lanes[tp]

    def _open(self, tp: TP, start: int) -> None:
        lane = self._lanes[tp] = Lane(start)
        loop = asyncio.get_running_loop()
        lane.tasks = [loop.create_task(self._finish(tp, lane)), loop.create_task(self._confirm(tp, lane))]

    async def _is_next(self, tp: TP, lane: Lane, offset: int) -> bool:
        """Tell whether nothing stands between the expected offset and this one; else have it read again."""
        if time.monotonic() - lane.sought_at < _STALE_SECONDS:
            return False
        if await self._cluster.find_next(tp, lane.expected) >= offset:
            return True
        await self._seek(tp, lane)
        return False

    async def _seek(self, tp: TP, lane: Lane) -> None:
        lane.sought_at = time.monotonic()
        await self._cluster.seek(tp, lane.expected)

    async def _finish(self, tp: TP, lane: Lane) -> None:
        cluster, kept = self._cluster, self._work.kept
        try:
            while True:
                begun = await lane.next_begun()
                letters = await asyncio.wrap_future(begun.promise)
                self._worked_at = time.monotonic()
                await self._work.prepare()
                effects = self._work.finish(tp.partition, begun.offset, begun.letter, letters)
                entries: list[Sent] = []
                for key, value in effects.entries:
                    kept.stage(tp.partition, key, value)
                    entries.append(await cluster.send(kept.changelog, key, value, tp.partition, []))
                sent = [await self._send(tp, begun.offset, one) for one in effects.letters]
                lane.ship(Shipped(begun, effects, entries, sent))
        except Exception as error:
            self._fail(error)

    async def _send(self, tp: TP, offset: int, letter: Letter) -> Sent:
        if letter.topic == DEAD:
            letter = tell_place(letter, tp.topic, tp.partition, offset)
        topic = self._cluster.topic(letter.topic)
        # To Kafka a value of no bytes is one: only without any does it forget the article.
        value = None if letter.topic in (ARTICLES, DUPLICATES) and not letter.value else letter.value
        return await self._cluster.send(topic, letter.key.encode(), value, None, write_headers(letter))

    async def _confirm(self, tp: TP, lane: Lane) -> None:
        try:
            while True:
                shipped = await lane.next_shipped()
                await self._apply(tp, shipped.effects, shipped.entries)
                for letter in shipped.letters:
                    await letter
                lane.end(shipped)
                self._acknowledged_at = time.monotonic()
                self._room.leave(len(shipped.begun.letter.value))
                if self._held and self._room.is_ready:
                    for held in self._held:
                        self._cluster.release(held)
                    self._held.clear()
        except Exception as error:
            self._fail(error)

    async def _apply(self, tp: TP, effects: Effects, entries: list[Sent]) -> None:
        for (key, value), entry in zip(effects.entries, entries, strict=True):
            self._work.kept.apply(tp.partition, key, value, await entry)
