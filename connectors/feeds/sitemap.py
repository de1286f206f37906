"""Sitemaps (sitemaps.org), their indexes, Google's for news, and lists of addresses: from bytes to items."""

import re
import zlib
from dataclasses import dataclass

from lxml import etree

from connectors.feeds.item import Item
from connectors.feeds.listing import join
from connectors.feeds.make import make_item
from connectors.feeds.markup import narrow
from schemas.address import canonical_url

# By the protocol.
MOST_ADDRESSES = 50_000
_MOST_BYTES = 50_000_000
_MOST_MEMBERS = 100  # of a gzip file
_STRAY = re.compile(rb"&(?!(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_KINDS = ("urlset", "sitemapindex")


class SitemapError(ValueError):
    """What came is no sitemap; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitemap:
    """Pages that a sitemap lists, and further sitemaps with the time of their last change as written.

    `cut` counts what was beyond 50,000.
    """

    items: tuple[Item, ...] = ()
    children: tuple[tuple[str, str | None], ...] = ()
    cut: int = 0


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return what the sitemap in `body` lists. Raises SitemapError.

    A document type is refused: no sitemap needs one, and it can name files and grow without end.
    """
    body = narrow(_unpack(body))
    start = body[:2048]
    if not start:
        raise SitemapError("nothing came")
    if start[:4].lower() in (b"http",):
        return _read_list(body)
    if b"<!DOCTYPE" in body.upper():
        kind = "a page of HTML" if b"html" in start.lower() else "XML with a document type"
        raise SitemapError(f"{kind}, not a sitemap")
    return _read_xml(body, url)


def _unpack(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacked, members = b"", 0
    while body.startswith(b"\x1f\x8b") and members < _MOST_MEMBERS:
        members += 1
        unpacking = zlib.decompressobj(31)
        try:
            unpacked += unpacking.decompress(body, _MOST_BYTES - len(unpacked) + 1)
        except zlib.error as error:
            raise SitemapError(f"cannot be unpacked: {error}") from None
        if len(unpacked) > _MOST_BYTES:
            raise SitemapError(f"more than {_MOST_BYTES} bytes unpacked")
        body = unpacking.unused_data
    return unpacked


def _read_xml(body: bytes, url: str) -> Sitemap:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(_STRAY.sub(b"&amp;", body), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SitemapError(f"no XML: {error}") from None
    kind = _name(root) if root is not None else "nothing"
    if kind not in _KINDS:
        raise SitemapError(f"XML of another kind: <{kind}>")
    found = [child for child in root if isinstance(child.tag, str)]
    listed = found[:MOST_ADDRESSES]
    cut = len(found) - len(listed)
    if kind == "sitemapindex":
        children = ((join(url, _find(child, "loc")), _find(child, "lastmod")) for child in listed)
        return Sitemap(children=tuple((loc, at) for loc, at in children if loc), cut=cut)
    items = (_read_entry(entry, url) for entry in listed)
    return Sitemap(items=_once([item for item in items if item is not None]), cut=cut)


def _read_entry(entry: etree._Element, base: str) -> Item | None:
    url, changed = join(base, _find(entry, "loc")), _find(entry, "lastmod")
    if url is None:
        return None
    news = entry.find(f"{{{_NEWS}}}news")
    title = published = language = None
    if news is not None:
        title, published = _find(news, "title"), _find(news, "publication_date")
        language = next((_text(one) for one in news.iter(f"{{{_NEWS}}}language")), None)
    return make_item(
        id=url, url=url, title=title, authors=(), published_at=published, updated=changed, language=language,
        summary=None, content=None, is_html=False, is_content=False,
    )  # fmt: skip


def _read_list(body: bytes) -> Sitemap:
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
    urls = [line for line in lines if canonical_url(line)]
    items = [Item(id=url, url=url) for url in urls[:MOST_ADDRESSES]]
    return Sitemap(items=_once(items), cut=max(0, len(urls) - MOST_ADDRESSES))


def _once(items: list[Item]) -> tuple[Item, ...]:
    return tuple({item.id: item for item in reversed(items)}.values())[::-1]


def _find(parent: etree._Element, name: str) -> str | None:
    return next(
        (_text(child) for child in parent if isinstance(child.tag, str) and _name(child) == name), None
    )


def _text(element: etree._Element) -> str | None:
    return (element.text or "").strip() or None


def _name(element: etree._Element) -> str:
    # Whatever namespace it says to be of: many have a wrong one.
    return etree.QName(element).localname.lower()
