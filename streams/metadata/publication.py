"""When an article was published and changed, by what its page, its address and its source say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from streams.draft import Draft, Moment
from streams.metadata.jsonld import Node, types, values
from streams.metadata.moment import read_moment
from streams.metadata.page import Page

# Names as `Head.meta` has them: small letters, no marks.
_PUBLISHED = (
    "articlepublishedtime", "articlepublished", "ogpublishedtime", "ogarticlepublishedtime", "ogpubdate",
    "rnewsdatepublished", "itemprop datepublished", "datepublished", "parselypubdate",
    "cxenseparsepublishtime", "cxenseparserecspublishtime", "cxenseparsearticlepublishdate", "sailthrudate",
    "btpubdate", "dctermsissued", "dcdateissued", "dctermscreated", "dcdatecreated", "dctermsdate",
    "dcdate", "dccreated", "citationpublicationdate", "citationonlinedate", "citationdate",
    "prismpublicationdate", "publishedtime", "publisheddate", "publishedat", "publicationdate",
    "publishdate", "publishtime", "pubdate", "pubtime", "releasedate", "articledateoriginal",
    "originalpublishdate", "created", "itemprop datecreated", "articlecreated", "articlepublisheddate",
    "articlepublicationdate", "articlepostdate", "ogarticlepublished", "ogdatepublished", "ogpublishdate",
    "ogregdate", "ogquestionpublishedtime", "dcdatepublication", "dateposted", "datecreated", "displaydate",
    "originalpublicationdate", "shareaholicarticlepublishedtime", "mrfpublishedtime", "vrpublishedtime",
    "mediatorpublishedtime", "analyticsattributesarticledate", "contentcreatedate", "rbpubdate",
    "twtpublishedat", "docdate", "pdate", "ptime", "date",
)  # fmt: skip
_MODIFIED = (
    "articlemodifiedtime", "articlemodified", "ogupdatedtime", "ogmodifiedtime", "itemprop datemodified",
    "datemodified", "rnewsdatemodified", "dctermsmodified", "dcdatemodified", "dcmodified",
    "articleupdated", "btmoddate", "modifiedtime", "updatedtime", "lastmod", "lastmodified", "revised",
    "articlemodifieddate", "articlepostmodified", "ogarticlemodifiedtime", "itemprop dateupdate",
    "modificationdate", "mrfmodifiedtime", "revisiondate", "lastdate", "modified", "utime",
)  # fmt: skip
_URL_DAY = re.compile(r"(?<![^/_-])((?:19|20)\d\d)([-/_]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_TITLE_MARK = re.compile(r"\s[|–—-]\s")
_MOST_ELEMENTS, _MOST_ATTRIBUTES = 10_000, 200
_FIRST_YEAR_OF_PAGES = 1995
_CLOSE = timedelta(days=2)
_EARLY = timedelta(days=1)  # a clock that is ahead, or a day written in its own zone

Written = tuple[str | int | float, str]


def read_published(page: Page, claimed: Moment | None, zone: tzinfo, language: str | None) -> Moment | None:
    """Return when the article was published, None where nothing tells.

    What the page marks up comes first, then the source's claim, then what the page shows beneath
    its headline, then the day in its address, then the time of its last change, then a guess. A
    marked time that the day in the address contradicts, or that lies behind the fetching, gives
    way to another that does neither.
    """
    day_first = is_day_first(language)
    marked = list(_read(_marked_times(page), zone, day_first))
    in_url = read_url_day(page.draft.raw.url)
    best = [moment for moment in marked if moment.at]
    fetched = _fetched(page.draft)
    best = [moment for moment in best if moment.at and moment.at - _EARLY <= fetched] or best
    if in_url and in_url.at:
        day = in_url.at
        best = [moment for moment in best if moment.at and abs(moment.at - day) <= _CLOSE] or best
    if best:
        return best[0]
    if claimed and claimed.at:
        return claimed
    shown = (moment for moment in _read(_shown_times(page), zone, day_first) if moment.at)
    return (
        next(shown, None)
        or in_url
        or read_modified(page, zone)
        or _guess(page.draft)
        or next(iter(marked), claimed)
    )


def _guess(draft: Draft) -> Moment | None:
    """Return the day that htmldate finds, never that of the fetching: clocks stand on pages, too."""
    tree = draft.tree
    if tree is None or not _is_ordinary(tree):
        return None
    fetched = _fetched(draft)
    if fetched.year <= _FIRST_YEAR_OF_PAGES:
        return None
    found = find_date(
        tree,
        extensive_search=False,
        original_date=True,
        url="",
        max_date=(fetched - timedelta(days=1)).date().isoformat(),
    )
    return read_moment(found, "htmldate") if found else None


def _fetched(draft: Draft) -> datetime:
    fetched = draft.raw.fetched_at
    return fetched if fetched.tzinfo else fetched.replace(tzinfo=UTC)


def _is_ordinary(tree: HtmlElement) -> bool:
    """Tell whether a tree can be copied in no time: attributes of one element cost their square."""
    return all(
        number < _MOST_ELEMENTS and len(element.attrib) < _MOST_ATTRIBUTES
        for number, element in enumerate(tree.iter(etree.Element))
    )


def read_modified(page: Page, zone: tzinfo) -> Moment | None:
    """Return when the article was last changed, None where the page does not say."""
    return next((moment for moment in _read(_modification_times(page), zone, None) if moment.at), None)


def read_url_day(url: str | None) -> Moment | None:
    """Return the day in the path of an address (`/2015/07/20/`), None where there is none."""
    path = (url or "")[:2000].partition("://")[2].partition("/")[2].partition("?")[0]
    for found in _URL_DAY.finditer(path):
        if found[2] or len(found[0]) == 8:
            moment = read_moment(f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}", "url")
            if moment and moment.at:
                return replace(moment, written=found[0])
    return None


def _read(written: Iterable[Written], zone: tzinfo, day_first: bool | None) -> Iterator[Moment]:
    for value, origin in written:
        if moment := read_moment(value, origin, zone, day_first=day_first):
            yield moment


def _marked_times(page: Page) -> Iterator[Written]:
    head = page.head
    for article in page.articles:
        yield from _linked_times(article, "datePublished")
    for name in _PUBLISHED:
        for content in head.meta.get(name, ())[:1]:
            yield content, f"meta.{head.names[name]}"
    for article in page.articles:
        yield from _linked_times(article, "dateCreated", "uploadDate")
    if not page.articles:
        for node in page.nodes:
            if any(kind.endswith(("page", "videoobject", "review")) for kind in types(node)):
                yield from _linked_times(node, "datePublished", "uploadDate")
    for time in head.times:
        if "publi" in time.mark or "pubdate" in time.mark:
            yield time.written, "time"
    for time in head.times:
        if time.below_headline and "modif" not in time.mark and "updat" not in time.mark:
            yield time.written, "time"


def _shown_times(page: Page) -> Iterator[Written]:
    for title in (page.head.title, *page.head.all("ogtitle")):
        last = _TITLE_MARK.split(title or "")[-1]
        if last[:1].isdigit():
            yield last, "title"
    for text in page.beneath.dated:
        yield text, "text"


def _modification_times(page: Page) -> Iterator[Written]:
    for article in page.articles:
        yield from _linked_times(article, "dateModified")
    for name in _MODIFIED:
        for content in page.head.meta.get(name, ())[:1]:
            yield content, f"meta.{page.head.names[name]}"


def _linked_times(node: Node, *fields: str) -> Iterator[Written]:
    for name in fields:
        for value in values(node, name)[:1]:
            value = value.get("@value") if isinstance(value, dict) else value
            if isinstance(value, str | int | float):
                yield value, f"jsonld.{name}"


def is_day_first(language: str | None) -> bool | None:
    """Return whether 05/06 is the fifth of June: everywhere but in America's English."""
    if language is None or language == "en":
        return None
    return language not in ("en-US", "en-PH", "fil-PH")
