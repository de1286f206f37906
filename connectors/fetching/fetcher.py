"""Fetches pages for everybody in the process, with one pool of connections and one set of manners."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from connectors.fetching.address import Address, read_address
from connectors.fetching.client import Client
from connectors.fetching.guard import guard
from connectors.fetching.headers import keep_text, read_max_age, read_text
from connectors.fetching.names import Names
from connectors.fetching.pace import Pace
from connectors.fetching.page import FetchError, Page, Reply
from connectors.fetching.robots import MOST_BYTES, Robots
from connectors.fetching.settings import FetchSettings
from schemas.limits import MAX_CONTENT

_KEEP_ALIVE = 5.0  # seconds; a host that is asked again is asked soon
_REPLY = 64 * 1024
_MOST_LINKS = 32


class Fetcher:
    """Keeps robots.txt and every host's pace, and never leads to the inside; to be used with `async with`.

    Follows RFC 9110 and 9111 (redirects, validators, freshness) and RFC 9309 (robots.txt).
    """

    def __init__(
        self,
        settings: FetchSettings,
        own: Iterable[str] = (),
        *,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the addresses of the user's sources: the port of each is open on its own host.

        Ports 80 and 443 are open on all.
        """
        self._settings, self._resolver, self._clock = settings, resolver, clock
        self._own: set[str] = set()
        self.own(own)
        self._stack = AsyncExitStack()

    def own(self, urls: Iterable[str]) -> None:
        """Open the ports of further sources of the user's, each on its own host."""
        self._own.update(filter(None, map(_authority, urls)))

    async def __aenter__(self) -> Self:
        settings = self._settings
        connector = aiohttp.TCPConnector(
            resolver=self._resolver or Names(),
            socket_factory=guard(settings.allow_private),
            limit=0,  # the pace bounds them
            ttl_dns_cache=60,
            keepalive_timeout=_KEEP_ALIVE,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": user_agent(settings), "Accept-Encoding": "gzip, deflate"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the deadline bounds it all
            auto_decompress=False,
            trust_env=False,
        )
        # A request on a connection that breaks would be repeated at once, by no one's turn. There is no
        # option for it; aiohttp's own test client does it so, and a test of ours sees to it.
        session._retry_connection = False
        pace = Pace(settings.pause, settings.hosts_at_once, self._clock)
        self._client = Client(session, pace, settings.seconds, self._own)
        self._robots = Robots(self._read_robots, self._clock)
        self._stack.push_async_callback(session.close)
        self._stack.push_async_callback(self._robots.close)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        most_bytes: int = MAX_CONTENT + 1,
    ) -> Page:
        """Return the page at `url`, or one that is `not_modified` by `etag` or `last_modified`.

        `most_bytes` may come, on the wire and unpacked. Everything else raises FetchError.
        """
        validators = {"If-None-Match": keep_text(etag), "If-Modified-Since": keep_text(last_modified)}
        answer = await self._client.get(
            url,
            admit=self._robots.admit,
            validators={name: value for name, value in validators.items() if value},
            most_bytes=most_bytes,
        )
        now = datetime.now(UTC)
        return Page(
            asked=url,
            url=answer.address.url,
            status=answer.status,
            body=answer.body,
            content_type=read_text(answer.headers, "Content-Type") or "",
            etag=read_text(answer.headers, "ETag"),
            last_modified=read_text(answer.headers, "Last-Modified"),
            max_age=read_max_age(answer.headers, now),
            moved_to=answer.address.url if answer.moved else None,
            links=tuple(answer.headers.getall("Link", [])[:_MOST_LINKS]),
            fetched_at=now,
        )

    async def post(self, url: str, form: Mapping[str, str]) -> Reply:
        """Return what a form, sent once, is answered with: any 2xx, and at most 64 KiB of text.

        Everything else raises FetchError. What takes forms is no page: robots.txt is not asked.
        """
        answer = await self._client.post(url, form, admit=_admit, most_bytes=_REPLY)
        text = answer.body.decode("utf-8", "replace")
        return Reply(url=answer.address.url, status=answer.status, text=text)

    async def _read_robots(self, url: str) -> tuple[bytes, float | None]:
        answer = await self._client.get(url, admit=_admit, validators={}, most_bytes=MOST_BYTES, cut=True)
        return answer.body, read_max_age(answer.headers, datetime.now(UTC))


def user_agent(settings: FetchSettings) -> str:
    """Return the name, version and contact that every site is told."""
    name = f"naba/{version('naba')}"
    return f"{name} (+{settings.contact})" if settings.contact else name


async def _admit(_: Address) -> float:
    return 0.0  # robots.txt is open to all


def _authority(url: str) -> str | None:
    try:
        return read_address(url).authority
    except FetchError:
        return None  # it is said where the source is looked at
