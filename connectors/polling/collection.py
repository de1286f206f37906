"""All sources in one: looked at when they are due, their pages fetched, the letters handed on in one line."""

import asyncio
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Collection as Names
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from itertools import islice
from typing import TypeVar

from connectors.feeds.item import Item
from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError
from connectors.polling.agenda import Agenda
from connectors.polling.book import Book
from connectors.polling.crew import Crew
from connectors.polling.delivery import deliver_item
from connectors.polling.desk import Desk, NotReadable
from connectors.polling.documents import Document, list_unlisted, read_document, write_document
from connectors.polling.items import forget_items, note_whole, offer_items
from connectors.polling.outbox import Outbox
from connectors.polling.pages import StoryPage, activate, list_origins, read_next
from connectors.polling.roster import Listed, count_orders, read_roster
from connectors.polling.schedule import spread_start
from connectors.polling.settings import PollSettings
from connectors.polling.standing import (
    Failure,
    Look,
    Standing,
    count_day,
    name_failure,
    stand_after,
    write_standing,
)
from connectors.polling.story_pages import StoryPages
from connectors.polling.terms import Terms
from connectors.polling.under_way import Note, UnderWay
from connectors.polling.unsafe import Unsafe
from connectors.sources.folder import FolderSource
from connectors.sources.kinds import Kind, addresses_of
from schemas.letter import Letter, raw_letter

T = TypeVar("T")

_SETTLE_EVERY = 0.25  # seconds between two looks at what is safe by now …
_ORDERS_EVERY = 4  # … and of these, each how manieth also at what verbs have changed
_TIDY_EVERY = 3600.0
_ITEMS = 500  # handed in at once: others find the file unlocked in between
_LETTERS = 16
_KEEP_UNLISTED = 30 * 86_400.0  # seconds for which an item is remembered that is not listed any more


@dataclass(frozen=True, kw_only=True)
class CollectionSettings:
    """What a collection is made with: the store's path, its sources, and how they are treated.

    `only` are the names of the sources that it looks at (None: all); with `once` each is looked at
    once, whatever its interval says. `keep_pages` is how many seconds an address is remembered.
    """

    path: str
    named: Sequence[Kind]
    open_fetcher: Callable[[Sequence[str]], AbstractAsyncContextManager[Fetcher]]
    poll: PollSettings
    terms: Terms = field(default_factory=Terms)
    zone: tzinfo = UTC
    only: Names[str] | None = None
    once: bool = False
    looks_at_once: int = 256
    keep_pages: float = 400 * 86_400.0
    say: Callable[[str], None] = lambda _line: None
    now: Callable[[], float] = time.time


