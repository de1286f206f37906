"""The day of an article comes from the best source that tells it, and from none that guesses wildly."""

from datetime import UTC, datetime
from typing import Any

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


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        pytest.param(
            "", "https://a.example/2015/07/20/x", ("2015-07-20", "url"), id="only the address tells"
        ),
        pytest.param(
            '<meta property="article:published_time" content="2015-11-30">'
            '<meta name="date" content="2015-07-21">',
            "https://a.example/2015/07/20/x",
            ("2015-07-21", "meta.date"),
            id="the address settles which is right",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2024-01-02">',
            "https://a.example/2015/07/20/x",
            ("2024-01-02", "meta.article:published_time"),
            id="the address alone overrules nobody",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2099-01-01">'
            '<meta name="date" content="2024-05-01">',
            URL,
            ("2024-05-01", "meta.date"),
            id="after the fetching",
        ),
        pytest.param(
            '<meta property="article:published" content="yesterday"><meta name="date" content="2024-05-01">',
            URL,
            ("2024-05-01", "meta.date"),
            id="unreadable before readable",
        ),
        pytest.param(
            '<meta property="og:updated_time" content="2024-05-01">',
            URL,
            ("2024-05-01", "meta.og:updated_time"),
            id="change only",
        ),
        pytest.param(
            "<title>Ferry resumes – HP – 01.05.2024</title>", URL, ("2024-05-01", "title"), id="title"
        ),
        pytest.param(
            "", "https://a.example/20240501-ferry", ("2024-05-01", "url"), id="compact in the address"
        ),
        pytest.param("", "https://a.example/article-120240501.html", None, id="a number in the address"),
    ],
)
def test_the_best_day_wins(head: str, url: str, expected: tuple[str, str] | None) -> None:
    found = read(head, url=url).published
    assert (found and found.at and (found.at.date().isoformat(), found.origin)) == expected


def test_no_date_is_made_up() -> None:
    assert read("", "<h1>Ferry service resumes</h1><p>© 2024 Harbour Post</p>").published is None


def test_the_sources_claim_comes_before_what_the_page_only_shows() -> None:
    body = "<h1>Ferry service resumes</h1><p>3 May 2024</p>"
    shown, claimed = read("", body).published, read("", body, published_at="2024-05-02").published
    assert shown is not None
    assert claimed is not None
    assert (shown.origin, shown.written, claimed.origin) == ("text", "3 May 2024", "source")


def test_a_date_far_from_the_headline_is_a_guess_and_a_clock_is_none() -> None:
    filler = "<p>" + "The ferry between the two harbours runs again after the storm. " * 5 + "</p>"
    body = f"<h1>Ferry service resumes</h1>{filler * 3}<div class='post-date'>{{}}</div>"
    guessed = read("", body.format("May 3, 2024")).published
    assert guessed is not None
    assert (guessed.at, guessed.origin) == (datetime(2024, 5, 3, tzinfo=UTC), "htmldate")
    assert read("", body.format("May 7, 2024")).published is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-US", "2024-05-06"), ("en-GB", "2024-06-05"), ("fr", "2024-06-05"), ("en", None)],
)
def test_the_language_of_the_page_settles_which_number_is_the_day(
    language: str, expected: str | None
) -> None:
    found = read(
        f'<meta name="date" content="05/06/2024"><meta name="language" content="{language}">'
    ).published
    assert found is not None
    assert (found.at.date().isoformat() if found.at else None) == expected


def test_an_early_midnight_is_the_day_of_the_publisher_in_utc() -> None:
    found = read('<meta name="date" content="2024-05-06T00:30:00+03:00">').published
    assert found is not None
    assert found.at == datetime(2024, 5, 5, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("fetched", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "2024-05-07"])
def test_a_strange_time_of_fetching_breaks_nothing(fetched: str) -> None:
    moment = datetime.fromisoformat(fetched)
    marked = read('<meta name="pubdate" content="2024-05-06">', fetched_at=moment).published
    assert marked is not None
    assert marked.at == datetime(2024, 5, 6, tzinfo=UTC)
    assert read("", "<p>Nothing here.</p>", fetched_at=moment).published is None
