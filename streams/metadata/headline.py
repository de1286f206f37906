"""The headline, out of what a page calls its title: without the name of the site behind it."""

import re
from collections.abc import Iterable, Sequence

from streams.metadata.moment import read_moment
from streams.metadata.page import Page, first_plain, heading_text
from streams.text.byline import name_key
from streams.text.plain import plain

_MARK = re.compile(r"\s+(?:[-–—|·•*»«:/‹›]|::|\|\|)\s+|\s?[|｜]\s?")
_LONGEST_NAME = 60
_SHORTEST_HEADLINE = 10
# What stands around the name of a site and is no part of a headline.
# fmt: off
_AROUND = frozenset((
    "the", "die", "der", "das", "la", "le", "el", "il", "news", "online", "live", "tv", "radio", "web",
    "website", "com", "net", "org", "de", "nachrichten", "aktuell", "haber", "haberleri", "noticias",
    "english", "arabic", "deutsch", "magazine", "newspaper",
))
# fmt: on


def read_title(page: Page, authors: Iterable[str], sites: set[str]) -> str | None:
    """Return the headline without the names of the site, its section and its authors.

    The order is measured: what editors write for sharing (`og:title`) is their headline more
    often than JSON-LD's, both more often than the page's `h1`. One that was cut ("…", or at a
    quotation mark that ended an attribute) gives way to one that goes on.
    """
    shown = "" if page.headline is None else heading_text(page.headline)
    linked = first_plain(page.linked("headline", "name")) or ""
    candidates = [
        first_plain(page.head.all("ogtitle")),
        linked,
        shown,
        first_plain(
            page.head.all("twittertitle", "headline", "dctitle", "dctermstitle", "citationtitle", "title")
        ),
    ]
    candidates.append(plain(page.head.title))
    found = [strip_site(text, sites, authors, (linked, shown)) for text in candidates if text]
    found = [text for text in found if name_key(text) not in sites] or found
    if not found:
        return None
    stem = found[0].rstrip(" .…") if found[0].endswith(("…", "...")) else found[0]
    for text in found[1:]:
        rest = text[len(stem) :].lstrip()
        if rest and text.startswith(stem) and (stem != found[0] or rest[0] in "\"'"):
            return text
    return found[0]


def strip_site(
    title: str, sites: set[str], authors: Iterable[str] = (), headlines: Sequence[str] = ()
) -> str:
    """Return the title without what stands before or behind the headline.

    `sites` are the names of the site, its publisher and its section as `name_key` writes them.
    Between marks (" - ", " | ") such a name goes, and that of an author, and a date; and whatever
    follows one of the `headlines` that the page has elsewhere, or goes before the last of them.
    """
    marks = list(_MARK.finditer(title))
    known = [name_key(headline) for headline in headlines]
    for mark in marks[:10]:
        for part, keys in ((title[: mark.start()], known), (title[mark.end() :], known[-1:])):
            if len(part) > _SHORTEST_HEADLINE and name_key(part) in keys:
                return part
    signed = {name_key(author) for author in authors}
    signed |= {"by" + key for key in signed}
    while marks and _is_beside(title[marks[-1].end() :], sites, signed):
        title = title[: marks.pop().start()]
    start = 0
    while marks and _is_site(title[start : marks[0].start()], sites):
        start = marks.pop(0).end()
    return title[start:]


def _is_beside(segment: str, sites: set[str], signed: set[str]) -> bool:
    if len(segment) > _LONGEST_NAME:
        return False
    if not segment or _is_site(segment, sites) or name_key(segment) in signed:
        return True
    moment = read_moment(segment, "title") if segment[0].isdigit() else None
    return bool(moment and moment.at)


def _is_site(segment: str, sites: set[str]) -> bool:
    if len(segment) > _LONGEST_NAME:
        return False
    if name_key(segment) in sites:
        return True
    # "CBC News" of the site CBC, "Mirror Online" of mirror.co.uk.
    words = [name_key(word) for word in segment.split()]
    return any(
        all(word in _AROUND for word in words[:start] + words[end:])
        for start in range(min(2, len(words)))
        for end in range(start + 1, len(words) + 1)
        if "".join(words[start:end]) in sites
    )
