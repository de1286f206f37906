"""Bodies: what is broken is said, what never ends is ended, and memory stays bounded."""

import asyncio
import gzip
import time
import zlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import psutil
import pytest

from connectors.fetching.page import Cause, FetchError
from tests.connectors.fetching.site import Site, answer, fetching

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]
MB = 1_000_000


def say(head: bytes, part: bytes = b"", every: float = 0.0, reset: bool = False) -> Speak:
    """Speak the head, then the same part for ever."""

    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()
        while part:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every)
        if reset:
            writer.transport.abort()

    return speak


def make_bomb() -> bytes:
    """Return a gigabyte of zeros as one gzip stream of a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    packer.flush(zlib.Z_FULL_FLUSH)
    start = gzip.compress(b"")[:10]
    part = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + part.removeprefix(start) * 1024


def fail(speak: bytes | Speak, seconds: float = 5.0, most_bytes: int = 5 * MB) -> tuple[FetchError, float]:
    async def run() -> tuple[FetchError, float]:
        async with Site({"/": speak}) as site, fetching(site, seconds=seconds) as fetcher:
            start = time.monotonic()
            with pytest.raises(FetchError) as raised:
                await fetcher.fetch(site.url(), most_bytes=most_bytes)
            return raised.value, time.monotonic() - start

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.fetching.retry._PAUSES", (0.01, 0.02))


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b"The library opens at nine. " * 1000, mtime=0)


@pytest.mark.parametrize(
    ("speak", "cause"),
    [
        (say(OK + b"Content-Length: 100\r\n\r\nshort"), "unreachable"),
        (say(CHUNKED + b"5\r\nshort\r\n"), "unreachable"),
        (say(OK + b"Content-Length: 100\r\n\r\nshort", reset=True), "unreachable"),
        (say(b"", reset=True), "unreachable"),
        (say(b""), "unreachable"),
        (say(b"220 mail.harbour.example ESMTP\r\n\r\n"), "broken"),
        (say(OK + b"Content-Length: nine\r\n\r\nshort"), "broken"),
        (say(OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nshort"), "broken"),
        (say(CHUNKED + b"nine\r\nshort\r\n"), "broken"),
        (say(OK + b"X: " + b"a" * 20_000 + b"\r\n\r\n"), "broken"),
        (answer(200, PACKED[:-20], "Content-Encoding: gzip"), "unreachable"),
        (answer(200, b"plain", "Content-Encoding: gzip"), "encoding"),
        (answer(200, PACKED, "Content-Encoding: deflate"), "encoding"),
        (answer(200, PACKED, "Content-Encoding: br"), "encoding"),
        (answer(200, gzip.compress(PACKED), "Content-Encoding: gzip, gzip"), "encoding"),
        (answer(200, PACKED[:10] + b"\x07" * 40, "Content-Encoding: gzip"), "encoding"),
        (say(OK + b"Content-Length: 99999999999\r\n\r\n", b"a"), "too_large"),
    ],
    ids=[
        "shorter than said", "no last chunk", "reset within", "reset at once", "closed at once", "not HTTP",
        "no length", "two lengths", "no chunk", "long header", "gzip breaks off", "no gzip",
        "gzip as deflate", "unasked", "twice", "broken gzip", "announced as too large",
    ],
)  # fmt: skip
def test_what_is_broken_is_an_error_with_its_cause(speak: bytes | Speak, cause: Cause) -> None:
    error, seconds = fail(speak)
    assert error.cause == cause, error
    assert str(error).isprintable()
    assert seconds < 2


@pytest.mark.parametrize(
    "headers",
    [("Content-Encoding: gzip",), ("Content-Encoding: gzip", "Content-Type: application/gzip"), ()],
    ids=["gzip", "gzip of a gzip's type", "gzip without a word"],
)
def test_one_layer_is_undone_where_it_is_named(headers: tuple[str, ...]) -> None:
    async def run() -> bytes:
        async with Site({"/": answer(200, PACKED, *headers)}) as site, fetching(site) as fetcher:
            return (await fetcher.fetch(site.url())).body

    assert asyncio.run(run()) == (gzip.decompress(PACKED) if headers else PACKED)


def test_a_body_may_have_as_many_bytes_as_asked_for_and_not_one_more() -> None:
    async def run() -> tuple[int, Cause]:
        async with Site({"/": answer(200, bytes(1000))}) as site, fetching(site) as fetcher:
            size = len((await fetcher.fetch(site.url(), most_bytes=1000)).body)
            with pytest.raises(FetchError) as raised:
                await fetcher.fetch(site.url(), most_bytes=999)
            return size, raised.value.cause

    assert asyncio.run(run()) == (1000, "too_large")


@pytest.mark.parametrize(
    ("speak", "causes"),
    [
        (say(OK + b"Content-Length: 1000\r\n\r\n", b"a", every=0.1), {"slow"}),
        (say(OK[:-2], b"a", every=0.1), {"slow"}),
        (say(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", every=0.001), {"slow"}),
        (say(OK + b"Content-Length: 9\r\n\r\n", b"", every=1), {"unreachable"}),
        (say(OK + b"\r\n", b"a" * 65_536), {"too_large"}),
        (say(CHUNKED, b"1\r\na\r\n" * 1000), {"too_large", "slow"}),
        (say(OK, b"X-Tide: high\r\n" * 100), {"broken"}),
        (say(OK + b"X-Tide: ", b"high" * 1000), {"broken"}),
        (say(CHUNKED + b"1;", b"tide" * 1000), {"slow", "broken"}),
        (say(CHUNKED + b"0\r\n", b"X-Tide: high\r\n" * 100), {"slow", "broken"}),
        (say(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"")), {"encoding", "slow"}),
    ],
    ids=[
        "a byte now and then", "a header that drips", "hints for ever", "closed", "a body for ever",
        "small chunks for ever", "headers for ever", "one header for ever", "an extension for ever",
        "trailers for ever", "empty members for ever",
    ],
)  # fmt: skip
def test_what_never_ends_is_ended(speak: Speak, causes: set[Cause]) -> None:
    before = psutil.Process().memory_info().rss
    error, seconds = fail(speak, seconds=0.15)
    assert error.cause in causes, error
    assert seconds < 1.5
    assert psutil.Process().memory_info().rss - before < 60 * MB


def test_a_bomb_costs_no_more_than_what_may_come_of_it() -> None:
    async def run() -> tuple[Cause, int, float]:
        bomb = answer(200, make_bomb(), "Content-Encoding: gzip")
        process, start = psutil.Process(), time.monotonic()
        async with Site({"/": bomb}) as site, fetching(site) as fetcher:
            before, most = process.memory_info().rss, 0
            task = asyncio.create_task(fetcher.fetch(site.url(), most_bytes=20 * MB))
            while not task.done():
                await asyncio.sleep(0.001)
                most = max(most, process.memory_info().rss)
            error = task.exception()
            assert isinstance(error, FetchError)
            return error.cause, most - before, time.monotonic() - start

    cause, growth, seconds = asyncio.run(run())
    assert cause == "too_large"
    assert growth < 60 * MB
    assert seconds < 2


@pytest.mark.slow
def test_many_bombs_at_once_are_let_off_one_after_the_other() -> None:
    async def run() -> tuple[set[Cause], int, float]:
        bomb, process = answer(200, make_bomb(), "Content-Encoding: gzip"), psutil.Process()
        async with AsyncExitStack() as stack:
            sites = [await stack.enter_async_context(Site({"/": bomb})) for _ in range(100)]
            fetcher = await stack.enter_async_context(fetching(*sites, seconds=30))
            before, most, late = process.memory_info().rss, 0, 0.0
            tasks = [asyncio.ensure_future(fetcher.fetch(site.url(), most_bytes=10 * MB)) for site in sites]
            while not all(task.done() for task in tasks):
                start = time.monotonic()
                await asyncio.sleep(0.001)
                late = max(late, time.monotonic() - start)
                most = max(most, process.memory_info().rss)
            errors = await asyncio.gather(*tasks, return_exceptions=True)
            return {error.cause for error in errors if isinstance(error, FetchError)}, most - before, late

    causes, growth, late = asyncio.run(run())
    assert causes == {"too_large"}
    assert growth < 16 * 2 * 10 * MB + 100 * MB  # without the places it would be 1,000 MB
    assert late < 1.0


@pytest.mark.slow
def test_large_bodies_that_hang_hold_up_large_ones_for_their_time_and_small_ones_not_at_all() -> None:
    async def run() -> tuple[float, Cause, bytes]:
        hangs = say(OK + b"Content-Length: 900000\r\n\r\n" + bytes(300_000), b"a", every=1)
        async with AsyncExitStack() as stack:
            sites = [await stack.enter_async_context(Site({"/": hangs})) for _ in range(16)]
            good = await stack.enter_async_context(
                Site({"/": answer(200, b"a"), "/large": answer(200, bytes(MB))})
            )
            fetcher = await stack.enter_async_context(fetching(*sites, good, seconds=0.8))
            tasks = [asyncio.ensure_future(fetcher.fetch(site.url())) for site in sites]
            await asyncio.sleep(0.4)
            start = time.monotonic()
            await fetcher.fetch(good.url())
            taken = time.monotonic() - start
            large = (await fetcher.fetch(good.url("/large"))).body
            errors = await asyncio.gather(*tasks, return_exceptions=True)
            causes = {error.cause for error in errors if isinstance(error, FetchError)}
            assert len(causes) == 1
            return taken, causes.pop(), large

    taken, cause, large = asyncio.run(run())
    assert taken < 0.3
    assert cause == "slow"
    assert len(large) == MB
