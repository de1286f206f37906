"""The byline and the date that a page shows beneath its headline, for pages that mark up neither."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from streams.text.byline import introduces, split_names

_FAR = 200  # elements after the headline; beyond them stand the body and other articles
_NEAR = 40  # elements before it
_LONGEST, _LONGEST_DATE = 120, 60
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|in)?|auteurs?|autori|yazar(?:lar)?|profiles?|people|journalists?|reporters?|"
    r"writers?|contributors?|columnists?|staff|byline|redaktion|redakt(?:e|ö)ur|forfatter|skribent)[/=?]|[?&]author=",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"author|byline|autor|writer|verfasser|yazar|كاتب", re.IGNORECASE)
_GOES_ON = re.compile(
    r"^(?:[,&،]|(?:and|und|et|y|e|och|og|و)\b)|(?:[,&،]|\b(?:and|und|et|y|e|och|og|و))$", re.IGNORECASE
)
_YEAR = re.compile(r"\d{4}|[٠-٩۰-۹]{4}")


@dataclass(slots=True)
class Beneath:
    """`authors` are names, `dated` short texts with a year in them, both as they follow."""

    authors: tuple[str, ...] = ()
    dated: list[str] = field(default_factory=list)


def read_beneath(headline: HtmlElement) -> Beneath:
    """Return what stands within reach after the headline, whichever element holds it."""
    found = _read(islice(_following(headline), _FAR))
    if found.authors and found.dated:
        return found
    before = _read(islice(_preceding(headline), _NEAR))
    return Beneath(found.authors or before.authors, found.dated or before.dated)


def _read(elements: Iterable[HtmlElement]) -> Beneath:
    found = Beneath()
    linked: list[HtmlElement] = []
    signed: tuple[str, ...] = ()
    introduced: tuple[str, ...] = ()
    for element in elements:
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
        if not introduced and introduces(text):
            introduced = _first_names(element)
        if not signed and _SIGNED.search(element.get("class") or ""):
            signed = _first_names(element)
    if linked:
        # Several authors stand side by side; a link further down is another article's.
        place = _place(linked[0])
        names = split_names(short_text(link) for link in linked if _place(link) is place)
        found.authors = tuple(name for name in names if _is_named(name))
    found.authors = found.authors or introduced or signed
    return found


def _first_names(element: HtmlElement) -> tuple[str, ...]:
    """Return the names that an element begins with; what follows them is a place, a date, a button."""
    line = ""
    for chunk in islice(element.itertext(), 12):
        text = " ".join(chunk.split())
        if not text:
            continue
        if line and not (_GOES_ON.search(line) or _GOES_ON.match(text)) and not introduces(f"{line} x"):
            break
        line = f"{line} {text}".strip()
    return tuple(name for name in split_names([line]) if _is_named(name))


def _following(element: HtmlElement) -> Iterator[HtmlElement]:
    node: HtmlElement | None = element
    while node is not None:
        for sibling in node.itersiblings():
            yield from sibling.iter()
        node = node.getparent()


def _preceding(element: HtmlElement) -> Iterator[HtmlElement]:
    """Return what stands before an element in the boxes around it, the nearest box first."""
    node: HtmlElement | None = element
    while node is not None:
        for sibling in node.itersiblings(preceding=True):
            yield from islice(sibling.iter(), 10)
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
    """Tell a name from words of the page: its words are few and most of them capitalised."""
    words = name.split()
    small = sum(word[0].islower() for word in words)
    return (
        len(words) <= 5
        and small * 2 < len(words)
        and (len(words) > 1 or not name.isascii() or name.isupper())
    )
