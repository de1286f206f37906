"""All kinds of source that the settings may name: a new one is added here."""

from connectors.sources.feed import FeedSource
from connectors.sources.folder import FolderSource
from connectors.sources.pages import PagesSource
from connectors.sources.receive import ReceiveSource
from connectors.sources.sitemap import SitemapSource
from connectors.sources.warc import WarcSource
from connectors.sources.websub import WebSubSource

# A site is asked …
Polled = FeedSource | WebSubSource | SitemapSource | PagesSource
# … or nobody: such a look costs nothing, and is told only where it fails.
Local = FolderSource | WarcSource | ReceiveSource
Listening = WebSubSource | ReceiveSource  # with a door of its own
Kind = Polled | Local


def addresses_of(source: Kind) -> tuple[str, ...]:
    """Return the addresses that a source names itself."""
    if isinstance(source, Local):
        return ()
    listed = source.urls if isinstance(source, PagesSource) else ()
    return (*((source.url,) if source.url else ()), *listed)
