"""Pages tell who wrote what and when; hostile ones cost little and break nothing."""

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from lxml import html

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.metadata.read import language_tag, read_metadata

URL = "https://www.harbour.example/news/ferry-resumes"
LINKED = {
    "@type": "NewsArticle",
    "headline": "Ferry service resumes",
    "author": [{"@type": "Person", "name": "Jane Roe"}],
    "datePublished": "2024-05-06T08:00:00+02:00",
    "dateModified": "2024-05-06T10:00:00+02:00",
    "publisher": {"@type": "Organization", "name": "Harbour Post"},
    "articleSection": "Transport",
    "keywords": ["ferries", "ports"],
}


SCRIPT = '<script type="application/ld+json">'


def draft(markup: str | None, **claims: Any) -> Draft:
    claims = {"url": URL, "fetched_at": datetime(2024, 5, 7, tzinfo=UTC), **claims}
    raw = RawArticle(raw_id="0" * 32, source="test", content_type="text/html", **claims)
    tree = html.fromstring(markup, parser=html.HTMLParser(encoding="utf-8")) if markup else None
    return Draft(raw=raw, host="www.harbour.example", tree=tree)


def read(head: str, body: str = "<h1>Ferry service resumes</h1>", **claims: Any) -> Metadata:
    markup = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    found = read_metadata(draft(markup, **claims))
    assert (found.title, found.authors) == (found.metadata.title, found.metadata.authors)
    return found.metadata


def linked(**fields: Any) -> str:
    return f"{SCRIPT}{orjson.dumps({**LINKED, **fields}).decode()}</script>"


def test_linked_data_tells_everything() -> None:
    found = read(linked(image=["/ferry.jpg"], inLanguage="en-gb"))
    assert (found.title, found.authors, found.publisher) == (
        "Ferry service resumes",
        ("Jane Roe",),
        "Harbour Post",
    )
    assert (found.section, found.tags, found.language) == ("Transport", ("ferries", "ports"), "en-GB")
    assert found.image == "https://www.harbour.example/ferry.jpg"
    assert found.published is not None
    assert found.modified is not None
    assert found.published.at == datetime(2024, 5, 6, 6, tzinfo=UTC)
    assert found.modified.at == datetime(2024, 5, 6, 8, tzinfo=UTC)
    assert (found.published.origin, found.published.precision) == ("jsonld.datePublished", "second")
    assert found.published.written == "2024-05-06T08:00:00+02:00"


def test_meta_elements_tell_everything() -> None:
    found = read(
        """<title>Ferry service resumes | Harbour Post</title>
        <meta property="og:title" content="Ferry service resumes - Harbour Post">
        <meta property="og:site_name" content="Harbour Post">
        <meta name="author" content="By Jane Roe and John Doe">
        <meta property="article:published:time" content="2024-05-06T06:00:00Z">
        <meta property="article:tag" content="ferries"><meta property="article:tag" content="ports">
        <meta property="og:locale" content="en_US"><meta property="og:url" content="/news/ferry">
        <meta name="twitter:image" content="//cdn.example/1.jpg">"""
    )
    assert (found.title, found.authors, found.publisher) == (
        "Ferry service resumes",
        ("Jane Roe", "John Doe"),
        "Harbour Post",
    )
    assert (found.tags, found.language) == (("ferries", "ports"), "en-US")
    assert (found.canonical_link, found.image) == (
        "https://www.harbour.example/news/ferry",
        "https://cdn.example/1.jpg",
    )
    assert found.published is not None
    assert (found.published.at, found.published.origin) == (
        datetime(2024, 5, 6, 6, tzinfo=UTC),
        "meta.article:published:time",
    )


def test_an_arabic_page_without_marks_is_read_by_what_it_shows() -> None:
    found = read(
        "<title>عودة العبّارة إلى العمل في الميناء | صحيفة الميناء</title>",
        """<h1>عودة العبّارة إلى العمل في الميناء</h1><div>بقلم: سارة الأحمد</div>
        <span>الاثنين ٦ أيار ٢٠٢٤ - 14:30</span><p>نص</p>""",
    )
    assert (found.title, found.authors) == ("عودة العبّارة إلى العمل في الميناء", ("سارة الأحمد",))
    assert found.published is not None
    assert (found.published.at, found.published.origin) == (datetime(2024, 5, 6, 14, 30, tzinfo=UTC), "text")


def test_the_pages_word_comes_before_the_sources_claim() -> None:
    claims: dict[str, Any] = {
        "title": "Claimed",
        "authors": ("Claimed Name",),
        "published_at": "2024-01-01",
        "language": "ar",
    }
    found = read(linked(inLanguage="en"), **claims)
    assert (found.title, found.authors, found.language) == ("Ferry service resumes", ("Jane Roe",), "en")
    found = read("", "<p>No more than this.</p>", **claims)
    assert (found.title, found.authors, found.language) == ("Claimed", ("Claimed Name",), "ar")
    assert found.published is not None
    assert (found.published.at, found.published.origin) == (datetime(2024, 1, 1, tzinfo=UTC), "source")


