"""Feeds: RSS, Atom, RDF and JSON Feed. What a feed holds whole is taken from it, else the page is fetched."""

import asyncio
from dataclasses import replace
from typing import Literal

import msgspec

from connectors.feeds.feed import Feed, FeedError, read_feed
from connectors.feeds.item import Item
from connectors.fetching.page import Page
from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.keys import Address, Every, Name

Text = Literal["auto", "feed", "page"]


class FeedSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="feed"
):
    """`text` says whether the feed's own text is the article: `auto` decides it for each item."""

    name: Name
    url: Address
    text: Text = "auto"
    floor: Every | None = None
    ceiling: Every | None = None

    async def look(self, desk: Desk) -> Look:
        """Hand in what the feed lists. Raises FetchError and NotReadable."""
        await look_at_feed(desk, self.url, self.text)
        return await desk.finish()


async def look_at_feed(desk: Desk, url: str, text: Text, *, afresh: bool = False) -> tuple[Page, Feed] | None:
    """Hand in what a feed lists, and return it; None where it is as it was, unless it is wanted `afresh`.

    Raises FetchError and NotReadable.
    """
    page = await desk.read(url, afresh=afresh)
    if page is None:
        return None
    try:
        # In a thread: a feed of 50,000 items takes seconds.
        feed: Feed = await asyncio.to_thread(read_feed, page.body, page.content_type, page.url)
    except FeedError as error:
        raise NotReadable(str(error)) from None
    desk.wait_at_least(url, feed.every)
    desk.note_cut(feed.cut)
    await desk.offer([choose_text(item, text) for item in feed.items])
    return page, feed


def choose_text(item: Item, text: Text) -> Item:
    """Return an item that says whether its own text is the article."""
    if text == "auto":
        return item
    return replace(item, whole=text == "feed" and bool(item.content or item.summary))
