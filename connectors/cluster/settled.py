"""Whether everything that was delivered has come to its end, told by offsets alone."""

import time
from collections.abc import Callable, Sequence

from kafka.errors import RetriableError

from connectors.cluster.offsets import Offsets
from connectors.sink import Position
from schemas.letter import CLEAN, RAW
from schemas.wrong_use import WrongUse

_SECONDS_BETWEEN = 0.5

_Ends = dict[tuple[str, int], int]


class Settled:
    """Tells when the workers have nothing left to do, their reader has all of it, and it stayed so."""

    def __init__(self, offsets: Offsets, workers: str, topics: Sequence[str], seconds: float) -> None:
        """`workers` is their consumer group; `seconds` the time for which nothing may move.

        Raises WrongUse where a topic is missing.
        """
        self._offsets, self._workers, self._topics = offsets, workers, topics
        self._seconds = seconds
        self._seen: _Ends | None = None
        self._since = self._asked = 0.0
        for topic in (RAW, CLEAN):
            offsets.wait_for(offsets.list_partitions, topic)

    def look(self, reached: Callable[[], Position]) -> bool:
        """Return whether a reader that has `reached` its ends can stop; asks at most twice a second."""
        now = time.monotonic()
        if now - self._asked < min(_SECONDS_BETWEEN, self._seconds / 2):
            return False
        try:
            ends = self._find_ends(reached)
        except (RetriableError, WrongUse):  # a broker that has just started may know a topic late
            ends = None
        self._asked = time.monotonic()
        if ends is None or ends != self._seen:
            self._seen, self._since = ends, self._asked
            return False
        return self._asked - self._since >= self._seconds

    def _find_ends(self, reached: Callable[[], Position]) -> _Ends | None:
        """Return where all topics end, None where somebody has not come so far."""
        found: _Ends = {}
        # In this order: what the workers make of a delivery stands on its topic before they commit
        # the delivery, so ends that are read later take it in.
        for topic in (RAW, CLEAN):
            ends = self._offsets.read_ends(topic)
            if self._is_behind(topic, ends, self._offsets.read_committed(self._workers, topic)):
                return None
            found |= {(topic, number): end for number, end in ends.items()}
        position = reached()
        for topic in self._topics:
            ends = self._offsets.read_ends(topic)
            if any(position.get((topic, number), -1) < end for number, end in ends.items()):
                return None
            found |= {(topic, number): end for number, end in ends.items()}
        return found

    def _is_behind(self, topic: str, ends: dict[int, int], committed: dict[int, int]) -> bool:
        if any(committed.get(number, 0) > end for number, end in ends.items()):
            return True  # the log has lost its tail, and is read anew
        missing = [number for number, end in ends.items() if committed.get(number, 0) < end]
        # What nobody has taken may have expired.
        starts = self._offsets.read_starts(topic) if missing else {}
        return any(starts[number] < ends[number] for number in missing)
