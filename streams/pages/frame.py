"""The plain case: one element that holds the article, its paragraphs side by side.

Half of the news pages are of this kind once the furniture is out. Their lines can be read straight
from the page, in a third of the time of a full extraction and as well.
"""

from lxml.html import HtmlElement

from streams.pages.outline import Outline

_ENOUGH = 1_000  # characters of prose
_WITHIN = 0.92  # of the page's prose, in the element
_PLAIN = 0.9  # of the page's prose, in paragraphs that are its children


def find_frame(outline: Outline) -> HtmlElement | None:
    """Return the element that plainly holds the article, None where there is a choice to make."""
    frame = outline.elements[0]
    total = outline.prose(frame)
    if total < _ENOUGH:
        return None
    inner: HtmlElement | None = frame
    while inner is not None:
        frame = inner
        inner = next((child for child in frame if outline.prose(child) > _WITHIN * total), None)
    plain = sum(outline.prose(child) for child in frame if child.tag == "p")
    return frame if plain > _PLAIN * total else None
