"""Origins that do harm: behaviours of a site's paths, and servers on loopback that break HTTP itself.

Nothing here is truly endless: what would be ends after `_LONGEST` seconds.
"""

import asyncio
import socket
import threading
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

from aiohttp import web

from tests.site import Behaviour

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]

_LONGEST = 60.0
_PART = 1 << 16
_BLOCK = 1 << 24


def gzip_bomb(size: int = 1 << 30) -> Iterator[bytes]:
    """Yield the parts of one gzip member (RFC 1952), a thousandth of the `size` bytes that it unpacks to.

    They are spaces, in blocks of 16 MiB; a `size` between is rounded up.
    """
    spaces, count = b" " * _BLOCK, -(-size // _BLOCK)
    packer = zlib.compressobj(9, wbits=-15)
    # Behind a full flush a block stands for itself, and may be sent any number of times.
    block = packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    check = 0
    for _ in range(count):
        yield block
        check = zlib.crc32(spaces, check)
    total = (count * _BLOCK) & 0xFFFFFFFF
    yield b"\x03\x00" + check.to_bytes(4, "little") + total.to_bytes(4, "little")


def bomb(size: int = 1 << 30, kind: str = "text/html") -> Behaviour:
    """Send so many bytes, packed to a thousandth of them, as Content-Encoding gzip."""

    async def parts() -> AsyncIterator[bytes]:
        for part in gzip_bomb(size):
            yield part
            await asyncio.sleep(0)  # the site answers others meanwhile

    return _send(parts, {"Content-Type": kind, "Content-Encoding": "gzip"})


def endless(kind: str = "text/html") -> Behaviour:
    """Send a body without end, as fast as it is taken."""

    async def parts() -> AsyncIterator[bytes]:
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            yield b"<p>more</p>\n" * (_PART // 12)

    return _send(parts, {"Content-Type": kind})


def too_large(size: int, kind: str = "text/html", *, told: bool = True) -> Behaviour:
    """Send a body of so many bytes, which Content-Length tells beforehand or nothing does."""

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, size, _PART):
            yield b" " * min(_PART, size - start)

    return _send(parts, {"Content-Type": kind} | ({"Content-Length": str(size)} if told else {}))


def half() -> Behaviour:
    """Send the head, half of the body, and cut the connection."""

    async def behave(request: web.Request, whole: web.Response) -> web.StreamResponse:
        body = whole.body
        assert isinstance(body, bytes)
        headers = {"Content-Type": whole.headers["Content-Type"], "Content-Length": str(len(body))}
        answer = web.StreamResponse(headers=headers)
        await answer.prepare(request)
        await answer.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.close()  # behind what was written
        return answer

    return behave


def _send(parts: Callable[[], AsyncIterator[bytes]], headers: dict[str, str]) -> Behaviour:
    async def behave(request: web.Request, _whole: web.Response) -> web.StreamResponse:
        answer = web.StreamResponse(headers=headers)
        await answer.prepare(request)
        async for part in parts():
            await answer.write(part)
        await answer.write_eof()
        return answer

    return behave


@contextmanager
def hanging_origins(count: int) -> Iterator[list[str]]:
    """Yield the addresses of so many ports that take connections and never say anything."""
    with ExitStack() as opened:
        # The kernel takes connections by itself; nobody needs to ask for them.
        origins = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(count)]
        for origin in origins:
            opened.enter_context(origin)
        yield [f"http://127.0.0.1:{origin.getsockname()[1]}" for origin in origins]


class Origin:
    """A port at which `speak` writes what it likes to everyone who has asked for something."""

    def __init__(self, speak: Speak) -> None:
        self.url = ""
        self.connections = 0
        self._speak = speak

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            await self._speak(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # who asked has left
        finally:
            writer.close()

    async def _run(self, ready: threading.Event, over: asyncio.Event) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await over.wait()
        server.close()


@contextmanager
def origin(speak: Speak) -> Iterator[Origin]:
    """Serve in a thread of its own; what still speaks at the end is cut off."""
    made, ready, over = Origin(speak), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # which cancels what is left
            runner.run(made._run(ready, over))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        assert not thread.is_alive()


async def endless_status(writer: asyncio.StreamWriter) -> None:
    """Say a first line that does not end."""
    await _pour(writer, b"HTTP/1.1 200 ", b"O" * _PART)


async def endless_header(writer: asyncio.StreamWriter) -> None:
    """Say one header that does not end."""
    await _pour(writer, b"HTTP/1.1 200 OK\r\nX-More: ", b"a" * _PART)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    """Say short headers that do not end."""
    await _pour(writer, b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n" * (_PART // 11))


async def endless_interim(writer: asyncio.StreamWriter) -> None:
    """Say again and again that an answer will follow (102)."""
    await _pour(writer, b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100)


async def endless_body(writer: asyncio.StreamWriter) -> None:
    """Say a body that only the end of the connection would end."""
    await _pour(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b" " * _PART)


async def no_http(writer: asyncio.StreamWriter) -> None:
    """Say what is no HTTP, and end."""
    writer.write(b"220 harbour.example ESMTP\r\n")
    await writer.drain()


def drip_header(seconds: float = 0.2) -> Speak:
    """Say a head, a byte now and then."""
    return _drip(b"", b"HTTP/1.1 200 OK\r\nX-More: ", seconds)


def drip_body(seconds: float = 0.2) -> Speak:
    """Say the head at once, and a byte of the body now and then."""
    return _drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<html>", seconds)


def _drip(head: bytes, start: bytes, seconds: float) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        until = time.monotonic() + _LONGEST
        place = 0
        while time.monotonic() < until:
            writer.write(start[place : place + 1] or b"a")
            await writer.drain()
            await asyncio.sleep(seconds)
            place += 1

    return speak


async def _pour(writer: asyncio.StreamWriter, head: bytes, part: bytes) -> None:
    writer.write(head)
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        writer.write(part)
        await writer.drain()
