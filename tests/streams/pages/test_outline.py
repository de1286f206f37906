"""Sizes of text, links and prose on which the guards of extraction rest."""

from lxml.html import document_fromstring

from streams.pages.outline import Outline

PROSE = "A sentence that is long enough to count as prose, since it has more than eighty characters in it."


def outline_of(body: str) -> Outline:
    tree = document_fromstring(f"<html><body>{body}</body></html>").find("body")
    assert tree is not None
    return Outline(tree)


def test_prose_is_a_long_run_of_text_across_inline_elements() -> None:
    outline = outline_of(f"<p>{PROSE[:5]}<b>{PROSE[5:27]}</b>{PROSE[27:]}</p><p>short</p>")
    paragraph, short = (element for element in outline.elements if element.tag == "p")
    assert outline.prose(paragraph) == outline.total_prose == len(PROSE)
    assert outline.prose(short) == 0
    assert outline.size(short) == 5


def test_run_of_links_is_no_prose() -> None:
    outline = outline_of(f"<p><a href=/a>{PROSE}</a></p>")
    paragraph = outline.elements[1]
    assert outline.prose(paragraph) == 0
    assert outline.linked(paragraph) == outline.size(paragraph) == len(PROSE)


def test_blocks_in_a_link_are_no_prose_but_in_an_anchor() -> None:
    assert outline_of(f"<a href=/a><h3>Title</h3><p>{PROSE}</p></a>").total_prose == 0
    assert outline_of(f"<a name=top><h3>Title</h3><p>{PROSE}</p></a>").total_prose == len(PROSE)


def test_text_of_a_division_around_breaks_is_prose() -> None:
    assert outline_of(f"<div>{PROSE}<br>{PROSE}</div>").total_prose == 2 * len(PROSE)


def test_script_has_no_size() -> None:
    outline = outline_of(f"<div><script>{PROSE}</script>text</div>")
    assert outline.size(outline.elements[1]) == 4


def test_what_is_dropped_is_gone_and_its_tail_stays() -> None:
    outline = outline_of("<div><p>one<b>two</b></p>three</div>")
    division, paragraph, bold = outline.elements[1:]
    outline.drop(paragraph)
    assert {paragraph, bold} <= outline.gone
    assert division.text_content() == "three"


def test_prose_before_an_element_counts_what_begins_above_it() -> None:
    outline = outline_of(f"<p>{PROSE}</p><h1>Title</h1><p>{PROSE}</p>")
    heading = next(element for element in outline.elements if element.tag == "h1")
    assert outline.prose_before(heading) == len(PROSE)
