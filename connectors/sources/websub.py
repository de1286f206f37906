"""Feeds whose hub tells of news at once (WebSub); each is polled besides, as if there were no hub."""

from functools import partial

import msgspec

from connectors.polling.desk import Desk
from connectors.polling.standing import Look
from connectors.sources.feed import Text, choose_text, look_at_feed
from connectors.sources.keys import Address, Every, Listen, Name
from connectors.websub.links import find_hub
from connectors.websub.listener import Listener
from schemas.address import canonical_url


class WebSubSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="websub"
):
    """`callback` is the address at which hubs reach what listens at `listen`, perhaps through a proxy."""

    name: Name
    url: Address
    callback: Address
    listen: Listen = "127.0.0.1:8099"
    text: Text = "auto"
    floor: Every | None = None
    ceiling: Every | None = None

    def __post_init__(self) -> None:
        """Refuse a callback that nothing can be put behind. Raises ValueError, told with the key."""
        if canonical_url(self.callback) is None or any(mark in self.callback for mark in "?#@"):
            raise ValueError("callback has to be an address without a query, a fragment and a user")

    async def look(self, desk: Desk) -> Look:
        """Hand in what the feed lists, and where it is announced. Raises FetchError and NotReadable."""
        found = await look_at_feed(desk, self.url, self.text, afresh=not await desk.knows_hub())
        if found is not None:
            page, feed = found
            announced = find_hub(page.links, feed.hub, feed.topic, page.url)
            hub, topic = (announced.hub, announced.topic) if announced else (None, None)
            await desk.note_hub(hub, topic)
        return await desk.finish()

    def listen_for(self, pause: float) -> Listener:
        """Return how its hub's news are taken; `pause` is seconds between two looks at a page."""
        return Listener(pause, self.url, partial(choose_text, text=self.text))
