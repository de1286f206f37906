"""What the agents ask of Faust: whose a partition is, where it is read, and its producer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

import faust
from aiokafka import TopicPartition as AioPartition
from faust.types import TP, EventT

from connectors.cluster.gap import GapReader
from connectors.cluster.message import Headers
from connectors.cluster.settings import KafkaSettings


class Membership:
    """The app's place in its consumer group."""

    def __init__(self, app: faust.App, settings: KafkaSettings, say: Callable[[str], None]) -> None:
        self._app, self._gaps = app, GapReader(settings, say)
        self._say = say
        self.topic = settings.topic

    def send(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        partition: int | None,
        headers: Headers,
    ) -> Awaitable[Any]:
        """Return an awaitable of the future of the broker's acknowledgement."""
        return self._app.producer.send(topic, key, value, partition, None, headers)

    def is_current(self, event: EventT[Any]) -> bool:
        """Tell whether the event came after the last rebalance, of a partition that is ours."""
        message = event.message
        return (
            message.generation_id == self._app.consumer_generation_id
            and message.tp in self._app.consumer.assignment()
        )

    async def find_start(self, tp: TP) -> int:
        """Return the committed offset as the broker has it; 0 without one, or where the log is shorter."""
        # Faust's own note of it is of the time before, where events come before it was read anew.
        thread = cast(Any, self._app.consumer)._thread
        committed: int | None = await thread.call_thread(thread._ensure_consumer().committed, _place(tp))
        end = (await self.find_ends([tp])).get(tp, 0)
        if committed and committed > end:
            # Whoever has seen it knows it again; what came since would otherwise be taken for seen.
            self._say(
                f"{tp.topic}:{tp.partition} ends at {end}, {committed} were committed: read from its start"
            )
            await self.seek(tp, 0)
            return 0
        return committed or 0

    async def seek(self, tp: TP, offset: int) -> None:
        """Have the partition read again from `offset`."""
        # In the consumer's own thread: the other way its fetcher may not notice, and read on.
        await cast(Any, self._app.consumer)._thread.seek_wait({_place(tp): offset})

    def hold(self, tp: TP) -> None:
        """Have no more events of the partition read; those of a batch under way still come."""
        # Not paused: what a batch still holds of a paused partition is dropped, and never read.
        self._app.consumer.on_buffer_full(tp)

    def release(self, tp: TP) -> None:
        """Have them read again; Faust looks once a second where nothing else comes."""
        self._app.consumer.on_buffer_drop(tp)

    def forget_holds(self) -> None:
        """Take all holds back; what is read after a rebalance Faust says itself."""
        cast(Any, self._app.consumer)._buffered_partitions.clear()

    async def find_next(self, tp: TP, offset: int) -> int:
        """Return the offset of the first event at `offset` or behind it, the end where there is none."""
        # By a reader of its own: Faust's is in the middle of reading these very partitions.
        return await asyncio.to_thread(self._gaps.find_record, tp.topic, tp.partition, offset)

    async def find_ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Return the offset that the next event of each partition will have."""
        found = await self._app.consumer.highwaters(*map(_place, tps))
        return {TP(*tp): end for tp, end in found.items() if end is not None}

    async def commit(self, positions: Mapping[TP, int]) -> bool:
        """Commit positions of partitions that are ours; False where the broker did not take them."""
        ours = {tp: at for tp, at in positions.items() if tp in self._app.consumer.assignment()}
        return not ours or bool(await cast(Any, self._app.consumer)._commit(ours))

    def is_settled(self) -> bool:
        """Tell whether partitions are assigned, tables recovered and events read."""
        return not self._app.rebalancing and bool(cast(Any, self._app.tables).recovery.completed.is_set())

    def assigned(self) -> list[TP]:
        """Return the partitions that are ours, changelogs among them."""
        return sorted(self._app.consumer.assignment())

    def to_recover(self) -> int:
        """Return the number of changelog entries that are still to be read."""
        return int(cast(Any, self._app.tables).recovery.active_remaining_total())


def _place(tp: TP) -> AioPartition:
    return AioPartition(tp.topic, tp.partition)
