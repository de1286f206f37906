"""A page whose article plainly stands in one element is told from one that leaves a choice."""

from lxml.html import HtmlElement, document_fromstring

from streams.pages.frame import find_frame
from streams.pages.outline import Outline

PARAGRAPH = f"<p>{'The council voted on the ferry line and its piers once more. ' * 5}</p>"


def outline_of(markup: str) -> Outline:
    body = document_fromstring(f"<html><body>{markup}</body></html>").find("body")
    assert isinstance(body, HtmlElement)
    return Outline(body)


def test_element_with_the_paragraphs_is_the_frame() -> None:
    frame = find_frame(outline_of(f"<main><p>Menu</p><div id=text><h2>Part</h2>{PARAGRAPH * 6}</div></main>"))
    assert frame is not None
    assert frame.get("id") == "text"


def test_two_containers_leave_a_choice() -> None:
    assert find_frame(outline_of(f"<div>{PARAGRAPH * 4}</div><div>{PARAGRAPH * 4}</div>")) is None


def test_paragraphs_each_in_a_box_leave_a_choice() -> None:
    assert find_frame(outline_of(f"<div>{f'<div>{PARAGRAPH}</div>' * 6}</div>")) is None


def test_short_page_leaves_a_choice() -> None:
    assert find_frame(outline_of(f"<div>{PARAGRAPH}</div>")) is None


def test_what_was_dropped_weighs_no_more() -> None:
    outline = outline_of(f"<div id=text>{PARAGRAPH * 6}</div><div id=comments>{PARAGRAPH * 6}</div>")
    outline.drop(next(element for element in outline.elements if element.get("id") == "comments"))
    frame = find_frame(outline)
    assert frame is not None
    assert frame.get("id") == "text"
