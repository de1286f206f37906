"""What is to be done when: names with a time each, the earliest first."""

import asyncio
import heapq


class Agenda:
    """Each name stands in it once; who waits is woken when something earlier is added."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def add(self, name: str, at: float) -> None:
        """Add a name; where it is there already, the earlier time holds."""
        if at < self._due.get(name, at + 1):
            self._due[name] = at
            heapq.heappush(self._heap, (at, name))
            self._changed.set()

    def remove(self, name: str) -> None:
        """Take a name out, if it is there."""
        self._due.pop(name, None)

    def take(self, now: float) -> str | None:
        """Take out the first name whose time has come, None where there is none."""
        at = self.next_at()
        if at is None or at > now:
            return None
        _, name = heapq.heappop(self._heap)
        del self._due[name]
        return name

    def next_at(self) -> float | None:
        """Return the earliest time, None where nothing is to be done."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # it was taken out, or stands there with an earlier time
        return self._heap[0][0] if self._heap else None

    def earliest(self) -> float | None:
        """Return the earliest time, for another thread: about as it stands."""
        heap = self._heap[:1]
        return heap[0][0] if heap else None

    def wake(self) -> None:
        """Wake who waits: there is room for more to be done at once."""
        self._changed.set()

    async def wait(self, seconds: float) -> None:
        """Wait until something was added, but no longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()
