"""What lanes need: the work of their agent, the cluster, and a bound on what is under way."""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Protocol

from faust.types import TP, EventT

from connectors.cluster.message import Headers
from schemas.letter import Letter
from streams.app.effects import Effects
from streams.app.kept import Kept
from streams.app.lane import Promise, Sent


class Work(Protocol):
    """What an agent does with an event; its state is of the partitions that are ours."""

    kept: Kept

    def begin(self, letter: Letter) -> Promise:
        """Begin what needs no order."""
        ...

    async def prepare(self) -> None:
        """Make what `finish` needs and takes long, beside the loop."""
        ...

    def finish(self, partition: int, offset: int, letter: Letter, begun: tuple[Letter, ...], /) -> Effects:
        """Return what follows from the event, in the order of offsets."""
        ...

    def forget(self) -> None:
        """Forget all state: partitions change hands."""
        ...


class Cluster(Protocol):
    """What lanes ask of Faust and of the broker."""

    def topic(self, name: str) -> str:
        """Return what a topic of ours is called there."""
        ...

    def send(
        self, topic: str, key: bytes, value: bytes | None, partition: int | None, headers: Headers
    ) -> Awaitable[Sent]:
        """Return an awaitable of the future of the broker's acknowledgement."""
        ...

    def is_current(self, event: EventT[object]) -> bool:
        """Tell whether the event is of a partition that is ours by the last rebalance."""
        ...

    async def find_start(self, tp: TP) -> int:
        """Return the committed offset, from which the partition is read; 0 where the log ends before it."""
        ...

    async def find_next(self, tp: TP, offset: int) -> int:
        """Return the offset of the first event at `offset` or behind it, the end where there is none."""
        ...

    async def find_ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Return the offset that the next event of each partition will have."""
        ...

    async def seek(self, tp: TP, offset: int) -> None:
        """Have the partition read again from `offset`."""
        ...

    def hold(self, tp: TP) -> None:
        """Have no more events of the partition read; those of a batch under way still come."""
        ...

    def release(self, tp: TP) -> None:
        """Have them read again; it takes up to a second."""
        ...

    def forget_holds(self) -> None:
        """Take all holds back: partitions change hands."""
        ...


class Room:
    """How much may be under way: so many events, and so many bytes of their letters.

    There is room again at half of either: reading takes up to a second to begin, and who has the
    work does not wait meanwhile.
    """

    def __init__(self, events: int, size: int) -> None:
        self._most_events, self._most_bytes = events, size
        self._events = self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Tell whether no more should come."""
        return self._events >= self._most_events or self._bytes >= self._most_bytes

    @property
    def is_ready(self) -> bool:
        """Tell whether half is free."""
        return 2 * self._events <= self._most_events and 2 * self._bytes <= self._most_bytes

    def enter(self, size: int) -> None:
        """Count an event."""
        self._events += 1
        self._bytes += size

    def leave(self, size: int) -> None:
        """Count it off."""
        self._events -= 1
        self._bytes -= size

    def clear(self) -> None:
        """Nothing is under way any more."""
        self._events = self._bytes = 0
