"""Feeds: RSS, Atom, RDF and JSON Feed. What a feed holds whole is taken from it, else the page is fetched."""

import asyncio
from dataclasses import replace
from typing import Literal

import msgspec

from connectors.feeds.feed import Feed, FeedError, read_feed
from connectors.feeds.item import Item
from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.keys import Address, Every, Name


class FeedSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="feed"
):
    """`text` says whether the feed's own text is the article: `auto` decides it for each item."""

    name: Name
    url: Address
    text: Literal["auto", "feed", "page"] = "auto"
    floor: Every | None = None
    ceiling: Every | None = None

    async def look(self, desk: Desk) -> Look:
        """Hand in what the feed lists. Raises FetchError and NotReadable."""
        page = await desk.read(self.url)
        if page is None:
            return await desk.finish()
        try:
            # In a thread: a feed of 50,000 items takes seconds.
            feed: Feed = await asyncio.to_thread(read_feed, page.body, page.content_type, page.url)
        except FeedError as error:
            raise NotReadable(str(error)) from None
        desk.wait_at_least(self.url, feed.every)
        desk.note_cut(feed.cut)
        await desk.offer([self._choose(item) for item in feed.items])
        return await desk.finish()

    def _choose(self, item: Item) -> Item:
        if self.text == "auto":
            return item
        return replace(item, whole=self.text == "feed" and bool(item.content or item.summary))
