"""What sources and pages hand in: letters on their way out, and what is noted once they are safe."""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from connectors.feeds.item import Item
from connectors.fetching.fetcher import Fetcher
from connectors.polling.book import Book
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.delivery import deliver_item
from connectors.polling.desk import NotListening
from connectors.polling.documents import (
    Document,
    forget_documents,
    list_unlisted,
    read_document,
    write_document,
)
from connectors.polling.items import note_whole, offer_items
from connectors.polling.outbox import Outbox
from connectors.polling.pages import StoryPage, read_next
from connectors.polling.standing import count_day
from connectors.polling.story_pages import StoryPages
from connectors.polling.under_way import Note, UnderWay
from connectors.polling.unsafe import Unsafe
from connectors.receiving.reception import Reception
from connectors.websub.subscriber import Subscriber
from connectors.websub.tables import read_subscription_of
from schemas.letter import Letter, raw_letter

T = TypeVar("T")

_ITEMS = 500  # handed in at once: others find the file unlocked in between
_LETTERS = 16


class Intake:
    """One for all sources; the rest is there while the collection runs."""

    book: Book
    fetcher: Fetcher
    reception: Reception
    subscriber: Subscriber

    def __init__(self, settings: CollectionSettings) -> None:
        self.now, self.zone, self.aliases = settings.now, settings.zone, settings.terms.aliases
        self.without, self._once = settings.without, settings.once
        self.outbox, self.under_way = Outbox(), UnderWay()
        self.pages = StoryPages(self, settings.poll, settings.terms)
        self._identify = settings.terms.identify
        self._unsafe: defaultdict[str, Unsafe] = defaultdict(Unsafe)
        self._held: set[str] = set()  # sources with documents that wait for letters to be safe
        self._errors: Counter[str] = Counter()

    # What a desk asks for.

    async def read_document(self, source: str, url: str) -> Document | None:
        """Return what is known of a document, None where it was never read."""
        held = self._unsafe[source].documents.get(url) if source in self._unsafe else None
        return held or await self.book.ask(read_document, source, url)

    async def list_unlisted(self, source: str) -> list[str]:
        """Return the documents of a source of which no other tells when they changed."""
        return await self.book.ask(list_unlisted, source)

    async def forget_documents(self, source: str, but: Collection[str]) -> None:
        """Forget the documents of a source that it names no more."""
        await self.book.change(forget_documents, source, but)

    async def knows_hub(self, source: str) -> bool:
        """Return whether it was ever found out where a feed is announced, or is of no use."""
        return self._once or await self.book.ask(read_subscription_of, source) is not None

    async def note_documents(self, source: str, documents: Mapping[str, Document]) -> None:
        """Note documents once everything that they listed is safe."""
        if documents:
            self._unsafe[source].hold(documents)
            self._held.add(source)
            await self.book.change(self._note_released)

    async def take_items(
        self, source: str, items: Sequence[Item], *, again: bool, pause: float, where: str
    ) -> int:
        """See to what items ask for, and return how many were never listed before.

        The page of one that has changed is not asked for within `pause` seconds; what has no page
        is delivered as of `where`.
        """
        new, unsafe = 0, self._unsafe[source]
        async with unsafe.taking:  # a hub may bring what is just being looked at
            for start in range(0, len(items), _ITEMS):
                some = unsafe.leave_out(list(items[start : start + _ITEMS]))
                offer = await self.book.change(
                    offer_items, source, some, self._identify, self.now(), again=again, pause=pause
                )
                new += offer.new
                for origin in offer.origins:
                    self.pages.agenda.add(origin, self.now())
                for item in offer.whole:
                    await self._hand_over_whole(source, item, where)
        return new

    async def take_letters(self, source: str, letters: Iterable[Letter]) -> int:
        """Hand over letters, and return how many they were."""
        count, waiting = 0, iter(letters)
        while some := await asyncio.to_thread(lambda: list(islice(waiting, _LETTERS))):
            for letter in some:
                await self._hand_over_for(source, None, letter, lambda _database: None)
            count += len(some)
        return count

    async def listen(self, source: str) -> int:
        """Open the door of a source, and return how many articles came through it since the last time."""
        taken, refused = await self.reception.listen(source)
        self._errors[source] += refused
        return taken

    async def note_hub(self, source: str, hub: str | None, topic: str | None) -> str | None:
        """Take up where a feed is announced, and return a line where that is of no use so far."""
        if self._once:
            return None  # it is gone before a hub could call
        await self.subscriber.note_hub(source, hub, topic)
        try:
            await self.reception.listen(source)
        except NotListening as error:
            return f"{error}; it is polled"
        return None if hub else "names no hub; it is polled"

    # What the pages ask for.

    async def read_next(self, origin: str, without: Sequence[str]) -> tuple[StoryPage, float] | None:
        """Return the page of a host that is asked for first, and when."""
        return await self.book.ask(read_next, origin, without)

    async def write(self, note: Callable[[sqlite3.Connection], T]) -> T:
        """Write down what is known of a page, and return what `note` does."""
        return await self.book.change(note)

    async def wait_for_room(self) -> None:
        """Come back when a letter can be handed over."""
        await self.outbox.wait_for_room()

    async def hand_over(self, letter: Letter, note: Note, then: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `note` is written once it is safe, `then` called after."""
        self.under_way.add(letter, note, then)
        await self._put(letter)

    # What pushes ask for.

    async def relay(self, letter: Letter, told: Callable[[], None]) -> None:
        """Hand over a letter when there is room; `told` is called in another thread once it is safe."""
        self.under_way.add_told(letter, told)
        await self._put(letter)

    def count_error(self, source: str) -> None:
        """Count a page that could not be had."""
        self._errors[source] += 1

    # What the collection asks for.

    def is_unsafe(self, source: str) -> bool:
        """Return whether anything of a source is under way."""
        return source in self._unsafe and self._unsafe[source].letters > 0

    @property
    def has_news(self) -> bool:
        """Return whether `settle` has something to write."""
        return self.under_way.has_settled or self._errors.total() > 0

    async def settle(self, book: Book) -> None:
        """Write down what is safe by now."""
        settled = self.under_way.take_settled()
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
                database.execute("UPDATE sources SET unsafe = 0 WHERE name = ? AND unsafe", (source,))
                for url, document in self._unsafe[source].release().items():
                    write_document(database, source, url, document)

    async def _put(self, letter: Letter) -> None:
        try:
            await self.outbox.put(letter)
        except asyncio.CancelledError:
            self.under_way.forget(letter)
            raise

    async def _hand_over_whole(self, source: str, item: Item, where: str) -> None:
        moment = datetime.fromtimestamp(self.now(), UTC)
        letter = raw_letter(
            item.url or f"{where}#{item.id}", deliver_item(source, item, moment), self.aliases
        )
        note = partial(note_whole, source=source, item=item, identify=self._identify, now=self.now())
        await self._hand_over_for(source, item, letter, note)

    async def _hand_over_for(self, source: str, item: Item | None, letter: Letter, note: Note) -> None:
        unsafe = self._unsafe[source]
        unsafe.add(item)
        await self.hand_over(letter, note, partial(unsafe.settle, item))
