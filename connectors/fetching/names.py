"""Looks up names, in threads of its own: two hundred that hang hold up no other work."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_AT_ONCE = 64


class Names(AbstractResolver):
    """Asks the system, as aiohttp's own resolver does, for up to 64 names at once."""

    def __init__(self) -> None:
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name in ASCII; raises OSError."""
        # As bytes: a str would go through Python's IDNA, which raises UnicodeError for long labels.
        name = host.encode("ascii")
        async with self._at_once:
            found = await _in_thread(lambda: socket.getaddrinfo(name, port, family, socket.SOCK_STREAM))
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def _in_thread(look_up: Callable[[], list[Any]]) -> list[Any]:
    # The loop's threads are few, shared, and waited for at the end: a lookup may hang for a minute.
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Any]] = loop.create_future()

    def work() -> None:
        result: list[Any] | OSError
        try:
            result = look_up()
        except OSError as error:
            result = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result)

    def settle(result: list[Any] | OSError) -> None:
        if found.done():
            return
        if isinstance(result, OSError):
            found.set_exception(result)
        else:
            found.set_result(result)

    Thread(target=work, name="look up a name", daemon=True).start()
    return await found
