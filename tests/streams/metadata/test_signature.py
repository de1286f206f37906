"""Authors are who signs: in the marks of a page first, then in what it shows."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from lxml import html

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.metadata.read import read_metadata

URL = "https://www.harbour.example/news/ferry-resumes"


def read(head: str, body: str = "<h1>Ferry service resumes</h1>", **claims: Any) -> Metadata:
    claims = {"url": URL, "fetched_at": datetime(2024, 5, 7, tzinfo=UTC), **claims}
    raw = RawArticle(raw_id="0" * 32, source="test", content_type="text/html", **claims)
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    tree = html.fromstring(page, parser=html.HTMLParser(encoding="utf-8"))
    return read_metadata(Draft(raw=raw, host="www.harbour.example", tree=tree)).metadata


def linked(**fields: Any) -> str:
    node = {"@type": "NewsArticle", "publisher": {"name": "Harbour Post"}, **fields}
    return f'<script type="application/ld+json">{orjson.dumps(node).decode()}</script>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param('<a rel="author" href="/x">Jane Roe</a>', ("Jane Roe",), id="rel"),
        pytest.param(
            '<b itemprop="author"><i itemprop="name">Jane Roe</i> Editor</b>', ("Jane Roe",), id="microdata"
        ),
        pytest.param(
            '<p>von <a href="/autoren/jane-roe">Jane Roe</a></p>', ("Jane Roe",), id="link to a profile"
        ),
        pytest.param(
            '<p><a href="/author/jr">Jane Roe</a> <a href="/author/jd">John Doe</a></p>'
            '<ul><li><a href="/author/x">Ann Poe</a></ul>',
            ("Jane Roe", "John Doe"),
            id="two links, and another article's",
        ),
        pytest.param('<div class="byline">Jane Roe</div>', ("Jane Roe",), id="class"),
        pytest.param("<p>By Jane Roe</p>", ("Jane Roe",), id="words"),
        pytest.param("<p>By the time the ferry came</p>", (), id="a sentence"),
    ],
)
def test_authors_stand_beneath_the_headline_of_a_page_that_marks_none(
    body: str, expected: tuple[str, ...]
) -> None:
    assert read("", f"<h1>Ferry service resumes</h1><div>{body}</div><p>Body.</p>").authors == expected


def test_who_names_only_the_site_gives_way_to_who_names_somebody() -> None:
    page = linked(author={"@type": "Organization", "name": "Harbour Post"})
    assert read(page).authors == ("Harbour Post",)
    assert read(page + '<meta name="author" content="Jane Roe">').authors == ("Jane Roe",)
    assert read(linked(author=["Harbour Post", "Jane Roe"])).authors == ("Jane Roe",)


def test_names_of_persons_are_found_by_their_id() -> None:
    graph = {
        "@graph": [
            {"@type": "NewsArticle", "author": {"@id": "#jane"}, "publisher": {"@id": "#org"}},
            {"@type": "Person", "@id": "#jane", "name": "Jane Roe"},
            {"@type": "Organization", "@id": "#org", "name": "Harbour Post"},
        ]
    }
    found = read(f'<script type="application/ld+json">{orjson.dumps(graph).decode()}</script>')
    assert (found.authors, found.publisher) == (("Jane Roe",), "Harbour Post")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param('<meta name="author" content="jr@post.example (Jane Roe)">', ("Jane Roe",), id="author"),
        pytest.param(
            '<meta property="article:author" content="https://social.example/jr">', (), id="address"
        ),
        pytest.param('<meta name="parsely-author" content="Jane Roe">', ("Jane Roe",), id="parsely"),
        pytest.param(
            '<meta name="articleAuthor" content="Jane Roe">', ("Jane Roe",), id="no marks in the name"
        ),
        pytest.param(
            '<meta name="citation_author" content="Roe, Jane">'
            '<meta name="citation_author" content="Doe, John">',
            ("Jane Roe", "John Doe"),
            id="library order",
        ),
        pytest.param(
            '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Jane Roe">',
            ("Jane Roe",),
            id="card label",
        ),
        pytest.param(
            '<meta name="twitter:label1" content="Reading"><meta name="twitter:data1" content="3 min">',
            (),
            id="another card label",
        ),
    ],
)
def test_meta_elements_name_authors_in_many_ways(head: str, expected: tuple[str, ...]) -> None:
    assert read(head).authors == expected
