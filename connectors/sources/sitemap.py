"""Sitemaps, their indexes, and Google's for news: the pages of each are fetched."""

import asyncio
from collections import deque
from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.feeds.sitemap import Sitemap, SitemapError, read_sitemap
from connectors.fetching.page import FetchError
from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.keys import Address, Every, Name

_DEEPEST = 3  # an index of indexes is not in the protocol, and is met


class SitemapSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sitemap"
):
    """`most_sitemaps` are read at one look, those that changed last first."""

    name: Name
    url: Address
    most_sitemaps: Annotated[int, Meta(ge=1, le=50_000)] = 500
    floor: Every | None = None
    ceiling: Every | None = None

    async def look(self, desk: Desk) -> Look:
        """Hand in what the sitemap and those below it list. Raises FetchError and NotReadable."""
        waiting: deque[tuple[str, str | None, int]] = deque([(self.url, None, 1)])
        met, troubles, is_named_anew = {self.url}, list[FetchError | NotReadable](), False
        while waiting and desk.asked < self.most_sitemaps:
            url, listed, depth = waiting.popleft()
            try:
                sitemap = await self._read(desk, url, listed)
            except (FetchError, NotReadable) as error:
                if url == self.url:
                    raise
                desk.forget(url)
                troubles.append(error)
                continue
            if sitemap is not None:
                is_named_anew = is_named_anew or url == self.url
                await desk.offer(sitemap.items)
                desk.note_cut(sitemap.cut)
                below = sorted(sitemap.children, key=lambda child: child[1] or "", reverse=True)
            else:
                # An index that is as it was tells nothing of those below it that it has no time of.
                below = [(child, None) for child in await desk.list_unlisted()] if url == self.url else []
            if depth < _DEEPEST:
                waiting.extend((*child, depth + 1) for child in below if child[0] not in met)
                met.update(child for child, _ in below)
        if troubles or waiting:
            desk.forget(self.url)  # or an index that is as it was would hide what is left
        elif is_named_anew:
            await desk.forget_others(met)
        look = await desk.finish()
        if troubles:
            told = f"{len(troubles)} of {len(met)} sitemaps could not be read: {troubles[0]}"
            if isinstance(troubles[0], NotReadable):
                raise NotReadable(told)
            raise FetchError("broken", told)
        return look

    async def _read(self, desk: Desk, url: str, listed: str | None) -> Sitemap | None:
        page = await desk.read(url, listed)
        if page is None:
            return None
        try:
            return await asyncio.to_thread(read_sitemap, page.body, page.url)
        except SitemapError as error:
            raise NotReadable(f"{url}: {error}") from None
