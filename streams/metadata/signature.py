"""Who signed an article, by what its page says."""

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from streams.metadata.beneath import short_text
from streams.metadata.jsonld import values
from streams.metadata.page import Page
from streams.text.byline import name_key, split_names

# Names as `Head.meta` has them: small letters, no marks.
_NAMES = (
    "author", "articleauthor", "parselyauthor", "byl", "byline", "sailthruauthor", "cxenseparseauthor",
    "ogauthor", "ogarticleauthor", "itemprop author", "articleauthorname", "authors", "twittermiscwrittenby",
    "vfauthor", "mrfauthors", "btauthor", "rbauthors", "shareaholicarticleauthorname", "dcsextauthor",
    "atcmetaauthor", "creator",
)  # fmt: skip
_LIBRARY_NAMES = ("citationauthor", "dccreator", "dctermscreator", "dccreatorpersonalname", "dccreatoraut")
# Yoast and others pair `twitter:label1` "Written by" with `twitter:data1`.
_WRITTEN_BY = re.compile(
    r"written|author|verfasst|geschrieben|écrit|ecrit|escrito|scritto|geschreven|skrevet|skriven|napisan|yazan|"
    r"كتب|كاتب|بواسطة|автор|نویسنده",
    re.IGNORECASE,
)


_MARKED = etree.XPath('(//*[@itemprop="author" or @rel="author"])[position() <= 20]')
_NAME = etree.XPath('.//*[@itemprop="name"]')


def read_authors(page: Page, sites: set[str]) -> tuple[str, ...]:
    """Return the names of the authors, empty where the page has none.

    The first source that names somebody is believed. Who names only the site itself (one of
    `sites`) gives way to who names somebody else, and beside somebody else it goes.
    """
    own: tuple[str, ...] = ()
    for names in _signatures(page):
        if any(not _is_site(name, sites) for name in names):
            return tuple(name for name in names if name_key(name) not in sites)
        own = own or names
    return own


def _is_site(name: str, sites: set[str]) -> bool:
    # "Euronews with agencies" is the site, too.
    return name_key(name) in sites or name_key(name.partition(" ")[0]) in sites


def _signatures(page: Page) -> Iterator[tuple[str, ...]]:
    """Return the names that each source has, the most trusted first."""
    meta = page.head.meta
    for field in ("author", "creator"):
        for article in page.articles:
            yield split_names(page.names(values(article, field)))
    for name in _NAMES:
        if name in meta:
            yield split_names(meta[name])
    for label, data in (("twitterlabel1", "twitterdata1"), ("twitterlabel2", "twitterdata2")):
        if label in meta and _WRITTEN_BY.search(meta[label][0][:50]):
            yield split_names(meta.get(data, ()))
    for name in _LIBRARY_NAMES:
        if name in meta:
            yield split_names(meta[name], inverted=True)
    yield _read_marked(page)
    yield page.beneath.authors


def _read_marked(page: Page) -> tuple[str, ...]:
    """Return the names in microdata: those that stand beside the first."""
    tree = page.draft.tree
    found = [] if tree is None else cast(list[HtmlElement], _MARKED(tree))
    elements = [element for element in found if element.tag not in ("meta", "link")]
    if not elements:
        return ()
    place = elements[0].getparent()
    beside = [element for element in elements if element.getparent() is place]
    named = (cast(list[HtmlElement], _NAME(element)) or [element] for element in beside)
    return split_names(short_text(elements[0]) for elements in named)
