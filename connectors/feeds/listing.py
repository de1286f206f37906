"""The links of a page that lists articles."""

from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urljoin

import lxml.html
from lxml import etree

from connectors.feeds.item import Item
from schemas.address import canonical_url

_MOST_LINKS = 10_000


class Pattern(Protocol):
    """A compiled regular expression."""

    def search(self, text: str) -> Any:
        """Return what it finds, None where it does not match."""
        ...


def read_links(body: bytes, content_type: str, url: str, pattern: Pattern) -> tuple[Item, ...]:
    """Return the links of a page whose whole address `pattern` finds itself in, in order, each once."""
    found: dict[str, Item] = {}
    for link in find_links(body, content_type, url):
        canonical = canonical_url(link)
        if canonical and canonical not in found and pattern.search(link):
            found[canonical] = Item(id=canonical, url=link)
    return tuple(found.values())


def find_links(body: bytes, content_type: str, url: str) -> Iterator[str]:
    """Yield the absolute addresses that a page links to, in order; a broken page gives what it can."""
    tree = parse_page(body, content_type)
    if tree is None:
        return
    base = base_of(tree, url)
    for count, element in enumerate(tree.iter("a")):
        if count >= _MOST_LINKS:
            return
        if link := join(base, element.get("href")):
            yield link


def parse_page(body: bytes, content_type: str = "") -> lxml.html.HtmlElement | None:
    """Return the tree of a page, None where there is none to be made."""
    charset = content_type.partition("charset=")[2].strip("\"' ").partition(";")[0] or None
    for encoding in (charset, None):
        try:
            # Links are ASCII: which of many charsets it is does not matter much.
            return lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding=encoding))
        except (LookupError, ValueError, etree.ParserError, etree.LxmlError):
            continue
    return None


def base_of(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return the address that relative links of a page go from."""
    element = next(tree.iter("base"), None)
    return (join(url, element.get("href")) if element is not None else None) or url


def join(base: str, link: str | None) -> str | None:
    """Return the absolute http(s) address of a link, None where it has none."""
    if not link:
        return None
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if canonical_url(joined) else None
