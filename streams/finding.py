"""From the address that a person has to the source that naba needs: the feed or sitemap behind it."""

import asyncio
from collections.abc import Callable

from connectors.feeds.discover import find_feeds, guess_feeds
from connectors.feeds.feed import FeedError, read_feed
from connectors.feeds.sitemap import SitemapError, read_sitemap
from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError
from connectors.sources.feed import FeedSource
from connectors.sources.sitemap import SitemapSource
from schemas.wrong_use import WrongUse
from streams.settings import Settings

_MOST_BYTES = 50_000_000


def find_source(url: str, settings: Settings, name: Callable[[str], str]) -> FeedSource | SitemapSource:
    """Return the feed or sitemap at `url`, else the best feed that the page there names; `name` names it.

    Raises WrongUse where there is none, or nothing can be fetched.
    """
    return asyncio.run(_find(url, settings, name))


async def _find(url: str, settings: Settings, name: Callable[[str], str]) -> FeedSource | SitemapSource:
    async with Fetcher(settings.fetch, [url]) as fetcher:
        try:
            page = await fetcher.fetch(url, most_bytes=_MOST_BYTES)
        except FetchError as error:
            raise WrongUse(f"{url}: {error}") from None
        if _is_feed(page.body, page.content_type, page.url):
            return FeedSource(name=name(url), url=url)
        if _is_sitemap(page.body, page.url):
            return SitemapSource(name=name(url), url=url)
        for found in [*find_feeds(page.body, page.url), *guess_feeds(page.url)]:
            try:
                feed = await fetcher.fetch(found, most_bytes=_MOST_BYTES)
            except FetchError:
                continue
            if _is_feed(feed.body, feed.content_type, feed.url):
                return FeedSource(name=name(found), url=found)
    raise WrongUse(f"{url}: is no feed and no sitemap, and names no feed")


def _is_feed(body: bytes, content_type: str, url: str) -> bool:
    try:
        read_feed(body, content_type, url)
    except FeedError:
        return False
    return True


def _is_sitemap(body: bytes, url: str) -> bool:
    try:
        sitemap = read_sitemap(body, url)
    except SitemapError:
        return False
    return bool(sitemap.items or sitemap.children)
