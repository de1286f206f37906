"""The time that is left for one fetch; waiting for a host's turn takes nothing of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.fetching.page import FetchError


class Deadline:
    """So many seconds of work, in as many parts as it takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = self._left = seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work within what is left; raises FetchError (slow) at its end."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        timer = asyncio.timeout(max(self._left, 0.0))
        try:
            async with timer:
                yield
        except TimeoutError:
            if not timer.expired():
                raise
            raise FetchError("slow", f"not done within {self._seconds:g} s") from None
        finally:
            self._left -= loop.time() - start
