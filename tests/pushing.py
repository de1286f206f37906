"""A partner that pushes at a steady rate, each article under a key of its own, until it is taken."""

import asyncio
import contextlib
import json
import random
import threading
from collections import Counter
from concurrent.futures import Future
from typing import Any, Self

import aiohttp

from tests.news import make_sentence

_MOST_OPEN = 30  # that are tried at the same time; while nobody takes any, none is begun
_GIVEN_UP = 90.0  # seconds after which a push that was never taken fails the test


class Pusher:
    """`taken` has what was answered with 2xx, by key; `statuses` counts all answers, `None` if none came.

    Ended by `finish`, which comes back when everything that was begun is taken.
    """

    def __init__(self, port: int, token: str, rate: float = 50.0, seed: int = 0) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        self.statuses: Counter[int | None] = Counter()
        self._url, self._token = f"http://127.0.0.1:{port}/articles", token
        self._rate, self._seed = rate, seed
        self._begun = 0
        self._stop = threading.Event()
        self._done: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def finish(self, seconds: float = 100) -> None:
        """Begin no more, and wait until every push is taken; raises what went wrong."""
        self._stop.set()
        self._done.result(seconds)
        assert len(self.taken) == self._begun > 0

    def _run(self) -> None:
        try:
            asyncio.run(self._push_all())
            self._done.set_result(None)
        except BaseException as error:
            self._done.set_exception(error)

    async def _push_all(self) -> None:
        chance = random.Random(self._seed)
        timeout = aiohttp.ClientTimeout(total=15)
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            begun_at = loop.time()
            while not self._stop.is_set():
                if self._begun - len(self.taken) >= _MOST_OPEN:
                    await asyncio.sleep(0.02)
                    begun_at = loop.time() - self._begun / self._rate
                    continue
                number = self._begun
                self._begun += 1
                # Short texts: what is asked is whether they arrive, and pages would take their time.
                text = " ".join(make_sentence(chance) for _ in range(3))
                article = {"url": f"https://wire{number % 7}.example/{number}", "text": text}
                group.create_task(self._push(session, f"{self._seed}-{number}", json.dumps(article).encode()))
                await asyncio.sleep(max(0.0, begun_at + self._begun / self._rate - loop.time()))

    async def _push(self, session: aiohttp.ClientSession, key: str, body: bytes) -> None:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        async with asyncio.timeout(_GIVEN_UP):
            while True:
                status: int | None = None
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(self._url, data=body, headers=headers) as answer:
                        told = await answer.json(content_type=None)
                        status = answer.status
                self.statuses[status] += 1
                if status == 202:
                    self.taken[key] = told
                    return
                assert status in (None, 503), told
                assert status is None or int(answer.headers["Retry-After"]) >= 1
                await asyncio.sleep(0.2 + random.random() / 5)
