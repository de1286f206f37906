"""Where a site has its feeds: by the links of a page, else by where sites usually have them."""

from urllib.parse import urljoin

from connectors.feeds.listing import base_of, join, parse_page
from schemas.address import host_of, site_of

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_USUAL = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/feed.json",
    "/index.xml",
    "/feeds/posts/default",
)
_COMMENTS = ("comment", "تعليق")


def find_feeds(body: bytes, url: str) -> tuple[str, ...]:
    """Return the feeds that a page names, best first: of its own site, of articles and not of comments."""
    tree = parse_page(body)
    if tree is None:
        return ()
    base, found = base_of(tree, url), dict[str, tuple[bool, bool]]()
    for element in tree.iter("link"):
        rel = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").lower().partition(";")[0].strip()
        if ("alternate" in rel and kind in _TYPES) or "feed" in rel:
            link = join(base, element.get("href"))
            if link and link not in found:
                told = f"{link} {element.get('title') or ''}".lower()
                elsewhere = site_of(host_of(link)) != site_of(host_of(url))
                found[link] = any(word in told for word in _COMMENTS), elsewhere
    return tuple(sorted(found, key=lambda link: found[link]))


def guess_feeds(url: str) -> tuple[str, ...]:
    """Return where the site of `url` may have a feed."""
    return tuple(urljoin(url, path) for path in _USUAL)
