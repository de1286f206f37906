"""All kinds of source that the settings may name: a new one is added here."""

from connectors.sources.feed import FeedSource
from connectors.sources.folder import FolderSource
from connectors.sources.pages import PagesSource
from connectors.sources.receive import ReceiveSource
from connectors.sources.sitemap import SitemapSource

Polled = FeedSource | SitemapSource | PagesSource  # a site is asked
Local = FolderSource | ReceiveSource  # nobody is: a look costs nothing, and is told only where it fails
Kind = Polled | Local


def addresses_of(source: Kind) -> tuple[str, ...]:
    """Return the addresses that a source names itself."""
    if isinstance(source, Local):
        return ()
    listed = source.urls if isinstance(source, PagesSource) else ()
    return (*((source.url,) if source.url else ()), *listed)
