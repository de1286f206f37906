"""Connections on which no request comes to its end: closed after a while, or where there are many."""

import asyncio
import time
from collections.abc import Callable, Iterable

from aiohttp import web

_SECONDS = 10.0  # for the head of a first request
_MOST = 1000
_EVERY = 0.5
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connections:
    """Those of one server. The library bounds all that comes after the first head of a connection."""

    def __init__(
        self,
        list_open: Callable[[], Iterable[web.RequestHandler]],
        seconds: float = _SECONDS,
        most: int = _MOST,
    ) -> None:
        self._list_open, self._seconds, self._most = list_open, seconds, most
        self._since: dict[web.RequestHandler, float] = {}
        self._served: set[web.RequestHandler] = set()

    def note_request(self, connection: web.RequestHandler) -> None:
        """Note that the head of a request came."""
        self._served.add(connection)

    async def watch(self) -> None:
        """Close what is too slow, for ever."""
        while True:
            await asyncio.sleep(_EVERY)
            self._sweep(time.monotonic())

    def _sweep(self, now: float) -> None:
        connections = list(self._list_open())
        known = set(connections)
        self._served &= known
        self._since = {one: since for one, since in self._since.items() if one in known}
        for one in connections:
            self._since.setdefault(one, now)
        waiting = [one for one in self._since if one not in self._served]  # the oldest first
        too_many = max(0, len(connections) - self._most)
        for number, one in enumerate(waiting):
            if number < too_many or now - self._since[one] > self._seconds:
                _close(one)


def _close(connection: web.RequestHandler) -> None:
    if connection.transport is not None:
        connection.transport.write(_TOO_SLOW)
    connection.force_close()
