"""Which sources there are, and the looks at them: each when it is due, and what it says of its source."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from connectors.fetching.page import FetchError
from connectors.polling.agenda import Agenda
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.desk import Desk, NotListening, NotReadable
from connectors.polling.intake import Intake
from connectors.polling.pages import activate, list_origins
from connectors.polling.roster import Listed, read_roster
from connectors.polling.schedule import MONTH, spread_start
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
from connectors.sources.kinds import Local, addresses_of
from connectors.sources.receive import ReceiveSource
from connectors.sources.websub import WebSubSource
from connectors.websub.listener import Listener


class Looks:
    """The agenda has every source that is asked, by name."""

    def __init__(self, settings: CollectionSettings, intake: Intake) -> None:
        self.agenda = Agenda()
        self.roster: dict[str, Listed] = {}
        self._settings, self._intake = settings, intake
        self._looked: set[str] = set()

    def list_addresses(self) -> list[str]:
        """Return the addresses that all sources name themselves."""
        return [url for listed in self.roster.values() for url in addresses_of(listed.source)]

    async def call_roster(self) -> None:
        """Take up which sources there are now, and who of them is asked."""
        book, only = self._intake.book, self._settings.only
        roster = await book.ask(read_roster, self._settings.named)
        called = {name: listed for name, listed in roster.items() if only is None or name in only}
        active = {name for name, listed in called.items() if not listed.standing.paused}
        await book.change(activate, active)
        before, self.roster = self.roster, called  # no look ends between here and the end of the loop
        for name in before.keys() - active:
            self.agenda.remove(name)
        now = self._intake.now()
        for name in active:
            known = before.get(name)
            if known is None or known.standing.paused or known.source != self.roster[name].source:
                self.agenda.add(name, self._first_look(self.roster[name], now))
            else:  # what is in memory is newer than what is written
                self.roster[name] = replace(self.roster[name], standing=known.standing)
        for origin, at in await book.ask(list_origins):
            self._intake.pages.agenda.add(origin, at)
        if not self._settings.once:
            # Before a hub is asked, for it calls back. What cannot be opened is told by a look.
            await self._intake.reception.open_all()
            listening = {
                name: listed.source.callback
                for name, listed in roster.items()
                if name in active and isinstance(listed.source, WebSubSource)
            }
            # Those of others, and of who is paused, are left as they are.
            await self._intake.subscriber.call_roster(listening, roster.keys() - active)

    async def note_counts(self) -> None:
        """Note what came through the doors since the last looks: no more will follow."""
        for name, (taken, refused) in self._intake.reception.take_counts().items():
            await self.note_news(name, taken)
            if refused:
                await self._intake.book.change(count_day, name, self._intake.now(), errors=refused)

    def find_listener(self, source: str) -> Listener | None:
        """Return how the news of a source's hub are taken, None where it is paused, gone, or has none."""
        listed = self.roster.get(source)
        if listed is None or listed.standing.paused or not isinstance(listed.source, WebSubSource):
            return None
        return listed.source.listen_for(self._poll_of(listed).floor)

    async def note_news(self, source: str, new: int) -> None:
        """Note that a hub has brought so many new items of a source."""
        if not new or (listed := self.roster.get(source)) is None:
            return
        now = self._intake.now()
        standing = replace(listed.standing, last_item_at=now)
        self.roster[source] = replace(listed, standing=standing)
        await self._intake.book.change(_write_news, standing, new, now)

    async def look(self, name: str) -> None:
        """Look at a source, and note how it is doing."""
        listed = self.roster.get(name)
        if listed is None or (self._settings.once and name in self._looked):
            return
        if self._settings.once and isinstance(listed.source, ReceiveSource):
            return  # it would be open for a moment
        self._looked.add(name)
        poll, addresses = self._poll_of(listed), addresses_of(listed.source)
        desk = Desk(self._intake, name, poll.floor, addresses[0] if addresses else name)
        try:
            result: Look | Failure = await listed.source.look(desk)
        except FetchError as error:
            result = Failure(
                state=name_failure(error.cause),
                why=str(error),
                retry_after=error.retry_after,
                final=error.status == 410,
            )
        except NotReadable as error:
            result = Failure(state="unparsable", why=str(error))
        except NotListening as error:
            result = Failure(state="failing", why=str(error))
        except Exception as error:
            # A source that naba cannot cope with is told as such; the others go on for weeks.
            result = Failure(state="failing", why=f"a defect of naba: {type(error).__name__}: {error}")
        await self._note(name, listed, result, poll)

    async def _note(self, name: str, listed: Listed, result: Look | Failure, poll: PollSettings) -> None:
        now = self._intake.now()
        if name not in self.roster:
            return  # it was taken out meanwhile
        before = self.roster[name].standing
        standing = stand_after(before, result, poll, now)
        local = listed.source if isinstance(listed.source, Local) else None
        if isinstance(result, Failure) and local and local.retry:
            standing = replace(standing, next_at=now + local.retry)
        is_quiet = local and isinstance(result, Look) and not result.listed and standing.state == before.state
        if not is_quiet:
            # A door that stays shut is looked at every few seconds, and one error.
            is_told = not (local and standing.state == before.state)
            await self._intake.book.change(
                _write_look, standing, result, now, self._intake.is_unsafe, is_told
            )
        if isinstance(result, Failure) or not local:
            self._tell(listed.standing, standing)
        if name in self.roster:
            paused = self.roster[name].standing.paused  # perhaps since just now
            self.roster[name] = replace(self.roster[name], standing=replace(standing, paused=paused))
            if not self._settings.once and not paused and standing.next_at is not None:
                self.agenda.add(name, standing.next_at)

    def _first_look(self, listed: Listed, now: float) -> float:
        at = listed.standing.next_at
        if self._settings.once or isinstance(listed.source, Local) or listed.standing.unsafe:
            return now  # a disk is asked at every start, and what was killed before all was safe
        if at is None:
            return now + spread_start(listed.source.name, len(self.roster))
        return min(at, now + 1.1 * MONTH)  # written by a clock that was far ahead

    def _tell(self, before: Standing, after: Standing) -> None:
        if after.state != before.state and (after.why or before.state != "new"):
            self._settings.say(f"{after.name}: {after.state}" + (f": {after.why}" if after.why else ""))

    def _poll_of(self, listed: Listed) -> PollSettings:
        poll, source = self._settings.poll, listed.source
        if isinstance(source, Local):
            return poll
        floor, ceiling = source.floor or poll.floor, source.ceiling or poll.ceiling
        return replace(poll, floor=floor, ceiling=max(floor, ceiling))


def _write_news(database: sqlite3.Connection, standing: Standing, new: int, now: float) -> None:
    write_standing(database, standing)
    count_day(database, standing.name, now, items=new)


def _write_look(
    database: sqlite3.Connection,
    standing: Standing,
    result: Look | Failure,
    now: float,
    is_unsafe: Callable[[str], bool],
    is_told: bool,
) -> None:
    write_standing(database, standing)
    unsafe = is_unsafe(standing.name)
    database.execute("UPDATE sources SET unsafe = ? WHERE name = ?", (unsafe, standing.name))
    if isinstance(result, Failure):
        count_day(database, standing.name, now, errors=int(is_told))
    elif result.new:
        count_day(database, standing.name, now, items=result.new)
