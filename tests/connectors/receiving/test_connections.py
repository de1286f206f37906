"""Connections of a real server: who says nothing, or hears nothing, does not keep others out."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from connectors.broker.ports import find_port
from connectors.receiving.connections import Connections
from connectors.receiving.server import Server

Speak = Callable[["Opened"], Awaitable[None]]
GET = b"GET / HTTP/1.1\r\nHost: harbour.example\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: harbour.example\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Opened:
    port: int
    said: list[str]

    async def connect(self, *says: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in says:
            writer.write(piece)
        await writer.drain()
        return reader, writer

    async def ask(self, says: bytes, seconds: float = 3) -> bytes:
        """Return all that is answered, until the connection ends."""
        reader, writer = await self.connect(says)
        async with asyncio.timeout(seconds):
            try:
                return await reader.read()
            except ConnectionError:
                return b""
            finally:
                writer.close()


@asynccontextmanager
async def opened(connections: Connections, answer: bytes = b"ferry") -> AsyncIterator[Opened]:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/defect":
            raise KeyError("pier")
        return web.Response(body=answer)

    room = Opened(find_port(), [])
    server = Server(handle, room.said.append, connections)
    await server.open("127.0.0.1", room.port)
    try:
        yield room
    finally:
        await server.close()


def run(connections: Connections, speak: Speak, answer: bytes = b"ferry") -> list[str]:
    """Return what the server had to say of itself."""

    async def all_of_it() -> list[str]:
        async with opened(connections, answer) as room:
            await speak(room)
        return room.said

    return asyncio.run(all_of_it())


SILENT = {"nothing": b"", "half a line": b"PO", "half a head": b"POST / HTTP/1.1\r\nX: "}


@pytest.mark.parametrize("said", SILENT.values(), ids=SILENT)
def test_a_head_that_does_not_come_in_time_is_answered(said: bytes) -> None:
    async def speak(room: Opened) -> None:
        began = time.monotonic()
        answer = await room.ask(said)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answer.endswith(b"\r\n\r\n")
        assert 0.1 <= time.monotonic() - began < 1

    assert run(Connections(10, 0.1, every=0.02), speak) == []


def test_a_head_that_comes_byte_by_byte_has_no_more_time() -> None:
    async def speak(room: Opened) -> None:
        reader, writer = await room.connect()
        began = time.monotonic()
        while not reader.at_eof() and time.monotonic() < began + 2:
            writer.write(b"a")
            await asyncio.sleep(0.02)
            if reader._transport.is_closing():  # type: ignore[attr-defined]
                break
        assert time.monotonic() - began < 1

    run(Connections(10, 0.1, every=0.02), speak)


def test_whoever_has_sent_something_has_longer_for_the_next() -> None:
    async def speak(room: Opened) -> None:
        reader, writer = await room.connect(POST)
        await asyncio.sleep(0.2)
        writer.write(POST)
        await asyncio.sleep(0.05)
        assert (await reader.read(1000)).count(b"200 OK") == 2
        async with asyncio.timeout(2):
            assert await reader.read() == b""

    run(Connections(10, 0.1, pause=0.4, every=0.02), speak)


def test_whoever_does_not_read_the_answer_is_left() -> None:
    """Its answer stands in a buffer, for which the library would wait for ever."""

    async def speak(room: Opened) -> None:
        reader, writer = await room.connect(POST)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.4)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(2):
            assert len(await reader.read()) < 30_000_000

    run(Connections(10, 0.1, pause=0.2, every=0.02), speak, bytes(30_000_000))


def test_of_too_many_those_that_say_nothing_end_first() -> None:
    async def speak(room: Opened) -> None:
        good_reader, good = await room.connect(POST)
        await good_reader.readuntil(b"ferry")
        silent = [await room.connect() for _ in range(8)]
        await asyncio.sleep(0.2)
        assert b"200 OK" in await room.ask(GET)
        good.write(POST)
        assert b"200 OK" in await good_reader.readuntil(b"ferry")
        ended = [reader.at_eof() or bool(reader._buffer) for reader, _ in silent]  # type: ignore[attr-defined]
        assert ended == [True] * 5 + [False] * 3
        assert (await silent[0][0].read()).startswith(b"HTTP/1.1 503 ")

    run(Connections(5, 60, every=0.02), speak)


def test_twice_as_many_are_the_most_there_ever_are() -> None:
    async def speak(room: Opened) -> None:
        silent = [await room.connect() for _ in range(30)]
        await asyncio.sleep(0.2)
        ended = [reader.at_eof() or bool(reader._buffer) for reader, _ in silent]  # type: ignore[attr-defined]
        assert ended.count(False) == 10

    run(Connections(5, 60, every=60), speak)


WRONG = {"garbage": b"harbour\r\n\r\n", "TLS": bytes.fromhex("160301 00c8 010000c4 0303") + bytes(range(200))}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_what_is_no_http_gets_an_answer_as_any_other(said: bytes) -> None:
    async def speak(room: Opened) -> None:
        answer = await room.ask(said)
        assert b" 400 Bad Request\r\n" in answer
        assert b"application/problem+json" in answer
        assert b"Server: naba\r\n" in answer
        assert b"ython" not in answer

    assert run(Connections(10), speak) == []


def test_whoever_only_asks_gets_one_answer() -> None:
    async def speak(room: Opened) -> None:
        assert (await room.ask(GET * 100)).count(b"HTTP/1.1 200") == 1

    run(Connections(10), speak)


def test_a_defect_is_told_and_ends_nothing() -> None:
    async def speak(room: Opened) -> None:
        assert b" 500 " in await room.ask(GET.replace(b"/ ", b"/defect ", 1))
        assert b" 200 " in await room.ask(GET)

    assert run(Connections(10), speak) == ["a defect of naba: KeyError: 'pier'"]
