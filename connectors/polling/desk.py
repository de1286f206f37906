"""What a source works with while it is looked at: documents read conditionally, items handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from connectors.feeds.item import Item
from connectors.fetching.page import FetchError, Page
from connectors.polling.documents import Document
from connectors.polling.standing import Look
from schemas.address import Aliases
from schemas.letter import Letter

if TYPE_CHECKING:  # it loads aiohttp, and settings are read by verbs that ask no site
    from connectors.fetching.fetcher import Fetcher

_MOST_BYTES = 50_000_000  # of a sitemap by its protocol, and more than any feed


class Office(Protocol):
    """Who keeps what desks hand in: the collection of all sources."""

    fetcher: Fetcher
    zone: tzinfo
    aliases: Aliases
    without: Collection[str]

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...

    async def read_document(self, source: str, url: str) -> Document | None:
        """Return what is known of a document, None where it was never read."""
        ...

    async def list_unlisted(self, source: str) -> list[str]:
        """Return the documents of a source of which no other tells when they changed."""
        ...

    async def forget_documents(self, source: str, but: Collection[str]) -> None:
        """Forget the documents of a source that it names no more."""
        ...

    async def take_items(
        self, source: str, items: Sequence[Item], *, again: bool, pause: float, where: str
    ) -> int:
        """See to what items ask for, and return how many were never listed before."""
        ...

    async def take_letters(self, source: str, letters: Iterable[Letter]) -> int:
        """Hand over letters, and return how many they were."""
        ...

    async def note_documents(self, source: str, documents: Mapping[str, Document]) -> None:
        """Note documents once everything that they listed is safe."""
        ...

    async def listen(self, source: str) -> int:
        """Open the door of a source, and return how many articles came through it since the last time."""
        ...

    async def knows_hub(self, source: str) -> bool:
        """Return whether it was ever found out where a feed is announced."""
        ...

    async def note_hub(self, source: str, hub: str | None, topic: str | None) -> str | None:
        """Take up where a feed is announced, and return a line where that is of no use so far."""
        ...


class NotListening(Exception):
    """A door that cannot be opened: an address that is taken, credentials that cannot be read."""


class NotReadable(ValueError):
    """A document that came and is not what it should be; the message says what it looks like."""


class Desk:
    """One look at one source. What it has read is noted when everything that it listed is safe."""

    def __init__(self, office: Office, source: str, pause: float, where: str) -> None:
        """Take the source's name, seconds between two looks at a page, and where items without one stand."""
        self._office, self._source, self._pause, self._where = office, source, pause, where
        self._documents: dict[str, Document] = {}
        self._listed = self._new = self._read = self._unchanged = self._same = 0
        self._least = 0.0
        self._cut = 0
        self._note: str | None = None
        self.asked = 0  # documents that were asked for
        self.zone = office.zone  # of times without one
        self.aliases, self.without = office.aliases, office.without

    async def read(self, url: str, listed: str | None = None, *, afresh: bool = False) -> Page | None:
        """Return the document at `url`, None where it is as it was when its items were noted.

        `listed` is when it changed, as another document tells it: the same as when it was read, and
        it is not asked for. With `afresh` its body is wanted whatever is known. Raises FetchError.
        """
        now = self._office.now()
        known = await self._office.read_document(self._source, url)
        if known:
            self._least = max(self._least, known.every or 0.0)
        if known and listed and known.listed == listed:
            self._unchanged += 1
            return None
        asks = known if known and not afresh and not known.is_due_whole(now) else None
        page = await self._fetch(url, known, asks)
        if page.max_age is not None:
            self._least = max(self._least, page.max_age)
        if page.not_modified:
            self._unchanged += 1
            return None
        digest = sha256(page.body).hexdigest()[:32]
        same = asks is not None and digest == asks.hash
        self._documents[url] = Document(
            etag=page.etag,
            last_modified=page.last_modified,
            hash=digest,
            moved_to=page.moved_to,
            listed=listed,
            every=known.every if known else None,
            # As long as it is the same it is not read, and once a day it is.
            read_at=asks.read_at if asks and same else now,
        )
        if same:
            self._same += 1
            return None
        self._read += 1
        return page

    async def _fetch(self, url: str, known: Document | None, asks: Document | None) -> Page:
        moved_to = known.moved_to if known else None
        etag, modified = (asks.etag, asks.last_modified) if asks else (None, None)
        fetch = self._office.fetcher.fetch
        self.asked += 1
        if moved_to:
            try:
                page = await fetch(moved_to, etag=etag, last_modified=modified, most_bytes=_MOST_BYTES)
            except FetchError:
                pass  # it may have moved back
            else:
                return page if page.moved_to else replace(page, moved_to=moved_to)
        return await fetch(url, etag=etag, last_modified=modified, most_bytes=_MOST_BYTES)

    async def offer(self, items: Sequence[Item], *, again: bool = False) -> None:
        """Hand in what was listed; with `again` the pages of known items are looked at again as well."""
        self._listed += len(items)
        self._new += await self._office.take_items(
            self._source, items, again=again, pause=self._pause, where=self._where
        )

    async def list_unlisted(self) -> list[str]:
        """Return the documents of this source of which no other tells when they changed."""
        return await self._office.list_unlisted(self._source)

    async def read_signature(self, url: str) -> str | None:
        """Return what told a document from others when it was last read, None where it never was."""
        known = await self._office.read_document(self._source, url)
        return known.hash if known else None

    async def deliver(self, letters: Iterable[Letter], url: str, signature: str) -> None:
        """Hand over the letters of a document that a source reads by itself."""
        count = await self._office.take_letters(self._source, letters)
        self._documents[url] = Document(hash=signature, read_at=self._office.now())
        self._listed += count
        self._new += count
        self._read += 1

    async def listen(self) -> int:
        """Open the source's door, and return how many articles came since. Raises NotListening."""
        return await self._office.listen(self._source)

    async def knows_hub(self) -> bool:
        """Return whether it was ever found out where the feed is announced."""
        return await self._office.knows_hub(self._source)

    async def note_hub(self, hub: str | None, topic: str | None) -> None:
        """Take up where the feed is announced, None where it names no hub."""
        self._note = await self._office.note_hub(self._source, hub, topic)

    def note_cut(self, count: int) -> None:
        """Note how many items a document has beyond what is read of one."""
        self._cut += count

    def note_read(self) -> None:
        """Note that a source which reads no documents was looked at."""
        self._read += 1

    def wait_at_least(self, url: str, seconds: float | None) -> None:
        """Note how long the publisher of a document wants to be left alone between two looks."""
        self._documents[url] = replace(self._documents[url], every=seconds)
        self._least = max(self._least, seconds or 0.0)

    def forget(self, url: str) -> None:
        """Let a document be read again at the next look, whatever its validators say."""
        self._documents.pop(url, None)

    async def forget_others(self, but: Collection[str]) -> None:
        """Forget the documents that the source names no more."""
        await self._office.forget_documents(self._source, but)

    async def finish(self, again: float | None = None) -> Look:
        """Return what the look found; what was read is noted once all of it is safe."""
        await self._office.note_documents(self._source, self._documents)
        untouched = not self._listed and not self._read
        return Look(
            listed=self._listed,
            new=self._new,
            # Of an index of sitemaps the one that changed may list nothing, and the others are as they were.
            unchanged=(untouched and not self._same) or (not self._listed and self._unchanged > 0),
            same=untouched and self._same > 0,
            cut=self._cut,
            least=self._least,
            again=again,
            note=self._note,
        )
