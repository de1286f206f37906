"""What hubs call: their questions whether we have asked, and the news that they bring."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol
from urllib.parse import unquote

from aiohttp import web

from connectors.feeds.feed import FeedError, read_feed
from connectors.feeds.item import Item
from connectors.polling.book import Book
from connectors.receiving.body import Bodies, unpack
from connectors.receiving.problem import Refused
from connectors.websub.course import deny, lose, verify
from connectors.websub.listener import Listener
from connectors.websub.signature import is_signed, read_signature
from connectors.websub.subscription import Subscription
from connectors.websub.tables import change_subscription, forget_subscription, read_subscription

MOST_BYTES = 50_000_000  # as of a feed that is polled
_CALLBACK = re.compile(r"[0-9a-f]{32}")
_LONGEST_CHALLENGE = 1024
_MOST_READ = 2  # feeds that are parsed at once: a large one takes seconds, and 20 times its size
_SAFE = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}


class Office(Protocol):
    """Who takes items and keeps the store: the collection of all sources."""

    book: Book

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    async def take_items(
        self, source: str, items: Sequence[Item], *, again: bool, pause: float, where: str
    ) -> int:
        """See to what items ask for, and return how many were never listed before."""
        ...


class Roster(Protocol):
    """Who knows which sources there are."""

    def find_listener(self, source: str) -> Listener | None:
        """Return how a source of kind websub is listened for, None where it is paused or gone."""
        ...

    async def note_news(self, source: str, new: int) -> None:
        """Note that a hub has brought so many new items of a source."""
        ...


class Callback:
    """Answers all requests below the addresses that hubs were given, by their last part."""

    def __init__(self, office: Office, roster: Roster, bodies: Bodies) -> None:
        self._office, self._roster, self._bodies = office, roster, bodies
        self._parsing = asyncio.Semaphore(_MOST_READ)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to a question (GET) or to content (POST). Raises Refused."""
        if request.method not in ("GET", "POST"):
            raise Refused(405, "hubs ask (GET) and bring news (POST)", headers={"Allow": "GET, POST"})
        name = request.path.rpartition("/")[2]
        known = None
        if _CALLBACK.fullmatch(name):
            known = await self._office.book.ask(read_subscription, name)
        if request.method == "GET":
            return await self._answer_question(request, known)
        return await self._take_content(request, known)

    # Questions (WebSub, 5.2 and 5.3).

    async def _answer_question(self, request: web.BaseRequest, known: Subscription | None) -> web.Response:
        query = request.query
        topic = query.get("hub.topic", "")
        # A hub may give it back with other characters encoded.
        if known is None or not known.topic or unquote(topic) != unquote(known.topic):
            raise _not_asked()
        mode, book, now = query.get("hub.mode"), self._office.book, self._office.now()
        if mode == "denied" and known.state in ("asked", "held"):
            why = "".join(char for char in query.get("hub.reason", "")[:200] if char.isprintable())
            why = f"denied: {why}" if why else "denied"
            await book.change(change_subscription, known.callback, partial(deny, why=why, now=now))
            return web.Response(headers=_SAFE)
        challenge = query.get("hub.challenge", "")
        if not (0 < len(challenge) <= _LONGEST_CHALLENGE and challenge.isascii() and challenge.isprintable()):
            raise Refused(404, f"a challenge has up to {_LONGEST_CHALLENGE} characters that can be printed")
        agreed = False
        if mode == "subscribe" and self._roster.find_listener(known.source):
            checked = partial(verify, lease=_read_lease(query), now=now)
            after = await book.change(change_subscription, known.callback, checked)
            agreed = after is not None and after.state == "held"
        elif mode == "unsubscribe" and known.state == "leaving":
            await book.change(forget_subscription, known.callback)
            agreed = True
        if not agreed:
            raise _not_asked()
        return web.Response(text=challenge, headers=_SAFE)

    # Content (WebSub, 7).

    async def _take_content(self, request: web.BaseRequest, known: Subscription | None) -> web.Response:
        if known is None or known.state in ("none", "new", "refused"):
            raise Refused(410, "nobody is subscribed here")
        listener = self._roster.find_listener(known.source)
        if listener is None:
            await self._office.book.change(change_subscription, known.callback, lose)
            raise Refused(410, "nobody is subscribed here any more")
        secure = known.base.lower().startswith("https:")
        signature = read_signature(request.headers.get("X-Hub-Signature"), secure=secure)
        if signature is None or not known.secrets:
            await self._count(known, dropped=1)
            return _drop()
        async with self._bodies.read(request, MOST_BYTES) as held:
            body = held.body
            # In threads: 50 MB are a tenth of a second to sign, and seconds to read.
            is_theirs = await asyncio.to_thread(is_signed, body, signature, known.secrets)
            items = await self._read(body, request.headers, known, listener) if is_theirs else None
            if items is None:
                await self._count(known, dropped=1)
                return _drop()
            # The pages that items ask for are wanted durably from here on. What they hold whole is safe a
            # little later, and a hub does not wait for that: killed before it is, the item is not known
            # yet, and the feed, which is polled as ever, lists it again.
            new = await self._office.take_items(
                known.source, items, again=False, pause=listener.pause, where=listener.where
            )
        await self._roster.note_news(known.source, new)
        await self._count(known, contents=1)
        return web.Response(status=202)

    async def _read(
        self, body: bytes, headers: Mapping[str, str], known: Subscription, listener: Listener
    ) -> list[Item] | None:
        encoding, kind = headers.get("Content-Encoding", ""), headers.get("Content-Type", "")
        async with self._parsing:
            try:
                whole = await asyncio.to_thread(unpack, body, encoding, MOST_BYTES) if encoding else body
                feed = await asyncio.to_thread(read_feed, whole, kind, known.topic)
            except FeedError:
                return None  # it would be no feed the next time either; what is new comes by polling
        return [listener.choose(item) for item in feed.items]

    async def _count(self, known: Subscription, *, contents: int = 0, dropped: int = 0) -> None:
        added = partial(_add, contents=contents, dropped=dropped, now=self._office.now())
        await self._office.book.change(change_subscription, known.callback, added)


def is_callback(path: str) -> bool:
    """Return whether a hub may have been given an address that ends so."""
    return _CALLBACK.fullmatch(path.rpartition("/")[2]) is not None


def _not_asked() -> Refused:
    return Refused(404, "nobody has asked for this")


def _drop() -> web.Response:
    # Whoever guesses learns nothing (7.1.2). What there may be of the body is not read.
    response = web.Response(status=202)
    response.force_close()
    return response


def _read_lease(query: Mapping[str, str]) -> float | None:
    digits = query.get("hub.lease_seconds", "").strip()
    return float(digits[:12]) if digits.isascii() and digits.isdigit() else None


def _add(known: Subscription, contents: int, dropped: int, now: float) -> Subscription:
    return replace(
        known,
        contents=known.contents + contents,
        dropped=known.dropped + dropped,
        content_at=now if contents else known.content_at,
    )
