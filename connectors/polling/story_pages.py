"""Asks for the pages of articles, one after the other of each host, and hands over what came."""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError, Page
from connectors.polling.agenda import Agenda
from connectors.polling.delivery import deliver_nothing, deliver_page, name_article
from connectors.polling.pages import (
    StoryPage,
    Taken,
    fail_page,
    is_taken,
    leave_page,
    origin_of,
    take_elsewhere,
    take_page,
)
from connectors.polling.schedule import plan_look, plan_retry
from connectors.polling.settings import PollSettings
from connectors.polling.tables import write_time
from connectors.polling.terms import Terms
from connectors.polling.under_way import Note
from schemas.letter import Letter, raw_letter, withdrawal_letter
from schemas.raw import RawArticle

T = TypeVar("T")

_TROUBLE = 60.0  # seconds for which a host that does not answer is left alone, times how often it did not
_MOST_TROUBLE = 3600.0
_MOST_404 = 3  # of a page that was never there: a feed may name one minutes before it is up
_SHUT = "shut by a policy"


class Office(Protocol):
    """Who writes down what is known, and takes letters: the collection of all sources."""

    fetcher: Fetcher

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    async def read_next(self, origin: str, without: Sequence[str]) -> tuple[StoryPage, float] | None:
        """Return the page of a host that is asked for first, and when."""
        ...

    async def write(self, note: Callable[[sqlite3.Connection], T]) -> T:
        """Write down what is known of a page, and return what `note` does."""
        ...

    async def wait_for_room(self) -> None:
        """Come back when a letter can be handed over."""
        ...

    async def hand_over(self, letter: Letter, note: Note, then: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `note` is written once it is safe, `then` called after."""
        ...

    def count_error(self, source: str) -> None:
        """Count a page that could not be had."""
        ...


class StoryPages:
    """The agenda has every host (scheme, name and port) that has pages to be asked for."""

    def __init__(self, office: Office, settings: PollSettings, terms: Terms) -> None:
        self.agenda = Agenda()
        self._office, self._settings, self._terms = office, settings, terms
        self._under_way: defaultdict[str, set[str]] = defaultdict(set)  # of a host: fetched, and not safe yet
        self._trouble: Counter[str] = Counter()

    async def take_next(self, origin: str) -> None:
        """Ask a host for the page that is due first, and put the host back for the one after it."""
        await self._office.wait_for_room()
        found = await self._office.read_next(origin, list(self._under_way[origin]))
        if found is None:
            if not self._under_way[origin]:
                self._under_way.pop(origin, None)
            return
        page, due = found
        again = now = self._office.now()
        if due > now:
            self.agenda.add(origin, due)
            return
        try:
            again += await self._take(page, now)
        finally:
            self.agenda.add(origin, again)

    async def _take(self, page: StoryPage, now: float) -> float:
        """Ask for a page, and return the seconds for which its host is then left alone."""
        if self._terms.is_shut(page.source, page.url):
            end = _end(page, "given up", _SHUT, now)
            if page.state == "given up":  # told before
                await self._office.write(end)
            else:
                letter = self._address(deliver_nothing(page, datetime.fromtimestamp(now, UTC)), page)
                await self._hand_over(page, letter, end)
            return 0.0
        try:
            fetched = await self._office.fetcher.fetch(
                page.url, etag=page.etag, last_modified=page.last_modified
            )
        except FetchError as error:
            return await self._fail(page, error)
        self._trouble.pop(page.origin, None)
        now = self._office.now()
        digest = sha256(fetched.body).hexdigest()[:32]
        if fetched.not_modified or digest == page.hash:
            next_at = self._plan(page, now)
            await self._office.write(lambda database: leave_page(database, page.page, now, next_at))
        elif _leads_home(page.url, fetched.url):
            await self._give_up(page, "redirected to the front page of its site", now)
        else:
            await self._deliver(page, fetched, digest, now)
        return 0.0

    async def _deliver(self, page: StoryPage, fetched: Page, digest: str, now: float) -> None:
        taken = Taken(
            at=now,
            next_at=self._plan(page, now),
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            hash=digest,
            article_id=name_article(fetched.url, fetched.body, self._terms.aliases),
        )
        elsewhere = self._terms.identify(fetched.url)
        if elsewhere == page.page or page.taken_at is not None:
            elsewhere = None
        is_old = elsewhere is not None and await self._office.write(partial(is_taken, page=elsewhere))
        if is_old:
            left = replace(taken, next_at=None)  # the other address is looked at again
            await self._office.write(lambda database: take_page(database, page.page, left))
            return

        def note(database: sqlite3.Connection) -> None:
            take_page(database, page.page, taken)
            if elsewhere:
                take_elsewhere(database, elsewhere, page.source, fetched.url, now)

        letter = self._address(deliver_page(page, fetched), page)
        await self._hand_over(page, letter, note, (elsewhere, fetched.url) if elsewhere else None)

    def _address(self, raw: RawArticle, page: StoryPage) -> Letter:
        return raw_letter(page.url, raw, self._terms.aliases)

    async def _fail(self, page: StoryPage, error: FetchError) -> float:
        now = self._office.now()
        self._office.count_error(page.source)
        if error.cause == "gone" and page.article_id is not None:
            if page.state == "taken":
                await self._withdraw(page, error, now)
            else:
                await self._office.write(_end(page, "withdrawn", str(error), now, self._plan(page, now)))
        elif error.cause == "gone" and (error.status == 410 or page.tries + 1 >= _MOST_404):
            await self._office.write(_end(page, "gone", str(error), now))
        elif error.lasting and error.cause != "gone" and error.retry_after is None:
            await self._give_up(page, str(error), now)
        else:
            return await self._put_off(page, error, now)
        return 0.0

    async def _withdraw(self, page: StoryPage, error: FetchError, now: float) -> None:
        assert page.article_id is not None
        raw = deliver_nothing(page, datetime.fromtimestamp(now, UTC))
        detail = f"{error} at {write_time(now)}; the article stays as it was"
        letter = withdrawal_letter(page.url, raw, page.article_id, detail, self._terms.aliases)
        end = _end(page, "withdrawn", str(error), now, self._plan(page, now))
        await self._hand_over(page, letter, end)

    async def _give_up(self, page: StoryPage, why: str, now: float) -> None:
        # An article that was taken is looked at again all the same: a wall may come down.
        next_at = self._plan(page, now) if page.taken_at else None
        await self._office.write(_end(page, None if next_at else "given up", why, now, next_at))

    async def _put_off(self, page: StoryPage, error: FetchError, now: float) -> float:
        """Ask for the page again later, and leave alone a host that is in trouble as a whole."""
        wait = plan_retry(page.tries + 1)
        if error.cause in ("unreachable", "slow"):
            self._trouble[page.origin] += 1
        rest = error.retry_after or min(_TROUBLE * self._trouble[page.origin], _MOST_TROUBLE)
        next_at = None if wait is None else now + max(wait, rest)
        state = "given up" if wait is None and page.taken_at is None else None
        await self._office.write(_end(page, state, str(error), now, next_at))
        return rest

    async def _hand_over(
        self, page: StoryPage, letter: Letter, note: Note, elsewhere: tuple[str, str] | None = None
    ) -> None:
        """Hand over a letter; until it is safe neither its page is asked for, nor the one that it led to."""
        held = [(page.origin, page.page)]
        if elsewhere:
            held.append((origin_of(elsewhere[1]), elsewhere[0]))
        for origin, name in held:
            self._under_way[origin].add(name)

        def settle() -> None:
            for origin, name in held:
                self._under_way[origin].discard(name)
                self.agenda.add(origin, self._office.now())  # it is asked for again once it is old enough

        try:
            await self._office.hand_over(letter, note, settle)
        except asyncio.CancelledError:
            for origin, name in held:
                self._under_way[origin].discard(name)
            raise

    def _plan(self, page: StoryPage, now: float) -> float | None:
        wait = plan_look(now - (page.taken_at or now), self._settings)
        return None if wait is None else now + wait


def _end(page: StoryPage, state: str | None, why: str, now: float, next_at: float | None = None) -> Note:
    return lambda database: fail_page(database, page.page, state, why, now, next_at)


def _leads_home(listed: str, url: str) -> bool:
    """Return whether a page that is gone is passed off as the front page."""
    return (
        urlsplit(url).path in ("", "/") and not urlsplit(url).query and urlsplit(listed).path not in ("", "/")
    )
