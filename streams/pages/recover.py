"""Paragraphs that were missed: the body of some pages stands in several containers of one kind."""

from lxml.html import HtmlElement

from streams.pages.outline import Outline

Frame = tuple[str, frozenset[str]]

_BESIDE = frozenset(("aside", "nav", "footer", "form", "figure", "blockquote", "table"))
_HEADINGS = frozenset(("h2", "h3", "h4"))
_SEARCHED = 200_000
_FRAMES = 8  # kinds of containers, beyond which none is like another
_WORTH = 0.08  # of the text found, below which a gap is no second container


def recover_paragraphs(outline: Outline, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines, with the paragraphs that stand as the found ones do and are not among them.

    Such a paragraph has a parent of the same tag and class as a found one, in the same `article`
    if the found ones have one. It comes after the found paragraph that precedes it on the page.
    """
    places = {_squeeze(line): place for place, line in enumerate(lines)}
    found: list[HtmlElement] = []
    missed: list[tuple[int, HtmlElement]] = []
    place = -1
    for element in outline.elements:
        if element in outline.gone or not (
            (element.tag == "p" and outline.prose(element))
            or (element.tag in _HEADINGS and outline.size(element))
        ):
            continue
        known = places.get(_squeeze(outline.text(element)))
        if known is not None:
            place = known
            if element.tag == "p":
                found.append(element)
        elif place >= 0:
            missed.append((place, element))
    if len(found) < 2 or not missed:
        return lines
    frames = {_frame(element) for element in found}
    articles = {_article(element) for element in found}
    # A line may hold several paragraphs; in a text of a length that makes the search slow, none does.
    text = _squeeze(" ".join(lines))[:_SEARCHED]
    wanted = [
        (place, element)
        for place, element in missed
        if _is_like_one(_frame(element), frames)
        and _article(element) in articles
        and next(element.iterancestors(*_BESIDE), None) is None
        and _squeeze(outline.text(element)) not in text
    ]
    if sum(outline.prose(element) for _, element in wanted) < _WORTH * len(text):
        # Too little for a container of its own; a gap between two found paragraphs is one all the same.
        parents = {element.getparent() for element in found}
        last = max(places[_squeeze(outline.text(element))] for element in found)
        wanted = [
            (place, element) for place, element in wanted if place < last and element.getparent() in parents
        ]
    after: dict[int, list[str]] = {}
    for place, element in wanted:
        after.setdefault(place, []).append(outline.text(element))
    return tuple(text for place, line in enumerate(lines) for text in (line, *after.get(place, ())))


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _frame(element: HtmlElement) -> Frame:
    parent = element.getparent()
    return (
        ("", frozenset())
        if parent is None
        else (str(parent.tag), frozenset((parent.get("class") or "").split()))
    )


def _is_like_one(frame: Frame, known: set[Frame]) -> bool:
    """Tell a frame of the same tag and classes as a known one, or with a class more or less of several."""
    if frame in known:
        return True
    tag, classes = frame
    return any(
        tag == other and len(classes & those) > 1 and (classes < those or those < classes)
        for other, those in list(known)[:_FRAMES]
    )


def _article(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("article"), None)
