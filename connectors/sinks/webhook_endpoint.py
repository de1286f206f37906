"""The receiver of messages: each is posted to it, signed, and tried again a few times."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from io import BytesIO

import aiohttp
from yarl import URL

from connectors.fetching.explain import explain
from connectors.fetching.names import Names
from connectors.sink import StoreAway
from connectors.sinks.webhook_answer import GONE, Answer, read_answer
from connectors.sinks.webhook_message import Message
from schemas.webhook import sign

_PAUSES = (0.25, 1.0)  # seconds before the second and the third try, at most
_KEPT = 4.0  # seconds that an idle connection is kept: common servers close theirs after five
_LARGE = 1 << 20  # bytes that aiohttp sends in one piece, without a look at anything else
_HEADERS = {"Content-Type": "application/json", "User-Agent": "naba", "Accept-Encoding": "identity"}


class Endpoint:
    """One address, asked within a running loop; redirects and proxies of the environment are not followed."""

    def __init__(self, url: str, at_once: int, seconds: float) -> None:
        self._url, self._seconds = URL(url), seconds
        # Path and query are not told: with many receivers they are the password.
        self._name = str(self._url.origin())
        self._open_at = 0.0  # by the monotonic clock: until then it wants to be left alone
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=at_once, keepalive_timeout=_KEPT, resolver=Names()),
            timeout=aiohttp.ClientTimeout(total=seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def post(self, message: Message, keys: Sequence[bytes], stop: Callable[[], bool]) -> str | None:
        """Return None once the receiver has the message, else why it does not take it for what is in it.

        Raises StoreAway, sooner where `stop` says that no more is to be tried.
        """
        tries = 0
        while True:
            await self._wait_until_open()
            try:
                answer = await self._ask(message, keys)
            except TimeoutError:
                trouble = f"no answer within {self._seconds:g} s"
            except (aiohttp.ClientError, OSError) as error:
                trouble = str(explain(error))
            else:
                if answer.is_taken:
                    return None
                if answer.is_of_content:
                    return answer.words
                if answer.status == GONE:
                    raise StoreAway(f"{self._name}: {answer.words}: by that it says that it is no more")
                trouble = answer.words
                self._open_at = max(self._open_at, time.monotonic() + (answer.retry_after or 0.0))
            if tries == len(_PAUSES) or stop():
                raise StoreAway(f"{self._name}: {trouble}")
            # Full jitter: those that failed together do not come back together.
            await asyncio.sleep(random.uniform(0, _PAUSES[tries]))  # noqa: S311
            tries += 1

    async def _ask(self, message: Message, keys: Sequence[bytes]) -> Answer:
        headers = sign(message.id, int(time.time()), message.body, keys)
        body = message.body if len(message.body) < _LARGE else BytesIO(message.body)
        async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as found:
            return await read_answer(found)

    async def _wait_until_open(self) -> None:
        """Wait as long as one request may take; raises StoreAway where that is not enough."""
        left = self._open_at - time.monotonic()
        if left > self._seconds:
            raise StoreAway(f"{self._name}: wants to be left alone for {left:.0f} s more")
        if left > 0:
            await asyncio.sleep(left)
