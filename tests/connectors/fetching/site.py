"""An HTTP server on loopback that says exactly what it is told to, and keeps a log of what it is asked."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.settings import FetchSettings

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """One request as the site saw it."""

    at: float
    path: str
    headers: dict[str, str]


def answer(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode("utf-8") + b"\r\n\r\n" + (b"" if status == 304 else body)


@dataclass
class Site:
    """Answers by path; what is no bytes speaks for itself, and the connection ends behind it."""

    answers: dict[str, bytes | Speak] = field(default_factory=dict)
    delay: float = 0.0
    log: list[Asked] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """What was asked for but robots.txt."""
        return [asked.path for asked in self.log if asked.path != "/robots.txt"]

    def starts(self) -> list[float]:
        return [asked.at for asked in self.log]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._serve_one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        path = head[0].split(" ")[1]
        self.log.append(Asked(time.monotonic(), path, headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            default = NO_ROBOTS if path == "/robots.txt" else answer(404)
            said = self.answers.get(path, self.answers.get(path.partition("?")[0], default))
            if not isinstance(said, bytes):
                await said(writer)
                return False
            writer.write(said)
            await writer.drain()
            return headers.get("connection") != "close"
        finally:
            self.at_once -= 1


class Hosts(AbstractResolver):
    """Knows every name: as loopback, or as `addresses` say, one answer after the other, the last for ever."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): list(found) for name, found in addresses.items()}
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        self.asked.append(host)
        found = self.addresses.get(host.rstrip("."), ["127.0.0.1"])
        answer = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in answer.split()
        ]

    async def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def fetching(
    *sites: Site,
    host: str = "127.0.0.1",
    hosts: Hosts | None = None,
    allow_private: bool = True,
    pause: float = 0.0,
    seconds: float = 5.0,
    hosts_at_once: int = 256,
    contact: str = "",
    own: tuple[str, ...] = (),
) -> AsyncIterator[Fetcher]:
    """A fetcher to which the ports of the sites are open on `host`, and those of `own`."""
    settings = FetchSettings(
        allow_private=allow_private,
        pause=pause,
        seconds=seconds,
        hosts_at_once=hosts_at_once,
        contact=contact,
    )
    addresses = [*(site.url(host=host) for site in sites), *own]
    async with Fetcher(settings, addresses, resolver=hosts or Hosts()) as fetcher:
        yield fetcher
