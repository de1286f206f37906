"""Manners, as the sites' own logs show them, and that a bad host is only its own trouble."""

import asyncio
import socket
import time
from contextlib import AsyncExitStack, ExitStack
from importlib.metadata import version
from itertools import pairwise

import psutil
import pytest
from aiohttp.abc import ResolveResult

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError, Page
from connectors.fetching.settings import FetchSettings
from tests.connectors.fetching.site import Asked, Hosts, Site, answer, fetching

NAME = f"naba/{version('naba')}"
NEWS = answer(200, b"the ferry waits", "Content-Type: text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("contact", "said"),
    [("desk@harbour.example", f"{NAME} (+desk@harbour.example)"), ("", NAME)],
)
def test_every_request_says_who_asks(contact: str, said: str) -> None:
    async def run() -> list[Asked]:
        async with Site({"/": NEWS}) as site, fetching(site, contact=contact) as fetcher:
            page = await fetcher.fetch(site.url())
            assert page.content_type == "text/html; charset=utf-8"
            return site.log

    log = asyncio.run(run())
    assert [asked.path for asked in log] == ["/robots.txt", "/"]
    assert {asked.headers["user-agent"] for asked in log} == {said}
    assert {asked.headers["accept-encoding"] for asked in log} == {"gzip, deflate"}


def test_a_host_is_asked_once_in_a_pause_and_never_twice_at_once() -> None:
    async def run() -> Site:
        site = Site({"/": NEWS, "/moved": answer(301, b"", "Location: /")}, delay=0.005)
        async with site, fetching(site, pause=0.03) as fetcher:
            paths = ["/", "/moved", "/", "/missing", "/moved", "/"]
            await asyncio.gather(*(fetcher.fetch(site.url(path)) for path in paths), return_exceptions=True)
        return site

    site = asyncio.run(run())
    assert len(site.log) == 1 + 6 + 2  # robots.txt and redirects are requests, too
    assert site.most_at_once == 1
    assert all(later - earlier >= 0.03 for earlier, later in pairwise(site.starts()))


def test_spellings_of_one_host_share_its_turn() -> None:
    async def run() -> Site:
        site = Site({"/": NEWS})
        async with site, fetching(site, host="harbour.example", pause=0.03) as fetcher:
            hosts = ["harbour.example", "HARBOUR.example", "harbour.example.", "reader:x@harbour.example"]
            await asyncio.gather(*(fetcher.fetch(site.url(host=host)) for host in hosts))
        return site

    site = asyncio.run(run())
    assert len(site.log) == 5
    assert all(later - earlier >= 0.03 for earlier, later in pairwise(site.starts()))


def test_a_host_with_many_addresses_waiting_delays_no_other() -> None:
    async def run() -> float:
        async with AsyncExitStack() as stack:
            crowded = await stack.enter_async_context(Site({"/": NEWS}))
            others = [await stack.enter_async_context(Site({"/": NEWS})) for _ in range(10)]
            fetcher = await stack.enter_async_context(fetching(crowded, *others, pause=0.03, hosts_at_once=4))
            crowd = [asyncio.ensure_future(fetcher.fetch(crowded.url())) for _ in range(2000)]
            await asyncio.sleep(0.1)
            start = time.monotonic()
            await asyncio.gather(*(fetcher.fetch(site.url()) for site in others))
            taken = time.monotonic() - start
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            return taken

    assert asyncio.run(run()) < 0.5


def test_connections_to_many_hosts_are_not_kept() -> None:
    async def run() -> tuple[int, int]:
        async with Site({"/": NEWS}) as site:
            urls = [site.url(host=f"harbour{number}.example") for number in range(300)]
            async with fetching(own=tuple(urls)) as fetcher:
                before = psutil.Process().num_fds()
                await asyncio.gather(*(fetcher.fetch(url) for url in urls))
                await asyncio.sleep(0.05)
                return psutil.Process().num_fds() - before, len(site.paths)

    files, asked = asyncio.run(run())
    assert asked == 300
    assert files < 2 * 250  # both ends are ours


