"""All sources in one: looked at when they are due, their pages fetched, the letters handed on in one line."""

import asyncio
import threading
from collections.abc import Iterator

from connectors.polling.book import Book
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.crew import Crew
from connectors.polling.intake import Intake
from connectors.polling.items import forget_items
from connectors.polling.looks import Looks
from connectors.polling.roster import Listed, count_orders
from connectors.receiving.body import Bodies
from connectors.receiving.inbox import Inbox
from connectors.receiving.reception import Reception, ReceptionSettings
from connectors.receiving.relay import Relay
from connectors.websub.callback import Callback
from connectors.websub.subscriber import Subscriber
from schemas.letter import Letter

_SETTLE_EVERY = 0.25  # seconds between two looks at what is safe by now …
_ORDERS_EVERY = 4  # … and of these, each how manieth also at what verbs have changed
_TIDY_EVERY = 3600.0
_KEEP_UNLISTED = 30 * 86_400.0  # seconds for which an item is remembered that is not listed any more


class Collection:
    """A source like any other to a runner: `poll` yields letters until `stop` is called, `commit` is told
    which are safe.

    `close` writes down what is safe; without it the next start would fetch it again, and lose nothing.
    """

    name = "sources"

    def __init__(self, settings: CollectionSettings) -> None:
        self.broken: list[str] = []
        self.ended = False
        self._settings = settings
        self._intake = Intake(settings)
        self._looks = Looks(settings, self._intake)
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    # What a runner calls, on its own threads.

    def poll(self) -> Iterator[Letter]:
        """Yield letters until it is stopped, or with `once` until every source was looked at."""
        while True:
            letter = self.take(1.0)
            if letter is not None:
                yield letter
            elif self.ended:
                return

    def take(self, seconds: float) -> Letter | None:
        """Return the next letter, None where none came within `seconds` or none will (`ended`).

        Raises what ended the collection before its time.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run_thread, name="naba-sources", daemon=True)
            self._thread.start()
        if self.ended:
            return None
        letter = self._intake.outbox.take(seconds)
        if letter is None and not self._thread.is_alive():
            letter = self._intake.outbox.take(0)  # what came while it ended
            if letter is None:
                self.ended = True
                if self._failure is not None:
                    raise self._failure
        return letter

    def commit(self, letter: Letter) -> None:
        """Take note that everything that follows from `letter` is safe."""
        self._intake.under_way.settle(letter)

    def stop(self) -> None:
        """Let `poll` come to its end within a second; what is being fetched is left."""
        self._stop.set()

    def close(self) -> None:
        """End, and write down what is safe by now."""
        self.stop()
        if self._thread is None:
            return
        while self._thread.is_alive():
            self._intake.outbox.take(0.05)  # room for whoever waits for it; it is not safe, and comes again
        book = Book(self._settings.path)
        try:
            asyncio.run(self._intake.settle(book))
        finally:
            book.close()

    # What a status line asks, from any thread.

    def list_roster(self) -> list[Listed]:
        """Return the sources and how they are doing."""
        return list(self._looks.roster.copy().values())

    def next_look(self) -> float | None:
        """Return the seconds until a source is looked at, None where none is to be."""
        at = self._looks.agenda.earliest()
        return None if at is None else max(0.0, at - self._settings.now())

    # Its own life, on a thread of its own.

    def _run_thread(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._failure = error
        finally:
            self._intake.outbox.end()

    async def _run(self) -> None:
        settings, intake, looks = self._settings, self._intake, self._looks
        intake.book = Book(settings.path)
        # A run that has none may find what another has left: of its own sources.
        inbox = Inbox(intake, None if settings.has_inbox else settings.only)
        intake.subscriber, bodies = Subscriber(intake), Bodies()
        intake.reception = Reception(
            ReceptionSettings(
                keep=inbox if settings.has_inbox else Relay(intake),
                roster=lambda: looks.roster,
                callback=Callback(intake, looks, bodies),
                bodies=bodies,
                zone=settings.zone,
                aliases=settings.terms.aliases,
                say=settings.say,
                now=settings.now,
            )
        )
        try:
            await inbox.open()
            await looks.call_roster()
            async with settings.open_fetcher(looks.list_addresses()) as intake.fetcher:
                most = settings.looks_at_once
                crews = [
                    Crew(looks.agenda, looks.look, most, settings.now),
                    Crew(intake.pages.agenda, intake.pages.take_next, most, settings.now),
                    Crew(intake.subscriber.agenda, intake.subscriber.ask, most, settings.now),
                ]
                async with asyncio.TaskGroup() as group:
                    work = [group.create_task(crew.run()) for crew in crews]
                    work.append(group.create_task(self._keep_books()))
                    work.append(group.create_task(inbox.drain()))
                    while not self._stop.is_set():
                        await asyncio.sleep(0.05)
                        if settings.once and inbox.is_empty and all(crew.is_idle for crew in crews):
                            break
                    await intake.reception.close()
                    await looks.note_counts()
                    for task in work:
                        task.cancel()
        finally:
            await intake.reception.close()
            intake.book.close()

    async def _keep_books(self) -> None:
        """Write down what is safe, take up what verbs have changed, forget what is old."""
        intake, now = self._intake, self._settings.now
        orders = await intake.book.ask(count_orders)
        rounds, tidied_at = 0, None
        while True:
            await asyncio.sleep(_SETTLE_EVERY)
            if intake.has_news:
                await intake.settle(intake.book)
            rounds += 1
            if rounds % _ORDERS_EVERY == 0 and (newest := await intake.book.ask(count_orders)) != orders:
                orders = newest
                await self._looks.call_roster()
                intake.fetcher.own(self._looks.list_addresses())
            if tidied_at is None or now() - tidied_at > _TIDY_EVERY:
                tidied_at = now()
                before = tidied_at - _KEEP_UNLISTED
                await intake.book.change(forget_items, before, tidied_at - self._settings.keep_pages)
