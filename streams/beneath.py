"""The byline and the date that a page shows beneath its headline, for pages that mark up neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from streams.byline import introduces, split_names

_FAR = 200  # elements after the headline; beyond them stand the body and other articles
_LONGEST, _LONGEST_DATE = 120, 60
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|in)?|auteurs?|autori|yazar(?:lar)?|profiles?|people|journalists?|reporters?|"
    r"writers?|contributors?|columnists?|staff|byline|redaktion|redakt(?:e|ö)ur|forfatter|skribent)[/=?]|[?&]author=",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"author|byline|autor|writer|verfasser|yazar|كاتب", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}|[٠-٩۰-۹]{4}")


@dataclass(slots=True)
class Beneath:
    """`authors` are names, `dated` short texts with a year in them, both as they follow."""

    authors: tuple[str, ...] = ()
    dated: list[str] = field(default_factory=list)


def read_beneath(headline: HtmlElement) -> Beneath:
    """Return what stands within reach after the headline, whichever element holds it."""
    found = Beneath()
    linked: list[HtmlElement] = []
    signed: tuple[str, ...] = ()
    introduced: tuple[str, ...] = ()
    for element in islice(_following(headline), _FAR):
        if not isinstance(element.tag, str):
            continue
        if _is_profile(element):
            linked.append(element)
        text = short_text(element)
        if not text:
            if element.tag == "p" and element.text and len(element.text) > _LONGEST:
                break  # the body begins
            continue
        if len(text) <= _LONGEST_DATE and len(found.dated) < 20 and _YEAR.search(text):
            found.dated.append(text)
        if not signed and _SIGNED.search(element.get("class") or ""):
            signed = split_names([text])
        if not introduced and introduces(text):
            introduced = tuple(name for name in split_names([text]) if _is_named(name))
    if linked:
        # Several authors stand side by side; a link further down is another article's.
        place = _place(linked[0])
        found.authors = split_names(short_text(link) for link in linked if _place(link) is place)
    found.authors = found.authors or introduced or signed
    return found


def _following(element: HtmlElement) -> Iterator[HtmlElement]:
    node: HtmlElement | None = element
    while node is not None:
        for sibling in node.itersiblings():
            yield from sibling.iter()
        node = node.getparent()


def short_text(element: HtmlElement) -> str:
    """Return the text of a small element in one line, empty where it is long."""
    chunks: list[str] = []
    length = 0
    for chunk in islice(element.itertext(), 12):
        length += len(chunk.strip())
        if length > _LONGEST:
            return ""
        chunks.append(chunk)
    return " ".join(" ".join(chunks).split())


def _is_profile(element: HtmlElement) -> bool:
    if "author" in (element.get("itemprop"), element.get("rel")):
        return True
    return element.tag == "a" and bool(_PROFILE.search((element.get("href") or "")[:300]))


def _place(element: HtmlElement) -> HtmlElement | None:
    parent = element.getparent()
    above = parent.getparent() if parent is not None else None
    return parent if above is None else above


def _is_named(name: str) -> bool:
    """Tell a name from a sentence that happens to begin with "by": its words are capitalised."""
    words = name.split()
    small = sum(word[0].islower() for word in words)
    return len(words) <= 5 and small * 2 < len(words)
