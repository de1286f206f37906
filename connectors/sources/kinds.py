"""All kinds of source that the settings may name: a new one is added here."""

from connectors.sources.feed import FeedSource
from connectors.sources.folder import FolderSource
from connectors.sources.pages import PagesSource
from connectors.sources.sitemap import SitemapSource

Kind = FeedSource | SitemapSource | PagesSource | FolderSource


def addresses_of(source: Kind) -> tuple[str, ...]:
    """Return the addresses that a source names itself."""
    if isinstance(source, FolderSource):
        return ()
    listed = source.urls if isinstance(source, PagesSource) else ()
    return (*((source.url,) if source.url else ()), *listed)