class Collection:
    """A source like any other to a runner: `poll` yields letters until `stop` is called, `commit` is told
    which are safe.

    `close` writes down what is safe; without it the next start would fetch it again, and lose nothing.
    """

    name = "sources"

    def __init__(self, settings: CollectionSettings) -> None:
        self.broken: list[str] = []
        self.fetcher: Fetcher
        self.zone = settings.zone
        self.aliases = settings.terms.aliases
        self.now = settings.now
        self.roster: dict[str, Listed] = {}
        self._settings = settings
        self._outbox = Outbox()
        self._under_way = UnderWay()
        self._unsafe: defaultdict[str, Unsafe] = defaultdict(Unsafe)
        self._held: set[str] = set()  # sources with documents that wait for letters to be safe
        self._agenda = Agenda()
        self._pages = StoryPages(self, settings.poll, settings.terms)
        self._book: Book
        self._looked: set[str] = set()
        self._errors: Counter[str] = Counter()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._ended = False
        self._thread: threading.Thread | None = None

    # What a runner calls, on its own threads.

    def poll(self) -> Iterator[Letter]:
        """Yield letters until it is stopped, or with `once` until every source was looked at."""
        while True:
            letter = self.take(1.0)
            if letter is not None:
                yield letter
            elif self._ended:
                return

    def take(self, seconds: float) -> Letter | None:
        """Return the next letter, None where none came within `seconds` or none will (`ended`).

        Raises what ended the collection before its time.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run_thread, name="naba-sources", daemon=True)
            self._thread.start()
        if self._ended:
            return None
        letter = self._outbox.take(seconds)
        if letter is None and not self._thread.is_alive():
            letter = self._outbox.take(0)  # what came while it ended
            if letter is None:
                self._ended = True
                if self._failure is not None:
                    raise self._failure
        return letter

    @property
    def ended(self) -> bool:
        """Return whether nothing more comes."""
        return self._ended

    def next_look(self) -> float | None:
        """Return the seconds until a source is looked at, None where none is to be."""
        at = self._agenda.earliest()
        return None if at is None else max(0.0, at - self.now())

    def commit(self, letter: Letter) -> None:
        """Take note that everything that follows from `letter` is safe."""
        self._under_way.settle(letter)

    def stop(self) -> None:
        """Let `poll` come to its end within a second; what is being fetched is left."""
        self._stop.set()

    def close(self) -> None:
        """End, and write down what is safe by now."""
        self.stop()
        if self._thread is None:
            return
        while self._thread.is_alive():
            self._outbox.take(0.05)  # room for whoever waits for it; it is not safe, and comes again
        book = Book(self._settings.path)
        try:
            asyncio.run(self._settle(book))
        finally:
            book.close()

    # What sources and pages call, on the loop.

    async def read_document(self, source: str, url: str) -> Document | None:
        """Return what is known of a document, None where it was never read."""
        return await self._book.ask(read_document, source, url)

    async def list_unlisted(self, source: str) -> list[str]:
        """Return the documents of a source of which no other tells when they changed."""
        return await self._book.ask(list_unlisted, source)

    async def note_documents(self, source: str, documents: Mapping[str, Document]) -> None:
        """Note documents once everything that they listed is safe."""
        if documents:
            self._unsafe[source].hold(documents)
            self._held.add(source)
            await self._book.change(self._note_released)

    async def take_items(self, source: str, items: Sequence[Item], *, again: bool) -> int:
        """See to what items ask for, and return how many were never listed before."""
        new = 0
        unsafe, identify = self._unsafe[source], self._settings.terms.identify
        for start in range(0, len(items), _ITEMS):
            some = unsafe.leave_out(list(items[start : start + _ITEMS]))
            pause = self._poll_of(source).floor
            offer = await self._book.change(
                offer_items, source, some, identify, self.now(), again=again, pause=pause
            )
            new += offer.new
            for origin in offer.origins:
                self._pages.agenda.add(origin, self.now())
            for item in offer.whole:
                await self._hand_over_whole(source, item)
        return new

    async def take_letters(self, source: str, letters: Iterable[Letter]) -> int:
        """Hand over letters, and return how many they were."""
        count, waiting = 0, iter(letters)
        while some := await asyncio.to_thread(lambda: list(islice(waiting, _LETTERS))):
            for letter in some:
                await self._hand_over_for(source, None, letter, lambda _database: None)
            count += len(some)
        return count

    async def wait_for_room(self) -> None:
        """Come back when a letter can be handed over."""
        await self._outbox.wait_for_room()

    async def hand_over(self, letter: Letter, note: Note, then: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `note` is written once it is safe, `then` called after."""
        self._under_way.add(letter, note, then)
        await self._outbox.put(letter)

    def count_error(self, source: str) -> None:
        """Count a page that could not be had."""
        self._errors[source] += 1

    async def read_next(self, origin: str, without: Sequence[str]) -> tuple[StoryPage, float] | None:
        """Return the page of a host that is asked for first, and when."""
        return await self._book.ask(read_next, origin, without)

    async def write(self, note: Callable[[sqlite3.Connection], T]) -> T:
        """Write down what is known of a page, and return what `note` does."""
        return await self._book.change(note)

    async def _hand_over_whole(self, source: str, item: Item) -> None:
        moment = datetime.fromtimestamp(self.now(), UTC)
        addresses = addresses_of(self.roster[source].source)
        where = item.url or f"{addresses[0] if addresses else source}#{item.id}"
        letter = raw_letter(where, deliver_item(source, item, moment), self._settings.terms.aliases)
        note = partial(
            note_whole, source=source, item=item, identify=self._settings.terms.identify, now=self.now()
        )
        await self._hand_over_for(source, item, letter, note)

    async def _hand_over_for(self, source: str, item: Item | None, letter: Letter, note: Note) -> None:
        unsafe = self._unsafe[source]
        unsafe.add(item)
        await self.hand_over(letter, note, partial(unsafe.settle, item))

    # Its own life, on the loop's thread.

    def _run_thread(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._failure = error
        finally:
            self._outbox.end()

    async def _run(self) -> None:
        self._book = Book(self._settings.path)
        try:
            await self._call_roster()
            own = [url for listed in self.roster.values() for url in addresses_of(listed.source)]
            async with self._settings.open_fetcher(own) as self.fetcher:
                most = self._settings.looks_at_once
                looks = Crew(self._agenda, self._look, most, self.now)
                pages = Crew(self._pages.agenda, self._pages.take_next, most, self.now)
                async with asyncio.TaskGroup() as group:
                    work = [group.create_task(crew.run()) for crew in (looks, pages)]
                    work.append(group.create_task(self._keep_books()))
                    while not self._stop.is_set():
                        await asyncio.sleep(0.05)
                        if self._settings.once and looks.is_idle and pages.is_idle:
                            break
                    for task in work:
                        task.cancel()
        finally:
            self._book.close()

    async def _call_roster(self) -> None:
        """Take up which sources there are now, and who of them is asked."""
        before = self.roster
        roster = await self._book.ask(read_roster, self._settings.named)
        only = self._settings.only
        self.roster = {name: listed for name, listed in roster.items() if only is None or name in only}
        if before:
            self.fetcher.own(url for listed in self.roster.values() for url in addresses_of(listed.source))
        active = {name for name, listed in self.roster.items() if not listed.standing.paused}
        await self._book.change(activate, active)
        for name in before.keys() - active:
            self._agenda.remove(name)
        now = self.now()
        for name in active:
            known = before.get(name)
            if known is None or known.standing.paused or known.source != self.roster[name].source:
                self._agenda.add(name, self._first_look(self.roster[name], now))
            else:  # what is in memory is newer than what is written
                self.roster[name] = replace(self.roster[name], standing=known.standing)
        for origin, at in await self._book.ask(list_origins):
            self._pages.agenda.add(origin, at)

    def _first_look(self, listed: Listed, now: float) -> float:
        if self._settings.once:
            return now
        if isinstance(listed.source, FolderSource):
            return now  # a disk is asked at every start
        at = listed.standing.next_at
        return now + spread_start(listed.source.name, len(self.roster)) if at is None else at

    async def _look(self, name: str) -> None:
        listed = self.roster.get(name)
        if listed is None or (self._settings.once and name in self._looked):
            return
        self._looked.add(name)
        desk = Desk(self, name)
        try:
            result: Look | Failure = await listed.source.look(desk)
        except FetchError as error:
            result = Failure(state=name_failure(error.cause), why=str(error), retry_after=error.retry_after)
        except NotReadable as error:
            result = Failure(state="unparsable", why=str(error))
        except Exception as error:
            # A source that naba cannot cope with is told as such; the others go on for weeks.
            result = Failure(state="failing", why=f"a defect of naba: {type(error).__name__}: {error}")
        now = self.now()
        standing = stand_after(self.roster[name].standing, result, self._poll_of(name), now)
        await self._book.change(_note_look, standing, result, now)
        self._tell(listed.standing, standing)
        if name in self.roster:
            self.roster[name] = replace(self.roster[name], standing=standing)
            if not self._settings.once and standing.next_at is not None:
                self._agenda.add(name, standing.next_at)

    def _tell(self, before: Standing, after: Standing) -> None:
        if after.state != before.state and (after.why or before.state != "new"):
            self._settings.say(f"{after.name}: {after.state}" + (f": {after.why}" if after.why else ""))

    def _poll_of(self, name: str) -> PollSettings:
        listed = self.roster.get(name)
        if listed is None or isinstance(listed.source, FolderSource):
            return self._settings.poll
        poll, source = self._settings.poll, listed.source
        floor, ceiling = source.floor or poll.floor, source.ceiling or poll.ceiling
        return replace(poll, floor=floor, ceiling=max(floor, ceiling))

    async def _keep_books(self) -> None:
        """Write down what is safe, take up what verbs have changed, forget what is old."""
        orders = await self._book.ask(count_orders)
        rounds, tidied_at = 0, None
        while True:
            await asyncio.sleep(_SETTLE_EVERY)
            if self._under_way.has_settled or self._errors:
                await self._settle(self._book)
            rounds += 1
            if rounds % _ORDERS_EVERY == 0 and (now_orders := await self._book.ask(count_orders)) != orders:
                orders = now_orders
                await self._call_roster()
            if tidied_at is None or self.now() - tidied_at > _TIDY_EVERY:
                tidied_at = self.now()
                before = tidied_at - _KEEP_UNLISTED
                await self._book.change(forget_items, before, tidied_at - self._settings.keep_pages)

    async def _settle(self, book: Book) -> None:
        settled = self._under_way.take_settled()
        errors, self._errors = self._errors, Counter()
        now = self.now()

        def write(database: sqlite3.Connection) -> None:
            for one in settled:
                one.note(database)
            for source, count in errors.items():
                count_day(database, source, now, errors=count)

        await book.change(write)
        for one in settled:
            one.then()
        if self._held:
            await book.change(self._note_released)

    def _note_released(self, database: sqlite3.Connection) -> None:
        for source in list(self._held):
            if not self._unsafe[source].letters:
                self._held.discard(source)
                for url, document in self._unsafe[source].release().items():
                    write_document(database, source, url, document)


def _note_look(database: sqlite3.Connection, standing: Standing, result: Look | Failure, now: float) -> None:
    write_standing(database, standing)
    if isinstance(result, Failure):
        count_day(database, standing.name, now, errors=1)
    elif result.new:
        count_day(database, standing.name, now, items=result.new)
