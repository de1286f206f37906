"""What is named or linked like furniture goes, unless the page would lose its prose by it."""

import pytest
from lxml.html import HtmlElement, document_fromstring

from streams.pages.furniture import remove_furniture
from streams.pages.outline import Outline

PROSE = "The council voted on the northern ferry line and its piers once more, and nobody was surprised. "
BODY = "".join(f"<p>{PROSE * 2}</p>" for _ in range(6))


def body_of(markup: str) -> HtmlElement:
    body = document_fromstring(f"<html><body>{markup}</body></html>").find("body")
    assert isinstance(body, HtmlElement)
    return body


def left_over(body: str) -> str:
    tree = body_of(body)
    remove_furniture(Outline(tree))
    return str(tree.text_content()).replace(PROSE, "").strip()


@pytest.mark.parametrize(
    "block",
    [
        "<div class='c-inlineSignup'>Get the daily news</div>",
        "<section id=related_posts>More on ships</section>",
        "<p class='article__byline'>By Ada Quay</p>",
        "<span class=sr-only>Article continues below</span>",
        "<nav>Home</nav>",
        "<aside>A short note</aside>",
        "<div class=story-teaser><a href=/x>Another story altogether</a> with a summary</div>",
        "<p><b>More:</b> <a href=/x>Another story of the harbour</a></p>",
        "<h3>Read <a href=/x>another story of the harbour and its ships</a></h3>",
        "<p class=article-date>3 January 2026</p>",
    ],
)
def test_furniture_goes(block: str) -> None:
    assert left_over(BODY + block + BODY) == ""


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(
            "<p>The ferry is called <a href=/x>Spirit of the Northern Harbour</a> again.</p>",
            id="link-in-text",
        ),
        pytest.param("<ul><li>No ships</li><li>More buses</li></ul>", id="list"),
        pytest.param("<p class='download-adapter'>A word that holds another</p>", id="part-of-a-word"),
        pytest.param("<p id=n1AuAdJlVL>Names made by hashing say nothing</p>", id="hashed-name"),
        pytest.param(
            "<p><a href=/x>https://harbour.example/minutes-of-the-council</a></p>", id="address-as-source"
        ),
        pytest.param("<p class=teaser>A teaser without a link is a lede.</p>", id="lede"),
        pytest.param("<div class=blockquote-author>Ada Quay</div>", id="speaker-of-a-quotation"),
    ],
)
def test_text_of_the_article_stays(block: str) -> None:
    assert left_over(BODY + block + BODY) != ""


def test_name_of_most_of_the_prose_names_no_furniture() -> None:
    posts = "".join(f"<div class='comment depth-{n}'><p>{PROSE * 2}</p></div>" for n in range(9))
    tree = body_of(posts)
    remove_furniture(Outline(tree))
    assert tree.text_content().count(PROSE) == 18


def test_captions_come_back() -> None:
    tree = body_of(
        f"{BODY}<figure><img src=a><figcaption>A pier.</figcaption></figure>"
        "<a href=/><p class=caption>Elsewhere</p></a>"
    )
    assert remove_furniture(Outline(tree)) == ("A pier.",)
    assert "pier." not in tree.text_content().replace(PROSE, "")