def test_plain_text_has_its_sources_claims_alone() -> None:
    found = read_metadata(
        draft(None, title=" عنوان&nbsp;الخبر ", authors=("بقلم: سارة الأحمد",), published_at="منذ ساعتين")
    )
    assert (found.title, found.authors) == ("عنوان الخبر", ("سارة الأحمد",))
    assert found.metadata.published is not None
    assert (found.metadata.published.at, found.metadata.published.written) == (None, "منذ ساعتين")


def test_a_time_without_a_zone_is_taken_in_the_zone_of_the_source() -> None:
    page = f'<html><head><meta name="pubdate" content="2024-05-06 08:00"></head><body>{"x" * 9}</body></html>'
    found = read_metadata(draft(page), zone=timezone(timedelta(hours=3))).metadata
    assert found.published is not None
    assert found.published.at == datetime(2024, 5, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("en_us", "en-US"),
        ("AR", "ar"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("ar, en", "ar"),
        ("english language", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_are_written_as_bcp_47_does(written: str | None, expected: str | None) -> None:
    assert language_tag(written) == expected


def test_a_title_that_was_cut_gives_way_to_the_whole_one() -> None:
    found = read(
        '<meta property="og:title" content="Ferry service …">', "<h1>Ferry service resumes in May</h1>"
    )
    assert found.title == "Ferry service resumes in May"


ODD: list[Any] = [
    None,
    5,
    -1.5,
    True,
    [],
    {},
    [[]],
    [None, 1, {}],
    {"name": 5},
    {"name": {"name": []}},
    {"@id": []},
    {"@value": []},
    "\x00",
]


@pytest.mark.parametrize("odd", [pytest.param(odd, id=repr(odd)) for odd in ODD])
def test_wrong_types_everywhere_break_nothing(odd: Any) -> None:
    fields = (*LINKED, "@id", "url", "mainEntityOfPage", "image", "inLanguage", "creator", "name")
    node = dict.fromkeys(fields, odd)
    for kind in ("NewsArticle", odd):
        page = f"{SCRIPT}{orjson.dumps({**node, '@type': kind}).decode()}</script>"
        orjson.dumps(read(page))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param('<meta name="author" content="Jane Roe">' * 100_000, "", id="100,000 meta elements"),
        pytest.param(
            "".join(f'<meta name="n{n}" content="x">' for n in range(100_000)), "", id="100,000 names"
        ),
        pytest.param(f'<meta name="author" content="{"a, " * 300_000}">', "", id="an endless byline"),
        pytest.param(f"<title>{'a | ' * 300_000}</title>", "", id="an endless title"),
        pytest.param(f'<meta property="og:title" content="{"- | " * 249}">', "", id="marks"),
        pytest.param(
            SCRIPT + '{"@graph":[' * 900 + "]}" * 900 + "</script>",
            "",
            id="deep JSON-LD",
        ),
        pytest.param(linked(articleBody="x" * 4_000_000), "", id="huge JSON-LD"),
        pytest.param(
            linked(author=[{"name": f"Jane Roe{n}"} for n in range(100_000)]), "", id="100,000 authors"
        ),
        pytest.param(
            linked(**dict.fromkeys(("author", "image", "keywords", "publisher"), ["1"] * 100_000)),
            "",
            id="100,000 values of no use",
        ),
        pytest.param("", "<h1>x</h1>" * 50_000, id="50,000 headlines"),
        pytest.param(
            "", "<h1>x</h1>" + "<div>" * 200 + "<i>By Jane Roe 2024</i>" * 50_000, id="50,000 bylines"
        ),
        pytest.param("", '<h1>x</h1><time datetime="2024">' * 50_000, id="50,000 times"),
        pytest.param("", '<i itemprop="author">Jane Roe</i>' * 50_000, id="50,000 authors in microdata"),
    ],
)
def test_a_hostile_page_costs_little(head: str, body: str) -> None:
    page = draft(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>")
    start = time.process_time()
    found = read_metadata(page)
    assert time.process_time() - start < 2
    assert len(orjson.dumps(found.metadata)) < 20_000


def test_lone_surrogates_in_escapes_become_replacement_characters() -> None:
    found = read(
        SCRIPT + '{"@type": "Article", "headline": "Ferry \\ud83d resumes"}</script>',
        "<p>x</p>",
    )
    assert found.title == "Ferry \ufffd resumes"


def test_the_tree_is_left_as_it_was() -> None:
    page = draft(f'<html lang="en"><head>{linked()}</head><body><h1>F</h1><time>2024</time></body></html>')
    assert page.tree is not None
    before = html.tostring(page.tree)
    read_metadata(page)
    assert html.tostring(page.tree) == before
