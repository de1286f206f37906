"""Whose turn it is: one request at a time to a host, spaced out, and so many at once in all."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from connectors.fetching.page import FetchError

_MOST_HOSTS = 10_000
_CROWD = 200
_WORTH_WAITING = 5.0  # seconds for which a closed host is waited for


class Turn:
    """One request's turn; the pause before the next counts from when this one was answered."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.answered_at: float | None = None

    def note_answer(self) -> None:
        """Note that the host has begun to answer."""
        # Counted from here, not from our start, the host never sees two within a pause: the one
        # may have waited for its name and connection, the next finds both ready.
        self.answered_at = self._clock()


@dataclass(slots=True, eq=False)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # whose waiters come in their order
    users: int = 0
    ready_at: float = 0.0
    closed_until: float = 0.0


class Pace:
    """Gives turns. A host that many wait for holds up no other: only the first of them wants a slot."""

    def __init__(self, pause: float, at_once: int, clock: Callable[[], float]) -> None:
        """Take seconds between two requests to a host, requests at once in all, and a monotonic clock."""
        self._pause, self._clock = pause, clock
        self._slots = asyncio.Semaphore(at_once)
        self._hosts: OrderedDict[str, _Host] = OrderedDict()  # the one that was used last is last

    @asynccontextmanager
    async def turn(self, authority: str, pause: float = 0.0) -> AsyncIterator[Turn]:
        """Wait for the turn of a host and keep it; `pause` is what the host itself asks for, in seconds.

        Raises FetchError (busy) at once while the host is closed for more than five seconds.
        """
        self.check(authority)
        host = self._find(authority)
        host.users += 1
        try:
            async with host.lock:
                await self._wait(authority, host)
                async with self._slots:
                    turn = Turn(self._clock)
                    try:
                        yield turn
                    finally:
                        start = self._clock() if turn.answered_at is None else turn.answered_at
                        host.ready_at = start + max(self._pause, pause)
        finally:
            host.users -= 1

    @property
    def is_crowded(self) -> bool:
        """Return whether so many hosts are asked that no connection should be kept for a next request."""
        return len(self._hosts) > _CROWD

    def check(self, authority: str) -> None:
        """Raise FetchError (busy) while a host is closed for more than five seconds."""
        host = self._hosts.get(authority)
        left = host.closed_until - self._clock() if host else 0.0
        if left > _WORTH_WAITING:
            raise FetchError(
                "busy", f"{authority} wants to be left alone for {left:.0f} s more", retry_after=left
            )

    def close(self, authority: str, seconds: float) -> None:
        """Close a host for everybody."""
        host = self._find(authority)
        host.closed_until = max(host.closed_until, self._clock() + seconds)

    async def _wait(self, authority: str, host: _Host) -> None:
        while True:
            self.check(authority)
            left = max(host.ready_at, host.closed_until) - self._clock()
            if left <= 0:
                return
            await asyncio.sleep(left)

    def _find(self, authority: str) -> _Host:
        host = self._hosts.get(authority)
        if host is None:
            self._forget()
            host = self._hosts[authority] = _Host()
        self._hosts.move_to_end(authority)
        return host

    def _forget(self) -> None:
        # Two are looked at for each that comes: so what is idle goes without a task that looks for it.
        now = self._clock()
        for authority in list(self._oldest(2)):
            host = self._hosts[authority]
            idle = max(host.ready_at, host.closed_until) <= now
            if host.users == 0 and (idle or len(self._hosts) >= _MOST_HOSTS):
                del self._hosts[authority]
            else:
                self._hosts.move_to_end(authority)

    def _oldest(self, count: int) -> list[str]:
        return [authority for authority, _ in zip(self._hosts, range(count), strict=False)]
