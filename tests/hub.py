"""A WebSub hub of the tests' own, on loopback, written from the Recommendation of 23 January 2018.

It takes subscriptions (5.1), verifies intent (5.3), keeps leases, and distributes with a signature (7).
"""

import asyncio
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

T = TypeVar("T")

_LEASE = 864_000
_LONGEST_SECRET = 200  # bytes; less than that (5.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a hub knows of one callback for one topic; times are its clock's."""

    callback: str
    topic: str
    secret: str | None
    until: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """How a question at a callback was answered, and whether that was the challenge."""

    mode: str
    topic: str
    status: int
    body: str
    kind: str
    agreed: bool


@dataclass
class Manners:
    """How a hub (mis)behaves: what it answers requests with, and what it makes of them.

    `lease` replaces what was asked for (0: it says none); `method` and `forge` say how it signs: None is
    not at all, `forge` is with a secret of its own. `topic` is what it asks about instead.
    """

    status: int = 202
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    deny: str | None = None
    verify: bool = True
    verify_first: bool = False  # before it has answered the request
    topic: str | None = None
    lease: int | None = None
    method: str | None = "sha256"
    forge: bool = False


class Hub:
    """Serves in a thread of its own while it is entered; `stop` and `start` let it be away for a while."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.port = 0
        self.manners = Manners()
        self.held: dict[tuple[str, str], Held] = {}
        self.asked: list[dict[str, str]] = []  # the forms that came
        self.verified: list[Verified] = []
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    def start(self) -> None:
        """Be there, at the port of before."""
        ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        """Be away: nobody listens at the port. What it holds it keeps."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(10)
            assert not self._thread.is_alive()

    @property
    def is_busy(self) -> bool:
        """Return whether it has not done with all requests that came."""
        return self._busy > 0

    # What a publisher and a test do with it, on threads of their own.

    def holds(self, topic: str) -> list[Held]:
        """Return the subscriptions to a topic whose lease has not ended."""
        return [one for one in list(self.held.values()) if one.topic == topic and one.until > self._clock()]

    def distribute(
        self, topic: str, body: bytes, kind: str = "application/rss+xml", **headers: str
    ) -> list[int]:
        """Bring content to all who hold a lease, and return what each answered; a 410 ends it (7)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return [self._run(self._bring(one, body, kind, named)) for one in self.holds(topic)]

    def ask(self, callback: str, topic: str, mode: str = "subscribe", **more: str) -> Verified:
        """Ask a callback whether it has asked for something, as out of the blue."""
        return self._run(self._verify(callback, topic, mode, more))

    def deny(self, callback: str, topic: str, reason: str) -> int:
        """Tell a callback that there is no subscription (any more)."""
        self.held.pop((callback, topic), None)
        return self._run(self._deny(callback, topic, reason))

    # How it works.

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._stay(ready))

    async def _stay(self, ready: threading.Event) -> None:
        app = web.Application()
        app.router.add_post("/hub", self._take)
        app.router.add_post("/moved", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = runner.addresses[0][1]
        # A connection that is kept would keep the one that listens from ending.
        connector = aiohttp.TCPConnector(force_close=True)
        limit = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=limit) as self._session:
            ready.set()
            await self._over.wait()
            for task in list(self._tasks):
                task.cancel()
        await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self._busy += 1
        try:
            return await self._take_form(request)
        finally:
            self._busy -= 1

    async def _take_form(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        manners = self.manners
        if request.path == "/hub" and manners.status != 202:
            return web.Response(status=manners.status, text=manners.text, headers=manners.headers)
        if wrong := _find_fault(request, form):
            return web.Response(status=400, text=wrong)
        if manners.verify_first:
            await self._consider(form)
        else:
            # The answer must not depend on what comes of it (5.1.2).
            task = asyncio.ensure_future(self._consider(form))
            self._busy += 1
            self._tasks.add(task)
            task.add_done_callback(self._finish)
        return web.Response(status=202)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._busy -= 1
        self._tasks.discard(task)

    async def _consider(self, form: Mapping[str, str]) -> None:
        callback, topic, mode = form["hub.callback"], form["hub.topic"], form["hub.mode"]
        manners = self.manners
        if manners.deny is not None and mode == "subscribe":
            await self._deny(callback, topic, manners.deny)
            return
        if not manners.verify:
            return
        lease = manners.lease if manners.lease is not None else int(form.get("hub.lease_seconds", _LEASE))
        more = {"hub.lease_seconds": str(lease)} if mode == "subscribe" and lease else {}
        answer = await self._verify(callback, manners.topic or topic, mode, more)
        # What fails leaves it as it was (5.1), so that a lease may be renewed before it ends.
        if answer.agreed and mode == "unsubscribe":
            self.held.pop((callback, topic), None)
        elif answer.agreed:
            self.held[callback, topic] = Held(
                callback=callback,
                topic=topic,
                secret=form.get("hub.secret"),
                until=self._clock() + (lease or _LEASE),
            )

    async def _verify(self, callback: str, topic: str, mode: str, more: Mapping[str, str]) -> Verified:
        challenge = more.get("hub.challenge", secrets.token_urlsafe(24))
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge} | dict(more)
        async with self._session.get(_append(callback, query), allow_redirects=False) as response:
            body = (await response.read()).decode("utf-8", "replace")
            verified = Verified(
                mode=mode,
                topic=topic,
                status=response.status,
                body=body,
                kind=response.headers.get("Content-Type", ""),
                agreed=200 <= response.status < 300 and body == challenge,
            )
        self.verified.append(verified)
        return verified

    async def _deny(self, callback: str, topic: str, reason: str) -> int:
        query = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
        async with self._session.get(_append(callback, query), allow_redirects=False) as response:
            return response.status

    async def _bring(self, held: Held, body: bytes, kind: str, more: Mapping[str, str]) -> int:
        links = f'<{self.url}>; rel="hub", <{held.topic}>; rel="self"'
        headers = {"Content-Type": kind, "Link": links, **more}
        secret = secrets.token_hex(8) if self.manners.forge else held.secret
        if secret is not None and self.manners.method is not None:
            digest = hmac.new(secret.encode(), body, self.manners.method).hexdigest()
            headers["X-Hub-Signature"] = f"{self.manners.method}={digest}"
        async with self._session.post(held.callback, data=body, headers=headers) as response:
            status = response.status
        if status == 410:
            self.held.pop((held.callback, held.topic), None)
        return status


def announce(*links: str) -> Callable[[web.Request, web.Response], Any]:
    """Return what lets a site of `tests/site.py` answer with Link headers besides."""

    async def behave(_request: web.Request, answer: web.Response) -> web.StreamResponse:
        for link in links:
            answer.headers.add("Link", link)
        return answer

    return behave


def _find_fault(request: web.Request, form: Mapping[str, str]) -> str | None:
    if request.content_type != "application/x-www-form-urlencoded":
        return "no form"
    missing: Sequence[str] = [name for name in ("callback", "mode", "topic") if not form.get(f"hub.{name}")]
    if missing:
        return f"without {', '.join(missing)}"
    if form["hub.mode"] not in ("subscribe", "unsubscribe"):
        return "an unknown mode"
    if len(form.get("hub.secret", "").encode()) >= _LONGEST_SECRET:
        return "a secret too long"
    return None


def _append(callback: str, query: Mapping[str, str]) -> str:
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(query)}"
