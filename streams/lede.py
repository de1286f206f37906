"""The lede: the sentence or two under the headline, which many pages set outside of the body."""

import re

from lxml.html import HtmlElement

from streams.fold import fold
from streams.outline import Outline

_LEDE = re.compile(
    r"(?<![a-z])(?:lede?|lead|standfirst|intro|summary|abstract|deck|dek|excerpt|sub-?(?:title|headline|heading|line)"
    r"|teaser|perex|chapo|sapo|spot|sommario|entradilla|bajada|vorspann|desc(?:ription)?)(?![a-z])"
)
_MIN, _MAX = 50, 900
_LOOK = 60  # blocks after the headline


def find_headline(outline: Outline, title: str | None) -> HtmlElement | None:
    """Return the element that shows the headline: the one with the page's title in it, else a lone h1."""
    headings = [e for e in outline.elements if e.tag in ("h1", "h2", "h3") and outline.size(e) > 0]
    wanted = fold(title) if title else ""
    if wanted:
        for tag in ("h1", "h2", "h3"):
            for heading in headings:
                if heading.tag == tag and outline.size(heading) < 2 * len(title or "") + 60:
                    shown = fold(outline.text(heading))
                    if shown and (wanted in shown or (shown in wanted and 2 * len(shown) > len(wanted))):
                        return heading
    first = [heading for heading in headings if heading.tag == "h1"]
    return first[0] if len(first) == 1 else None


def find_lede(outline: Outline, headline: HtmlElement | None, description: str | None) -> HtmlElement | None:
    """Return the element that holds the lede, None where none is told apart from the body."""
    if headline is None:
        return None
    near = set()
    ancestor = headline.getparent()
    for _ in range(3):
        if (
            ancestor is None
            or ancestor.tag in ("body", "main")
            or outline.prose(ancestor) > 0.5 * outline.total_prose
        ):
            break
        near.add(ancestor)
        ancestor = ancestor.getparent()
    wanted = fold(description) if description else ""
    article = next(headline.iterancestors("article"), None)
    skipped = set(headline.iter())
    looked = 0
    for element in outline.after(headline):
        if element in skipped:
            continue
        if element.tag in _NEVER:
            skipped.update(element.iter())
            continue
        size = outline.size(element)
        if outline.flow(element) < _MIN or size > _MAX or outline.linked(element) > 0.5 * size:
            continue
        skipped.update(element.iter())
        looked += 1
        text = outline.text(element)
        names = _names(element)
        if _SENTENCE.search(text) and not _OTHER.search(names) and not _CLOCK.search(text):
            ancestors = list(element.iterancestors())
            folded = fold(text)
            if wanted and (folded.startswith(wanted[:60]) or wanted.startswith(folded[:60])):
                return element
            if any(ancestor in near for ancestor in ancestors):
                return element
            if _LEDE.search(names) and (article is None or article in ancestors):
                return element
        if looked == 3:
            return None
    return None


_NEVER = frozenset(
    ("figure", "figcaption", "nav", "aside", "form", "ul", "ol", "table", "script", "footer", "time")
)
_SENTENCE = re.compile(r"[.!?…。！？؟۔।»”\"’']\s*$")
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b.{0,20}$|\b20\d\d\b.{0,40}\b\d{1,2}[:.]\d\d\b")
_OTHER = re.compile(
    r"caption|credit|author|byline|(?<![a-z])(?:bio|meta|date|time|info|img|data)(?![a-z])|shar|newsletter|comment|image"
    r"|photo|foto|picture|media|carousel|gallery|slide|breadcrumb|player|video|copyright|pop-?over|sign-?(?:in|up)"
)


def _names(element: HtmlElement) -> str:
    names = [element.get("class") or "", element.get("itemprop") or ""]
    parent = element.getparent()
    if parent is not None:
        names.append(parent.get("class") or "")
        if (above := parent.getparent()) is not None:
            names.append(above.get("class") or "")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", " ".join(names)).replace("_", "-").lower()
