"""Links of pages: of articles, of feeds; and lists of feeds."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.discover import find_feeds, guess_feeds
from connectors.feeds.listing import read_links
from connectors.feeds.opml import OpmlError, Outline, read_opml, write_opml

URL = "https://harbour.example/news/"


@pytest.mark.parametrize(
    ("page", "links"),
    [
        pytest.param('<a href="2">b</a><a href="/news/1">a</a>', ["news/2", "news/1"], id="in their order"),
        pytest.param(
            '<a href="1">a</a><a href="1#x">a</a><a href="1?utm_source=x">', ["news/1"], id="each once"
        ),
        pytest.param('<base href="/news/2026/"><a href="1">', ["news/2026/1"], id="base"),
        pytest.param('<a href="/imprint"><a href="mailto:x@y.example"><a>', [], id="others"),
        pytest.param('<div><a href="1"<p><b></div>', ["news/1"], id="broken"),
        pytest.param('<a href="//other.example/news/1">', [], id="another site"),
    ],
)
def test_the_links_that_a_pattern_matches(page: str, links: list[str]) -> None:
    pattern = re2.compile(r"^https://harbour\.example/news/.")
    found = read_links(page.encode(), "text/html; charset=utf-8", URL, pattern)
    assert [item.url for item in found] == [f"https://harbour.example/{link}" for link in links]
    assert read_links(b"", "", URL, pattern) == ()


def test_the_best_feed_of_a_page_is_its_own_of_articles() -> None:
    kind = 'rel="alternate" type="application/rss+xml"'
    page = (
        f'<link {kind} href="https://other.example/feed"><link {kind} href="/comments/feed" title="Comments">'
        f'<link {kind} href="/feed"><link rel="alternate" hreflang="ar" href="/ar">'
        '<link rel="alternate" type="application/feed+json; charset=utf-8" href="/feed.json">'
    )
    assert find_feeds(page.encode(), URL) == (
        "https://harbour.example/feed",
        "https://harbour.example/feed.json",
        "https://other.example/feed",
        "https://harbour.example/comments/feed",
    )
    assert find_feeds(b"", URL) == ()
    assert "https://harbour.example/feed" in guess_feeds(URL)


def test_a_list_of_feeds_is_flattened_and_each_is_named_once() -> None:
    body = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>
    <opml version="1.0"><body>
    <outline text="Ports"><outline title="قوارب &amp; موانئ" xmlUrl="https://harbour.example/feed"/>
    <outline text="Same" xmlurl="https://harbour.example/feed"/></outline>
    <outline text="&a;" xmlUrl="https://ferry.example/feed"/><outline xmlUrl="file:///etc/passwd"/></body></opml>"""
    first, second = read_opml(body.encode())
    assert first == Outline(url="https://harbour.example/feed", title="قوارب & موانئ")
    assert second.url == "https://ferry.example/feed"
    assert "root" not in (second.title or "")


def test_a_list_loads_no_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "a.dtd").write_text('<!ENTITY a "what the file holds">')
    (tmp_path / "a.txt").write_text("what the file holds")
    for declared in (
        f'SYSTEM "{(tmp_path / "a.dtd").as_uri()}"',
        f'[<!ENTITY % d SYSTEM "{(tmp_path / "a.dtd").as_uri()}"> %d;]',
        f'[<!ENTITY a SYSTEM "{(tmp_path / "a.txt").as_uri()}">]',
    ):
        body = f'<!DOCTYPE opml {declared}><opml><body>&a;<outline text="x&a;" xmlUrl="{URL}"/></body></opml>'
        assert "holds" not in repr(read_opml(body.encode()))


def test_a_list_whose_entities_grow_without_end_is_read_in_no_time() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
    body = f'<!DOCTYPE opml [{bomb}]><opml><body><outline text="&a9;" xmlUrl="{URL}"/></body></opml>'
    began = time.process_time()
    with suppress(OpmlError):
        assert len(repr(read_opml(body.encode()))) < 1_000
    assert time.process_time() - began < 1


@pytest.mark.parametrize("body", [b"", b"<html/>", b"words", b"{}"])
def test_what_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(OpmlError):
        read_opml(body)


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5))
def test_a_list_that_is_written_is_read(titles: list[str]) -> None:
    outlines = [Outline(url=f"https://h.example/{n}?a=1&b=2", title=title) for n, title in enumerate(titles)]
    read = read_opml(write_opml(outlines))
    assert [one.url for one in read] == [one.url for one in outlines]
    for one, title in zip(read, titles, strict=True):
        if title.isprintable() and title.strip():
            assert one.title == " ".join(title.split())
