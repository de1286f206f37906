"""Pages without a feed: a list of addresses, or a listing whose links follow a pattern."""

import asyncio

import msgspec
import re2

from connectors.feeds.item import Item
from connectors.feeds.listing import read_links
from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.keys import Address, Every, Name
from schemas.address import canonical_url


class PagesSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="pages"
):
    """`urls` are looked at again each time; of the page `url`, links that `links` matches once."""

    name: Name
    url: Address | None = None
    links: str = ""
    urls: tuple[Address, ...] = ()
    floor: Every | None = None
    ceiling: Every | None = None

    def __post_init__(self) -> None:
        """Refuse what names no page. Raises ValueError, which msgspec tells with the key."""
        if not self.urls and self.url is None:
            raise ValueError("urls or url has to name pages")
        if self.url is not None and not self.links:
            raise ValueError("links has to tell which links of url are articles (a regular expression)")
        try:
            re2.compile(self.links)
        except re2.error as error:
            raise ValueError(f"links is no regular expression of RE2: {error}") from None

    async def look(self, desk: Desk) -> Look:
        """Hand in the addresses. Raises FetchError and NotReadable."""
        wrong = [url for url in self.urls if canonical_url(url) is None]
        await desk.offer([Item(id=url, url=url) for url in self.urls if url not in wrong], again=True)
        if self.url is not None and (page := await desk.read(self.url)) is not None:
            pattern = re2.compile(self.links)
            await desk.offer(
                await asyncio.to_thread(read_links, page.body, page.content_type, page.url, pattern)
            )
        look = await desk.finish()
        if wrong:
            raise NotReadable(f"{', '.join(wrong)}: no address of the web")
        return look
