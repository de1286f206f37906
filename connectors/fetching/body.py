"""Reads a body from the wire: unpacked, and no more of it than is wanted."""

import asyncio
from contextlib import AsyncExitStack

import aiohttp

from connectors.fetching.page import FetchError
from connectors.fetching.unpack import Unpacker

_SMALL = 256 * 1024  # bytes that a body may have without one of the few places for large ones


async def read_body(
    response: aiohttp.ClientResponse, most_bytes: int, large: asyncio.Semaphore, *, cut: bool = False
) -> bytes:
    """Return the body; `large` are the places for bodies over 256 KiB.

    Raises FetchError: too_large for more than `most_bytes` on the wire or unpacked, but with `cut`
    returns as many then; encoding, or unreachable for a body that broke off.
    """
    unpacker = Unpacker(",".join(response.headers.getall("Content-Encoding", [])))
    if not cut and (response.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    body, wire = bytearray(), 0
    async with AsyncExitStack() as place:
        # An error keeps its frames as long as someone keeps it: it must not keep the body, too.
        place.callback(body.clear)
        is_small = True
        async for chunk in response.content.iter_any():
            wire += len(chunk)
            for number, piece in enumerate(unpacker.unpack(chunk)):
                body += piece
                if is_small and len(body) > _SMALL:
                    await place.enter_async_context(large)
                    is_small = False
                if len(body) > most_bytes:
                    break
                if number:
                    await asyncio.sleep(0)  # what was packed well is not all unpacked in one go
            if max(len(body), wire) > most_bytes:
                if cut:
                    return bytes(body[:most_bytes])
                raise _too_large(most_bytes)
        if wire and unpacker.broken_off:
            raise FetchError("unreachable", f"the body broke off after {wire} bytes")
        return bytes(body)


def _too_large(most_bytes: int) -> FetchError:
    return FetchError("too_large", f"the body has more than {most_bytes} bytes")