def test_who_is_cancelled_within_a_request_leaves_the_host_free() -> None:
    async def run() -> float:
        async def hang(_: asyncio.StreamWriter) -> None:
            await asyncio.sleep(60)

        site = Site({"/": NEWS, "/hangs": hang})
        async with site, fetching(site, hosts_at_once=1, seconds=30) as fetcher:
            tasks = [asyncio.ensure_future(fetcher.fetch(site.url("/hangs"))) for _ in range(3)]
            while not site.paths:
                await asyncio.sleep(0.005)
            for task in tasks:
                task.cancel()
            start = time.monotonic()
            await fetcher.fetch(site.url())
            assert site.paths == ["/hangs", "/"]
            return time.monotonic() - start

    assert asyncio.run(run()) < 0.5


def test_waiting_for_a_turn_takes_nothing_of_a_request_s_time() -> None:
    async def run() -> int:
        async with Site({"/": NEWS}) as site, fetching(site, pause=0.06, seconds=0.12) as fetcher:
            return len(await asyncio.gather(*(fetcher.fetch(site.url()) for _ in range(5))))

    assert asyncio.run(run()) == 5


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("", "address"),
        ("ftp://harbour.example/", "address"),
        ("http://harbour.example:22/", "address"),
        ("http://" + "a" * 70 + ".example/", "unreachable"),
        ("http://a..example/", "unreachable"),
        ("http://[::1]:80/", "guarded"),
    ],
    ids=lambda text: text[:30],
)
def test_what_cannot_be_asked_for_is_told_by_its_cause(url: str, cause: str) -> None:
    async def run() -> FetchError:
        async with Fetcher(FetchSettings(), ["no address", "http://ferry.example:22/"]) as fetcher:
            with pytest.raises(FetchError) as raised:
                await fetcher.fetch(url)
            return raised.value

    assert asyncio.run(run()).cause == cause


@pytest.mark.slow
def test_two_hundred_hosts_that_hang_leave_the_others_undisturbed() -> None:
    async def ask_all(fetcher: Fetcher, sites: list[Site], rounds: int) -> list[float]:
        async def ask(site: Site) -> list[float]:
            taken = []
            for _ in range(rounds):
                start = time.monotonic()
                await fetcher.fetch(site.url())
                taken.append(time.monotonic() - start)
                await asyncio.sleep(0.05)
            return taken

        return sorted(one for some in await asyncio.gather(*map(ask, sites)) for one in some)

    async def run() -> tuple[list[float], list[float], list[Page | BaseException], float]:
        async with AsyncExitStack() as stack:
            hanging = stack.enter_context(ExitStack())
            urls = []
            for _ in range(200):
                listening = hanging.enter_context(socket.create_server(("127.0.0.1", 0)))
                urls.append(f"http://127.0.0.1:{listening.getsockname()[1]}/")
            sites = [await stack.enter_async_context(Site({"/": NEWS})) for _ in range(20)]
            fetcher = await stack.enter_async_context(fetching(*sites, own=tuple(urls), seconds=3))
            before = await ask_all(fetcher, sites, 20)
            start = time.monotonic()
            hung = [asyncio.ensure_future(fetcher.fetch(url)) for url in urls for _ in range(5)]
            meanwhile = await ask_all(fetcher, sites, 30)
            assert not any(task.done() for task in hung)
            errors = await asyncio.gather(*hung, return_exceptions=True)
            return before, meanwhile, errors, time.monotonic() - start

    before, meanwhile, errors, seconds = asyncio.run(run())
    assert all(isinstance(error, FetchError) and "3 s" in str(error) for error in errors)
    assert 2.9 < seconds < 6
    p99 = [taken[int(len(taken) * 0.99)] for taken in (before, meanwhile)]
    assert p99[1] < max(5 * p99[0], 0.3), p99


@pytest.mark.slow
def test_names_that_hang_end_in_time() -> None:
    class Hanging(Hosts):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            if host.startswith("hangs"):
                await asyncio.sleep(600)
            return await super().resolve(host, port, family)

    async def run() -> tuple[list[object], float]:
        async with (
            Site({"/": NEWS}) as site,
            fetching(site, host="harbour.example", hosts=Hanging(), seconds=1) as fetcher,
        ):
            hung = [asyncio.ensure_future(fetcher.fetch(f"http://hangs{n}.example/")) for n in range(200)]
            await asyncio.sleep(0.1)
            start = time.monotonic()
            await fetcher.fetch(site.url(host="harbour.example"))
            taken = time.monotonic() - start
            return list(await asyncio.gather(*hung, return_exceptions=True)), taken

    errors, taken = asyncio.run(run())
    assert all(isinstance(error, FetchError) for error in errors)
    assert taken < 0.3
