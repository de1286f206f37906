"""Headline and lede: what stands at the head of a page, often outside of the body's container."""

import re

from lxml.html import HtmlElement

from streams.fold import fold
from streams.pages.outline import Outline

_LEDE = re.compile(
    r"(?<![a-z])(?:lede?|lead|standfirst|intro|summary|abstract|deck|dek|excerpt|preamble|ingress|teaser|perex|chapo"
    r"|sub-?(?:title|headline|heading|line)|sapo|spot|sommario|entradilla|bajada|vorspann|desc(?:ription)?)(?![a-z])"
)
_OTHER = re.compile(
    r"caption|credit|author|byline|newsletter|comment|image|photo|foto|picture|media|carousel|gallery|slide|breadcrumb"
    r"|player|video|copyright|pop-?over|sign-?(?:in|up)|(?<![a-z])(?:bio|meta|date|time|info|img|data|shar(?:e|ing))(?![a-z])"
)
_SENTENCE = re.compile(r"[.!?…。！？؟۔।»”\"’']\s*$")
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b.{0,20}$|\b20\d\d\b.{0,40}\b\d{1,2}[:.]\d\d\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HEADINGS = frozenset(("h1", "h2", "h3"))
_BESIDE = ("nav", "aside", "footer")
_NEVER = frozenset(("figure", "figcaption", "nav", "aside", "form", "table", "footer", "time"))
_MIN, _MAX = 50, 900  # characters of a lede
_LOOKED_AT = 3  # blocks below the headline, lists aside
_KICKER = 60  # characters
_NEAR = 3  # ancestors of the headline


def find_headlines(outline: Outline, title: str | None) -> list[HtmlElement]:
    """Return the headings that show the page's headline; that of the article first, if there is one.

    Many pages show it twice: in a breadcrumb trail, beside a kicker, or in other words.
    """
    headings = [element for element in outline.elements if element.tag in _HEADINGS and outline.size(element)]
    first = [heading for heading in headings if heading.tag == "h1"]
    lone = outline.text(first[0]) if len(first) == 1 else None
    wanted = {fold(text): len(text) for text in (title, lone) if text}
    shown = [heading for heading in headings if _shows(outline, heading, wanted)]
    known = set(shown)
    others = [heading for heading in headings if heading not in known and _stands_at_head(outline, heading)]
    return sorted(shown + others, key=lambda heading: next(heading.iterancestors(*_BESIDE), None) is not None)


def find_lede(outline: Outline, headlines: list[HtmlElement], description: str | None) -> HtmlElement | None:
    """Return the element that holds the lede, None where none is told apart from the body.

    It is the description that the page gives of itself, or whole sentences that stand with the
    headline or are named a lede.
    """
    if not headlines:
        return None
    near = _find_near(outline, headlines[0])
    article = next(headlines[0].iterancestors("article"), None)
    described = fold(description)[:60] if description else ""
    skipped = {part for headline in headlines for part in headline.iter()}
    looked = 0
    for element in outline.after(headlines[0]):
        if element in skipped:
            continue
        if element.tag in _NEVER:
            skipped.update(element.iter())
            continue
        size = outline.size(element)
        if outline.flow(element) < _MIN or size > _MAX or 2 * outline.linked(element) > size:
            continue
        skipped.update(element.iter())
        listed = next(element.iterancestors("ul", "ol"), None) is not None
        looked += not listed
        names, text = _names(element, 3), outline.text(element)
        folded = fold(text)
        if described and folded and (folded.startswith(described) or described.startswith(folded[:60])):
            # A page may describe itself by a caption.
            if not _OTHER.search(_names(element, 2)):
                return element
            continue
        if not listed and _SENTENCE.search(text) and not _OTHER.search(names) and not _CLOCK.search(text):
            ancestors = set(element.iterancestors())
            named = _LEDE.search(names) is not None and (article is None or article in ancestors)
            if named or not near.isdisjoint(ancestors):
                return element
        if looked == _LOOKED_AT:
            break
    return None


def read_kicker(headlines: list[HtmlElement], title: str | None) -> str | None:
    """Return the short line that stands in one heading with the headline, but not in the title."""
    wanted = fold(title) if title else ""
    for headline in headlines:
        first, *rest = [piece for text in headline.itertext() if (piece := text.strip(" \n\t:|–—-"))] or [""]
        # What opens a quotation of the title is none: `34 responses to “…`.
        if wanted and 0 < len(first) <= _KICKER and fold(" ".join(rest)) == wanted and first[-1] not in "“„«":
            return " ".join(first.split())
    return None


def _shows(outline: Outline, heading: HtmlElement, wanted: dict[str, int]) -> bool:
    size = outline.size(heading)
    if size > 80 + 2 * max(wanted.values(), default=0):
        return False
    text = fold(outline.text(heading))
    for title, length in wanted.items():
        if title and title in text and size < length + 80:
            return True
        if text and text in title and 2 * len(text) > len(title):
            return True
    return False


def _stands_at_head(outline: Outline, heading: HtmlElement) -> bool:
    """Tell the headline in other words: in a header of its own, above all prose but a cookie notice's."""
    if heading.tag == "h3" or outline.size(heading) > 200 or outline.text(heading).endswith("."):
        return False
    header = next(heading.iterancestors("header", "hgroup"), None)
    if header is None or 2 * outline.prose(header) > outline.total_prose:
        return False
    return 5 * outline.prose_before(heading) < outline.total_prose


def _find_near(outline: Outline, headline: HtmlElement) -> set[HtmlElement]:
    near: set[HtmlElement] = set()
    for ancestor in headline.iterancestors():
        holds_body = ancestor.tag in ("body", "main") or 2 * outline.prose(ancestor) > outline.total_prose
        if holds_body or len(near) == _NEAR:
            break
        near.add(ancestor)
    return near


def _names(element: HtmlElement, levels: int) -> str:
    """Return the names of an element and of what it stands in, so many levels in all."""
    names = [element.get("itemprop") or ""]
    above: HtmlElement | None = element
    while above is not None and len(names) <= levels:
        names.append(above.get("class") or "")
        above = above.getparent()
    return _CAMEL.sub("-", " ".join(names)).replace("_", "-").lower()
