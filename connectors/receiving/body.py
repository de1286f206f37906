"""Bodies of requests, within their time, their size, and the memory that all of them may take together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientPayloadError, web
from aiohttp.http import HttpProcessingError

from connectors.fetching.page import FetchError
from connectors.fetching.unpack import Unpacker
from connectors.receiving.problem import Refused

_SECONDS = 30.0  # from the first byte of a body to its last
_MOST_BYTES = 64 * 1024 * 1024  # of all bodies that are being read or worked on
_SMALL = 64 * 1024  # a body up to here is never without room, whoever else sends
_MOST = 500  # bodies that are coming; connections are bounded, but not those on which something comes


@dataclass(eq=False, slots=True)
class Held:
    """A body as it came on the wire, and the bytes that it counts for."""

    limit: asyncio.Timeout
    body: bytes = b""
    size: int = 0
    is_driven_out: bool = False


class Bodies:
    """All bodies of the process; those that have been coming for the longest make room for others."""

    def __init__(self, seconds: float = _SECONDS, most_bytes: int = _MOST_BYTES, most: int = _MOST) -> None:
        self._seconds, self._most_bytes, self._most = seconds, most_bytes, most
        self._total = 0
        self._coming: dict[Held, None] = {}  # in the order in which they began

    @asynccontextmanager
    async def read(self, request: web.BaseRequest, most_bytes: int) -> AsyncIterator[Held]:
        """Yield the body; it counts as held until the block ends.

        Raises Refused where it is too large, too slow or not whole, or there is no room for it.
        """
        held = Held(asyncio.timeout(self._seconds))
        self._coming[held] = None
        if len(self._coming) > self._most:
            self._drive_out(next(iter(self._coming)))
        try:
            held.body = await self._read(request, most_bytes, held)
            del self._coming[held]
            yield held
        finally:
            self._coming.pop(held, None)
            self._total -= held.size

    def count_unpacked(self, held: Held, size: int) -> None:
        """Let a body count for what it is when it is unpacked. Raises Refused where there is no room."""
        more = max(0, size - held.size)
        if self._total + more > self._most_bytes and size > _SMALL and self._total > held.size:
            raise Refused(503, "too many bodies are being worked on", retry_after=5)
        held.size += more
        self._total += more

    async def _read(self, request: web.BaseRequest, most_bytes: int, held: Held) -> bytes:
        too_large = Refused(413, f"the body has more than {most_bytes} bytes")
        if (request.content_length or 0) > most_bytes:
            raise too_large
        pieces: list[bytes] = []
        try:
            async with held.limit:
                if request.headers.get("Expect", "").lower() == "100-continue":
                    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                while piece := await request.content.readany():
                    pieces.append(piece)
                    self._hold(held, len(piece))
                    if held.size > most_bytes:
                        raise too_large
                if held.is_driven_out:
                    raise TimeoutError  # its end came a moment before that is noticed
        except TimeoutError:
            if held.is_driven_out:
                raise Refused(503, "too many bodies are coming in", retry_after=5) from None
            raise Refused(408, f"the body took longer than {self._seconds:g} s") from None
        except (ClientPayloadError, web.RequestPayloadError, HttpProcessingError, ConnectionError) as error:
            raise Refused(400, f"the body broke off or is malformed: {type(error).__name__}") from None
        return b"".join(pieces)

    def _hold(self, held: Held, size: int) -> None:
        if held.is_driven_out:
            raise TimeoutError
        held.size += size
        self._total += size
        while self._total > self._most_bytes and held.size > _SMALL:
            longest = next(one for one in self._coming if one.size > _SMALL)
            if longest is held:
                raise Refused(503, "too many bodies are coming in", retry_after=5)
            self._drive_out(longest)

    def _drive_out(self, held: Held) -> None:
        # Its sender is slow, or has a slow line: whoever is quick is never the one.
        del self._coming[held]
        self._total -= held.size
        held.size = 0
        held.is_driven_out = True
        if not held.limit.expired():
            held.limit.reschedule(asyncio.get_running_loop().time())


def unpack(body: bytes, encoding: str, most_bytes: int) -> bytes:
    """Return a body without its Content-Encoding; raises Refused."""
    try:
        unpacker = Unpacker(encoding)
    except FetchError:
        raise Refused(
            415, "only gzip and deflate are read", headers={"Accept-Encoding": "gzip, deflate"}
        ) from None
    whole = bytearray()
    try:
        for piece in unpacker.unpack(body):
            whole += piece
            if len(whole) > most_bytes:
                raise Refused(413, f"the body has more than {most_bytes} bytes when it is unpacked")
    except FetchError as error:
        raise Refused(400, str(error)) from None
    if body and unpacker.broken_off:
        raise Refused(400, f"the body ends within its {encoding}")
    return bytes(whole)
