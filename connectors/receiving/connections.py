"""Connections on which no request comes to its end: closed after a while, or where there are many."""

import asyncio
import time
from itertools import islice, takewhile

from aiohttp import web

_SECONDS = 10.0  # for the head of a first request
# From an answer to the next head: the library waits for 2 s for the rest of a body, and for 30 s for a
# request, but for ever for somebody who does not read what it is told.
_PAUSE = 45.0
_EVERY = 0.5  # seconds between two looks; what came since may have said something that nobody has read yet
_HEAD = b"HTTP/1.1 %b\r\nServer: naba\r\nConnection: close\r\nContent-Length: 0\r\n%b\r\n"
_TOO_SLOW = _HEAD % (b"408 Request Timeout", b"")
_TOO_MANY = _HEAD % (b"503 Service Unavailable", b"Retry-After: 5\r\n")


class Connections:
    """Those of one server. While a request is being answered its connection is let alone."""

    def __init__(
        self, most: int, seconds: float = _SECONDS, pause: float = _PAUSE, every: float = _EVERY
    ) -> None:
        """Take how many there may be (for a moment twice as many), and the seconds for a first head, from
        an answer to the next head, and between two looks.
        """
        self._most, self._seconds, self._pause, self._every = most, seconds, pause, every
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}
        # What is waited for is a first head, a further one, the end of one that is refused; and
        # since when, the oldest first.
        self._fresh: dict[web.RequestHandler, float] = {}
        self._served: dict[web.RequestHandler, float] = {}
        self._leaving: dict[web.RequestHandler, float] = {}

    def note_open(self, connection: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Note a new connection. Where there are too many, one of which nothing is lost ends."""
        now = time.monotonic()
        self._open[connection] = transport
        self._fresh[connection] = now
        self._make_room(now)
        if len(self._open) > 2 * self._most:
            self._refuse(next(iter(self._fresh)), _TOO_MANY)

    def note_request(self, connection: web.RequestHandler) -> None:
        """Note that the head of a request came."""
        self._forget(connection)

    def note_answer(self, connection: web.RequestHandler, *, is_last: bool) -> None:
        """Note that a request is answered, as far as that is up to us, and whether another may come."""
        if connection in self._open:
            (self._leaving if is_last else self._served)[connection] = time.monotonic()

    def note_end(self, connection: web.RequestHandler) -> None:
        """Note that a connection is no more."""
        self._forget(connection)
        self._open.pop(connection, None)

    def close_waiting(self) -> None:
        """Close those on which nothing is being done; what they were answered is still sent."""
        for one in (*self._fresh, *self._served):
            self._open[one].close()
            self.note_end(one)

    async def watch(self) -> None:
        """Close what is too slow, for ever."""
        while True:
            await asyncio.sleep(self._every)
            now = time.monotonic()
            while self._make_room(now):
                pass
            for one in _find_older(self._fresh, now - self._seconds):
                self._refuse(one, _TOO_SLOW)
            for one in _find_older(self._leaving, now - self._seconds):
                self._drop(one)
            for one in _find_older(self._served, now - self._pause):
                self._drop(one)

    def _make_room(self, now: float) -> bool:
        """Return whether there were too many, and one has ended."""
        if len(self._open) <= self._most:
            return False
        if self._leaving:
            self._drop(next(iter(self._leaving)))
        elif old := _find_older(self._fresh, now - self._every, 1):
            self._refuse(old[0], _TOO_MANY)  # where there are so many, most say nothing on purpose
        elif self._served and not self._fresh:
            self._drop(next(iter(self._served)))
        else:
            return False
        return True

    def _refuse(self, connection: web.RequestHandler, answer: bytes) -> None:
        # Nothing was written before, so this fits into what the system takes at once.
        self._open[connection].write(answer)
        self._open[connection].close()
        self.note_end(connection)

    def _drop(self, connection: web.RequestHandler) -> None:
        # To close would be to wait until everything is read.
        self._open[connection].abort()
        self.note_end(connection)

    def _forget(self, connection: web.RequestHandler) -> None:
        for waiting in (self._fresh, self._served, self._leaving):
            waiting.pop(connection, None)


def _find_older(
    waiting: dict[web.RequestHandler, float], than: float, most: int | None = None
) -> list[web.RequestHandler]:
    older = takewhile(lambda one: one[1] < than, waiting.items())
    return [one for one, _ in islice(older, most)]
