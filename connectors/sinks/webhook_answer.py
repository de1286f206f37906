"""What the answer to a message says: taken, refused for its content, or not now."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from connectors.fetching.explain import one_line
from connectors.fetching.headers import read_retry_after

GONE = 410
_OF_CONTENT = (400, 413, 422)
_MOST_BYTES = 65_536  # of an answer …
_SECONDS = 1.0  # … and for it, behind the status


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` are the status and the start of what follows it, `retry_after` seconds to be left alone.

    Of an answer that takes the message only the status is told.
    """

    status: int
    words: str = ""
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        """Return whether the receiver has the message."""
        return _is_taken(self.status)

    @property
    def is_of_content(self) -> bool:
        """Return whether the receiver is there, and does not take this message for what is in it."""
        return self.status in _OF_CONTENT


async def read_answer(response: aiohttp.ClientResponse) -> Answer:
    """Return what an answer says, of which at most 64 KiB are read, for a second."""
    said = await _read_start(response)
    if _is_taken(response.status):
        return Answer(response.status)
    words = f"answers {response.status}"
    if "Location" in response.headers:
        words += ", and redirects are not followed"  # where to is not told: it may hold a password
    if said:
        words += f": {said.decode('utf-8', 'replace')}"
    return Answer(response.status, one_line(words), read_retry_after(response.headers, datetime.now(UTC)))


def _is_taken(status: int) -> bool:
    return 200 <= status < 300


async def _read_start(response: aiohttp.ClientResponse) -> bytes:
    said = b""
    if response.content.at_eof():
        return said
    try:
        async with asyncio.timeout(_SECONDS):
            while len(said) < _MOST_BYTES and (piece := await response.content.read(_MOST_BYTES - len(said))):
                said += piece
    except (aiohttp.ClientError, TimeoutError):
        pass  # the status stands, however the rest of the answer ends
    return said
