"""Headline and lede are found where pages put them."""

import pytest
from lxml.html import document_fromstring

from streams.pages.lede import find_headlines, find_lede, read_kicker
from streams.pages.outline import Outline

TITLE = "Ferries stop for the winter"
LEDE = "From November on nobody crosses the northern harbour by ship, and the buses are full."
BODY = (
    "<div>" + f"<p>{'The council voted on the ferry line and its piers once more. ' * 4}</p>" * 5 + "</div>"
)


def outline_of(body: str) -> Outline:
    tree = document_fromstring(f"<html><body>{body}</body></html>").find("body")
    assert tree is not None
    return Outline(tree)


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        pytest.param(f"<h1>{TITLE}</h1>{BODY}", "h1", id="plain"),
        pytest.param(f"<h2><span>Harbour</span> {TITLE}</h2>{BODY}<h2>More</h2>", "h2", id="beside-a-kicker"),
        pytest.param(
            f"<nav><h1>{TITLE}</h1></nav><header><h2>{TITLE}</h2></header>{BODY}", "h2", id="trail-and-page"
        ),
        pytest.param(
            f"<nav><h1>{TITLE}</h1></nav><hgroup><h2>No more ships</h2></hgroup>{BODY}",
            "h2",
            id="other-words",
        ),
    ],
)
def test_headline_of_the_article_comes_first(body: str, tag: str) -> None:
    assert find_headlines(outline_of(body), TITLE)[0].tag == tag


def test_heading_of_the_body_is_no_headline() -> None:
    assert find_headlines(outline_of(f"{BODY}<h2>What comes next</h2><h1>a</h1><h1>b</h1>"), TITLE) == []


@pytest.mark.parametrize(
    ("head", "description"),
    [
        pytest.param(f"<header><h1>{TITLE}</h1><div>{LEDE}</div></header>", None, id="beside-the-headline"),
        pytest.param(f"<div><h1>{TITLE}</h1></div><p class=standfirst>{LEDE}</p>", None, id="by-name"),
        pytest.param(f"<div><h1>{TITLE}</h1></div><ul><li><h2>{LEDE}</h2></ul>", LEDE, id="by-description"),
        pytest.param(
            f"<div><h1>{TITLE}</h1></div><p>{LEDE[:-1]}</p>", LEDE, id="described-without-full-stop"
        ),
    ],
)
def test_lede_is_found(head: str, description: str | None) -> None:
    outline = outline_of(head + BODY)
    lede = find_lede(outline, find_headlines(outline, TITLE), description)
    assert lede is not None
    assert outline.text(lede).rstrip(".") == LEDE.rstrip(".")


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param(f"<p class=photo-caption>{LEDE}</p>", id="caption"),
        pytest.param(f"<p class=byline>{LEDE}</p>", id="byline"),
        pytest.param("<p>Published on the 3rd of January 2026, updated at 17:40 by the desk</p>", id="time"),
        pytest.param(
            "<p>Five things about the ferries and the harbour and its new piers</p>", id="no-sentence"
        ),
        pytest.param(f"<p><a href=/x>{LEDE}</a></p>", id="link"),
    ],
)
def test_what_else_stands_beside_the_headline_is_no_lede(beside: str) -> None:
    outline = outline_of(f"<header><h1>{TITLE}</h1>{beside}</header>{BODY}")
    assert find_lede(outline, find_headlines(outline, TITLE), None) is None


@pytest.mark.parametrize(
    ("heading", "kicker"),
    [
        ("<h2><span>Harbour: </span><span>Ferries stop for the winter</span></h2>", "Harbour"),
        ("<h2>Ferries stop for the winter</h2>", None),
        ("<h2>34 answers to “<b>Ferries stop for the winter</b>”</h2>", None),
    ],
)
def test_kicker_stands_in_one_heading_with_the_headline(heading: str, kicker: str | None) -> None:
    outline = outline_of(heading + BODY)
    assert read_kicker(find_headlines(outline, TITLE), TITLE) == kicker
