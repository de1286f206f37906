"""Bodies on a real server: what is too slow, too large or not whole ends, and makes room for the quick."""

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from connectors.broker.ports import find_port
from connectors.receiving.body import Bodies, unpack
from connectors.receiving.connections import Connections
from connectors.receiving.problem import Refused
from connectors.receiving.server import Server

KB = 1000
MOST = 200 * KB  # of one body
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Speak = Callable[[int], Awaitable[None]]


@asynccontextmanager
async def opened(bodies: Bodies, work: float = 0) -> AsyncIterator[int]:
    """Serve on a port that takes so many seconds for a body that has come."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        async with bodies.read(request, MOST) as held:
            body = held.body
            await asyncio.sleep(work)
            return web.Response(text=f"{len(body)} bytes")

    said: list[str] = []
    server, port = Server(handle, said.append, Connections(100)), find_port()
    await server.open("127.0.0.1", port)
    try:
        yield port
    finally:
        await server.close()
    assert said == []


def run(bodies: Bodies, speak: Speak, work: float = 0) -> None:
    async def all_of_it() -> None:
        async with opened(bodies, work) as port, asyncio.timeout(5):
            await speak(port)

    asyncio.run(all_of_it())


async def begin(port: int, size: int, sent: int) -> Streams:
    """Return a request whose body has a size, and of which so much is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: harbour.example\r\nContent-Length: %d\r\n\r\n" % size)
    writer.write(bytes(sent))
    await writer.drain()
    await asyncio.sleep(0.02)
    return reader, writer


async def hear(streams: Streams) -> int:
    """Return the status that came, and hang up."""
    line = await streams[0].readline()
    streams[1].close()
    await asyncio.sleep(0.02)  # the server has noticed
    return int(line.split()[1])


def is_silent(streams: Streams) -> bool:
    return not streams[0]._buffer and not streams[0].at_eof()  # type: ignore[attr-defined]


def test_a_body_has_its_time_however_it_comes() -> None:
    async def speak(port: int) -> None:
        began = time.monotonic()
        slow = await begin(port, 1000, 1)
        while is_silent(slow) and time.monotonic() < began + 2:
            slow[1].write(b"a")
            await asyncio.sleep(0.02)
        assert await hear(slow) == 408
        assert 0.2 <= time.monotonic() - began < 1

    run(Bodies(seconds=0.2), speak)


def test_the_time_that_work_takes_is_not_its_senders() -> None:
    async def speak(port: int) -> None:
        assert await hear(await begin(port, 100, 100)) == 200

    run(Bodies(seconds=0.1), speak, work=0.3)


def test_where_memory_is_full_the_one_that_has_been_coming_for_longest_ends() -> None:
    async def speak(port: int) -> None:
        first, second, third = [await begin(port, 150 * KB, 100 * KB) for _ in range(3)]
        assert await hear(first) == 503
        assert is_silent(second)
        assert is_silent(third)
        quick = await begin(port, 150 * KB, 150 * KB)  # it takes the room of the second
        assert await hear(quick) == 200
        assert await hear(second) == 503
        third[1].write(bytes(50 * KB))
        assert await hear(third) == 200

    run(Bodies(most_bytes=280 * KB), speak)


def test_room_comes_back_when_a_body_is_done_with() -> None:
    async def speak(port: int) -> None:
        for _ in range(3):
            assert await hear(await begin(port, 150 * KB, 150 * KB)) == 200
            assert await hear(await begin(port, 201 * KB, 100 * KB)) == 413
            broken = await begin(port, 150 * KB, 100 * KB)
            broken[1].close()
        await asyncio.sleep(0.1)

    bodies = Bodies(most_bytes=280 * KB)
    run(bodies, speak)
    assert bodies._total == 0
    assert not bodies._coming


def test_for_a_small_body_there_is_room_while_large_ones_are_worked_on() -> None:
    async def speak(port: int) -> None:
        large = await begin(port, 200 * KB, 200 * KB)
        refused = await begin(port, 150 * KB, 150 * KB)
        small = await begin(port, 10 * KB, 10 * KB)
        assert await hear(refused) == 503
        assert await hear(small) == 200
        assert await hear(large) == 200

    run(Bodies(most_bytes=210 * KB), speak, work=0.3)


def test_small_ones_are_not_driven_out_for_large_ones() -> None:
    async def speak(port: int) -> None:
        small = await begin(port, 2 * KB, 1 * KB)
        large, quick = await begin(port, 150 * KB, 100 * KB), await begin(port, 200 * KB, 200 * KB)
        assert await hear(quick) == 200
        assert await hear(large) == 503
        small[1].write(bytes(1 * KB))
        assert await hear(small) == 200

    run(Bodies(most_bytes=280 * KB), speak)


def test_of_too_many_bodies_the_one_that_has_been_coming_for_longest_ends() -> None:
    async def speak(port: int) -> None:
        slow = [await begin(port, 100, 1) for _ in range(5)]
        assert [await hear(one) for one in slow[:2]] == [503, 503]
        assert all(is_silent(one) for one in slow[2:])
        slow[2][1].close()
        assert await hear(await begin(port, 100, 100)) == 200
        slow[3][1].close()
        slow[4][1].close()

    run(Bodies(most=3), speak)


def test_one_that_ends_while_it_is_driven_out_is_answered_once() -> None:
    """All bytes of all of them stand in the sockets before the server looks at one."""

    async def speak(port: int) -> None:
        crowd = [await begin(port, 150 * KB, 70 * KB) for _ in range(3)]
        for _, writer in crowd:
            writer.write(bytes(80 * KB))
        heard = [await hear(one) for one in crowd]
        assert set(heard) <= {200, 503}
        assert 200 in heard

    for _ in range(3):
        run(Bodies(most_bytes=230 * KB), speak)


WRONG = {
    "too large by its head": (b"Content-Length: 200001\r\n\r\n", 413),
    "too large as it comes": (
        b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%b\r\n" % bytes(65536) * 5,
        413,
    ),
    "a chunk that is none": (b"Transfer-Encoding: chunked\r\n\r\nharbour\r\n", 400),
    "a chunk that breaks later": (b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nharbour\r\n", 400),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_body_is_answered(case: str) -> None:
    sent, status = WRONG[case]

    async def speak(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: harbour.example\r\n" + sent)
        assert await hear((reader, writer)) == status

    run(Bodies(), speak)


PACKED = {
    "gzip": ("gzip", gzip.compress(b"ferry" * KB), None),
    "deflate": ("deflate", zlib.compress(b"ferry" * KB), None),
    "more than it may be": ("gzip", gzip.compress(bytes(MOST + 1)), 413),
    "broken off": ("gzip", gzip.compress(b"ferry")[:-1], 400),
    "no gzip": ("gzip", b"ferry", 400),
    "unheard of": ("harbour", b"ferry", 415),
}


@pytest.mark.parametrize("case", PACKED)
def test_what_is_packed_is_unpacked_within_its_size(case: str) -> None:
    encoding, body, status = PACKED[case]
    if status is None:
        assert unpack(body, encoding, MOST) == b"ferry" * KB
    else:
        with pytest.raises(Refused) as refused:
            unpack(body, encoding, MOST)
        assert refused.value.status == status
