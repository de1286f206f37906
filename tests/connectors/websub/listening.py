"""What a collection is to the parts of WebSub: a store, a server for callbacks, a crew that asks hubs."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from connectors.broker.ports import find_port
from connectors.feeds.item import Item
from connectors.fetching.fetcher import Fetcher
from connectors.fetching.settings import FetchSettings
from connectors.polling.book import Book
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.crew import Crew
from connectors.polling.desk import Desk
from connectors.polling.intake import Intake
from connectors.polling.pages import activate
from connectors.polling.settings import PollSettings
from connectors.polling.standing import Look
from connectors.polling.tables import SCHEMA as SOURCES
from connectors.receiving.body import Bodies
from connectors.receiving.server import Server
from connectors.sources.websub import WebSubSource
from connectors.websub.callback import Callback
from connectors.websub.listener import Listener
from connectors.websub.subscriber import Subscriber
from connectors.websub.subscription import Subscription
from connectors.websub.tables import SCHEMA, list_subscriptions, read_subscription_of
from schemas.letter import INPUT
from tests.hub import Hub

FETCHING = FetchSettings(allow_private=True, pause=0.0, seconds=5.0)


class Clock:
    """The time of day, which can be set forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Listening:
    """Sources of kind websub with all that they need; `news` counts what hubs have brought of each."""

    def __init__(self, path: Path, clock: Clock, bodies: Bodies) -> None:
        self.clock = clock
        self.sources: dict[str, WebSubSource] = {}
        self.paused: set[str] = set()
        self.news: Counter[str] = Counter()
        self.told: list[str] = []
        settings = CollectionSettings(
            path=str(path),
            named=[],
            open_fetcher=lambda own: Fetcher(FETCHING, own),
            poll=PollSettings(),
            now=clock,
        )
        self.intake = Intake(settings)
        self.intake.book = Book(str(path))
        # What a test writes need not outlive the machine.
        self.intake.book.database.execute("PRAGMA synchronous = OFF")
        self.subscriber = Subscriber(self.intake)
        self.crew = Crew(self.subscriber.agenda, self.subscriber.ask, 16, clock)
        self.callback = Callback(self.intake, self, bodies)
        self.base = ""

    def find_listener(self, source: str) -> Listener | None:
        known = self.sources.get(source)
        return known.listen_for(300.0) if known and source not in self.paused else None

    async def note_news(self, source: str, new: int) -> None:
        self.news[source] += new

    async def call(self, *sources: WebSubSource, paused: tuple[str, ...] = ()) -> None:
        """Let these be the sources from now on."""
        self.sources = {source.name: source for source in sources}
        self.paused = set(paused)
        await self.intake.book.change(activate, self.sources.keys() - self.paused)
        listening = {name: one.callback for name, one in self.sources.items() if name not in paused}
        await self.subscriber.call_roster(listening, paused)

    async def look(self, name: str = "harbour") -> Look:
        source = self.sources[name]
        return await source.look(_Desk(self, name, source.url))

    async def know(self, source: str = "harbour") -> Subscription | None:
        return await self.intake.book.ask(read_subscription_of, source)

    async def know_all(self) -> list[Subscription]:
        return await self.intake.book.ask(list_subscriptions)

    async def become(self, state: str, source: str = "harbour") -> Subscription:
        """Return the subscription of a source once it is in a state."""
        return await self.wait_for(source, lambda known: known.state == state)

    async def wait_for(
        self, source: str, condition: Callable[[Subscription], bool], seconds: float = 5
    ) -> Subscription:
        known = None
        for _ in range(int(seconds / 0.01)):
            known = await self.know(source)
            if known is not None and condition(known):
                return known
            await asyncio.sleep(0.01)
        raise AssertionError(f"it did not come to that: {known}")

    async def rest(self, hub: Hub | None = None) -> None:
        """Come back when nobody does anything, the hub included."""
        async with asyncio.timeout(5):
            while not self.crew.is_idle or (hub is not None and hub.is_busy):
                await asyncio.sleep(0.005)

    def pass_time(self, seconds: float) -> None:
        self.clock.ahead += seconds
        self.subscriber.agenda.wake()

    def taken(self) -> list[str]:
        """Return the addresses of the letters that were handed over."""
        found = []
        while (letter := self.intake.outbox.take(0.001)) is not None:
            found.append(letter.headers[INPUT])
        return found

    def wanted(self) -> list[str]:
        """Return the addresses whose pages are wanted."""
        return [
            url for (url,) in self.intake.book.database.execute("SELECT url FROM story_pages ORDER BY url")
        ]


class _Desk(Desk):
    def __init__(self, listening: Listening, source: str, where: str) -> None:
        super().__init__(listening.intake, source, 300.0, where)
        self._subscriber, self._name = listening.subscriber, source

    async def note_hub(self, hub: str | None, topic: str | None) -> None:
        await self._subscriber.note_hub(self._name, hub, topic)


@asynccontextmanager
async def listen(
    path: Path,
    *own: str,
    clock: Clock | None = None,
    bodies: Bodies | None = None,
    port: int | None = None,
) -> AsyncIterator[Listening]:
    """Listen for hubs, with the store of `path`; the ports of `own` are open to the fetcher."""
    with closing(sqlite3.connect(path / "store.db")) as database:
        if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            database.executescript("PRAGMA synchronous = OFF;" + SOURCES + SCHEMA)
    port = port or find_port()
    listening = Listening(path / "store.db", clock or Clock(), bodies or Bodies())
    listening.base = f"http://127.0.0.1:{port}/websub"
    server = Server(listening.callback.answer, listening.told.append)
    await server.open("127.0.0.1", port)
    try:
        async with Fetcher(FETCHING, own) as listening.intake.fetcher:
            work = asyncio.ensure_future(listening.crew.run())
            try:
                yield listening
                assert not work.done(), work.exception()
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
    finally:
        await server.close()
        listening.intake.book.close()
    assert listening.told == []


def feed(topic: str, *items: Item, hub: str | None = None) -> bytes:
    """Return a feed of such items; one with content holds it whole."""
    head = f'<atom:link rel="hub" href="{hub}"/>' if hub else ""
    entries = "".join(
        f"<item><title>{item.title}</title><link>{item.url}</link><guid isPermaLink='false'>{item.id}</guid>"
        + (f"<content:encoded><![CDATA[{item.content}]]></content:encoded>" if item.content else "")
        + "</item>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour</title>'
        f'{head}<atom:link rel="self" href="{topic}"/>{entries}</channel></rss>'
    ).encode()
