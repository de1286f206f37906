"""What is delivered of a page or an item, and which article a page will be."""

import json
from datetime import UTC, datetime

import pytest

from connectors.feeds.item import Item
from connectors.fetching.page import Page
from connectors.polling.delivery import deliver_item, deliver_page, name_article
from connectors.polling.pages import StoryPage
from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.letter import raw_letter
from schemas.raw import RawArticle, read_content
from streams.cutting.rule import Rules
from streams.steps.clean import CleanStep

AT = datetime(2026, 3, 1, 12, 0, 5, 999_999, tzinfo=UTC)
URL = "https://harbour.example/news/7?utm_source=feed"
BODY = "".join(
    f"<p>The harbour office told the {boats} boats of pier {n} to wait, and they waited there until noon.</p>"
    for n, boats in enumerate(("forty", "thirty", "twelve", "nine"))
)


def make_page(head: str) -> bytes:
    return f"<html><head><title>Tide</title>{head}</head><body><h1>Tide</h1>{BODY}</body></html>".encode()


def story(**claims: object) -> StoryPage:
    return StoryPage(page="p", url=URL, origin="https://harbour.example", source="harbour", claims=claims)


HEADS = [
    pytest.param("", id="nothing"),
    pytest.param('<link rel="canonical" href="https://harbour.example/tide">', id="canonical link"),
    pytest.param("<link href=/tide rel=canonical>", id="relative, without quotes, the other way round"),
    pytest.param("<LINK REL='Canonical' HREF='https://www.harbour.example/tide'>", id="capitals"),
    pytest.param('<link rel="canonical" href="https://other.example/tide">', id="another site"),
    pytest.param('<link rel="canonical" href="https://harbour.example/">', id="the front page"),
    pytest.param('<link rel="canonical" href="/t?a=1&amp;b=2">', id="entities"),
    pytest.param('<meta property="og:url" content="https://harbour.example/graph">', id="open graph"),
    pytest.param(
        '<meta property="og:url" content="https://harbour.example/graph">'
        '<link rel="canonical" href="https://harbour.example/tide">',
        id="both",
    ),
    pytest.param(
        '<link rel="canonical" href="javascript:0"><meta property="og:url" content="/graph">', id="no address"
    ),
]


@pytest.mark.parametrize("head", HEADS)
def test_a_page_is_known_by_the_id_that_its_article_gets(head: str) -> None:
    page = Page(asked=URL, url=URL, status=200, body=make_page(head), content_type="text/html", fetched_at=AT)
    raw = deliver_page(story(), page)
    (letter,) = CleanStep(rules=Rules([]))(raw_letter(URL, raw))
    assert name_article(URL, page.body, {}) == decode(letter.value, Cleaned).article.article_id


def test_a_page_comes_with_what_its_source_says_of_it() -> None:
    page = Page(asked=URL, url="https://harbour.example/7", status=200, body=b"\xff", fetched_at=AT)
    raw = deliver_page(story(title="Tide", authors=["Desk"], published_at="Sun, 01 Mar 2026"), page)
    assert (raw.url, raw.source, raw.title, raw.authors) == (page.url, "harbour", "Tide", ("Desk",))
    assert (raw.published_at, read_content(raw)) == ("Sun, 01 Mar 2026", b"\xff")
    assert raw.fetched_at == AT.replace(microsecond=0)  # the id is of the time as the record has it
    assert decode(raw_letter(URL, raw).value, RawArticle) == raw


@pytest.mark.parametrize(
    ("item", "content", "kind"),
    [
        (Item(id="1", content="<p>All</p>", summary="Some"), b"<p>All</p>", "text/html; charset=utf-8"),
        (Item(id="1", content="All", is_html=False), b"All", "text/plain; charset=utf-8"),
        (Item(id="1", summary="Some"), b"Some", "text/html; charset=utf-8"),
        (Item(id="1", title="Only a title"), b"", "text/html; charset=utf-8"),
    ],
)
def test_an_item_is_delivered_as_its_feed_has_it(item: Item, content: bytes, kind: str) -> None:
    raw = deliver_item("harbour", item, AT)
    assert (read_content(raw), raw.content_type) == (content, kind)
    assert json.loads(raw_letter("x", raw).value)["title"] == item.title
