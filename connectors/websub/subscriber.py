"""Asks hubs for subscriptions, for longer ones, and for an end to those that nobody wants any more."""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError
from connectors.polling.agenda import Agenda
from connectors.polling.book import Book
from connectors.websub.course import LEASE, ask, begin, fail, leave, refuse, say_farewell
from connectors.websub.subscription import Subscription
from connectors.websub.tables import (
    change_subscription,
    forget_subscription,
    list_subscriptions,
    read_subscription,
    read_subscription_of,
    write_subscription,
)


class Office(Protocol):
    """Who knows the time, the store and the way out: the collection of all sources."""

    book: Book
    fetcher: Fetcher

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...


class Subscriber:
    """The agenda has every subscription of which a hub is to be asked something, by its callback."""

    def __init__(self, office: Office) -> None:
        self.agenda = Agenda()
        self._office = office
        self._bases: dict[str, str] = {}  # of each source that listens: where hubs call

    async def call_roster(self, listening: Mapping[str, str], paused: Collection[str]) -> None:
        """Take up which sources listen and where hubs call for each; what belongs to no source is left.

        What belongs to one of `paused` waits.
        """
        self._bases = dict(listening)
        now = self._office.now()
        for known in await self._office.book.change(_call_roster, listening, paused, now):
            if known.state == "leaving" or known.source in listening:
                self._plan(known)
            else:
                self.agenda.remove(known.callback)

    async def note_hub(self, source: str, hub: str | None, topic: str | None) -> None:
        """Take up where the feed of a source is announced, None where it names no hub."""
        if (base := self._bases.get(source)) is None:
            return  # it was taken out meanwhile
        known = await self._office.book.ask(read_subscription_of, source)
        if known is not None and _is_same(known, base, hub, topic):
            return
        now = self._office.now()
        for changed in await self._office.book.change(_turn_to, source, base, hub, topic, now):
            self._plan(changed)

    async def ask(self, callback: str) -> None:
        """Ask a hub what is due for a subscription, and plan what comes after."""
        office = self._office
        known, now = await office.book.ask(read_subscription, callback), office.now()
        if known is None or known.next_at is None:
            return
        if known.next_at > now:  # the hub has verified meanwhile
            self._plan(known)
        elif known.state == "leaving":
            await self._say_farewell(callback)
        elif known.source in self._bases:
            await self._subscribe(callback)

    async def _subscribe(self, callback: str) -> None:
        asked = await self._change(callback, lambda known: ask(known, self._office.now()))
        if asked is None:
            return
        form = {
            "hub.mode": "subscribe",
            "hub.topic": asked.topic,
            "hub.callback": asked.callback_url,
            "hub.lease_seconds": f"{LEASE:.0f}",
            "hub.secret": asked.next_secret or "",
        }
        try:
            await self._office.fetcher.post(asked.hub, form)
        except FetchError as error:
            failed = partial(_fail, error=error, now=self._office.now())
            planned = await self._change(callback, failed)
        else:
            # Nothing is noted: it counts when the hub has verified it, which it may have done by now.
            planned = await self._office.book.ask(read_subscription, callback)
        self._plan(planned)

    async def _say_farewell(self, callback: str) -> None:
        leaving = await self._change(callback, lambda known: say_farewell(known, self._office.now()))
        if leaving is None:
            return
        form = {
            "hub.mode": "unsubscribe",
            "hub.topic": leaving.topic,
            "hub.callback": leaving.callback_url,
        }
        try:
            await self._office.fetcher.post(leaving.hub, form)
        except FetchError as error:
            if error.lasting:
                await self._office.book.change(forget_subscription, callback)
                return
        self._plan(await self._office.book.ask(read_subscription, callback))

    async def _change(
        self, callback: str, change: Callable[[Subscription], Subscription | None]
    ) -> Subscription | None:
        return await self._office.book.change(change_subscription, callback, change)

    def _plan(self, known: Subscription | None) -> None:
        if known is not None and known.next_at is not None:
            # What was written by a clock far ahead is not waited for.
            self.agenda.add(known.callback, min(known.next_at, self._office.now() + 3 * LEASE))


def _fail(known: Subscription, error: FetchError, now: float) -> Subscription:
    if known.next_secret is None or known.state == "leaving":
        return known  # what the hub has said at the callback meanwhile is newer
    if error.status is not None and error.cause in ("forbidden", "gone"):
        return refuse(known, str(error), now)
    return fail(known, str(error), now, error.retry_after)


def _is_same(known: Subscription, base: str, hub: str | None, topic: str | None) -> bool:
    if hub is None or topic is None:
        return known.state == "none"
    return known.state != "none" and (known.base, known.hub, known.topic) == (base, hub, topic)


def _call_roster(
    database: sqlite3.Connection, listening: Mapping[str, str], paused: Collection[str], now: float
) -> list[Subscription]:
    for known in list_subscriptions(database):
        base = listening.get(known.source)
        if known.state == "leaving":
            continue
        if base is None:
            if known.source not in paused:
                _leave(database, known, now)
        elif base != known.base:
            _turn_to(database, known.source, base, known.hub or None, known.topic or None, now)
        elif known.state == "new" and known.next_at is None:  # it was paused, and the hub was told so
            write_subscription(database, replace(known, next_at=now))
    return list_subscriptions(database)


def _turn_to(
    database: sqlite3.Connection, source: str, base: str, hub: str | None, topic: str | None, now: float
) -> list[Subscription]:
    """Leave the subscription of a source, begin another, and return what there is to be done."""
    known = read_subscription_of(database, source)
    left = _leave(database, known, now) if known else None
    begun = begin(source, base, hub, topic, now)
    write_subscription(database, begun)
    return [left, begun] if left else [begun]


def _leave(database: sqlite3.Connection, known: Subscription, now: float) -> Subscription | None:
    left = leave(known, now)
    if left is None:
        forget_subscription(database, known.callback)
    else:
        write_subscription(database, left)
    return left
