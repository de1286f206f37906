"""Entries of feeds: addresses, ids and texts as they were meant, and none that nobody wrote."""

import json
from collections.abc import Callable

import pytest

from connectors.feeds.feed import read_feed
from connectors.feeds.item import Item
from tests.feeds import rss

Reader = Callable[[str], Item]
URL = "https://harbour.example/news/feed.xml"
NAMES = """xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" """
PAGE = "https://harbour.example/1"
PARAGRAPH = f"<p>{'The northern ferry waits for the tide. ' * 8}</p>"
PART, LONG = PARAGRAPH * 3, PARAGRAPH * 8
ENCODED = f"<content:encoded><![CDATA[{PART}]]></content:encoded>"


def read_rss(entry: str, version: str = "2.0") -> Item:
    text = rss(f"<item><title>Tide</title>{entry}</item>", attributes=NAMES)
    (item,) = read_feed(text.replace('"2.0"', f'"{version}"', 1).encode(), "text/xml", URL).items
    return item


def read_old_rss(entry: str) -> Item:
    return read_rss(entry, "0.91")


def read_atom(entry: str) -> Item:
    space = 'xmlns="http://www.w3.org/2005/Atom" xml:base="https://ferry.example/a/"'
    text = f"<feed {space}><entry xml:base='b/'><title>Tide</title>{entry}</entry></feed>"
    (item,) = read_feed(text.encode(), "application/atom+xml", URL).items
    return item


def read_json(entry: str) -> Item:
    feed = {"version": "https://jsonfeed.org/version/1", "items": [json.loads(entry) | {"title": "Tide"}]}
    (item,) = read_feed(json.dumps(feed).encode(), "application/feed+json", URL).items
    return item


ADDRESSES = [
    pytest.param(read_rss, f"<guid>{PAGE}</guid>", PAGE, PAGE, id="guid that is a link"),
    pytest.param(read_rss, "<guid isPermaLink='false'>12</guid>", "12", None, id="guid that is none"),
    pytest.param(read_rss, "<guid>12</guid>", "12", None, id="guid that says it is a link, and is none"),
    pytest.param(read_rss, "<guid><![CDATA[ 12 ]]></guid>", "12", None, id="guid in CDATA"),
    pytest.param(read_rss, f"<guid>12</guid><link>{PAGE}</link>", "12", PAGE, id="guid and link"),
    pytest.param(read_rss, f"<guid /><link>{PAGE}</link>", PAGE, PAGE, id="empty guid"),
    pytest.param(read_old_rss, f"<link>{PAGE}</link>", PAGE, PAGE, id="RSS 0.91"),
    pytest.param(read_rss, "<guid>1</guid><link>2?x=1</link>", "1",
                 "https://harbour.example/news/2?x=1", id="relative link"),
    pytest.param(read_rss, f"<guid>1</guid><link>https://count.example/9</link><feedburner:origLink>{PAGE}"
                          "</feedburner:origLink>", "1", PAGE, id="link behind a counter"),
    pytest.param(read_atom, "<id>1</id><link href='c'/>", "1",
                 "https://ferry.example/a/b/c", id="xml:base within xml:base"),
    pytest.param(read_atom, f"<id>urn:x:1</id><link rel='self' href='/s'/><link href='{PAGE}'/>", "urn:x:1",
                 PAGE, id="alternate among others"),
    pytest.param(read_json, '{"id": 5, "url": "/1"}', "5", PAGE, id="JSON, relative"),
    pytest.param(read_json, f'{{"id": "5", "external_url": "{PAGE}"}}', "5", PAGE, id="JSON, external"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "entry", "id", "url"), ADDRESSES)
def test_an_item_has_the_id_and_the_address_that_were_meant(
    read: Reader, entry: str, id: str, url: str | None
) -> None:
    item = read(entry)
    assert (item.id, item.url) == (id, url)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "mailto:desk@harbour.example", "data:text/html,x"]
)
def test_what_is_no_address_of_a_page_is_none(link: str) -> None:
    read = [
        read_rss(f"<guid isPermaLink='false'>1</guid><link>{link}</link>"),
        read_rss(f"<guid>{link}</guid>"),
        read_atom(f"<id>1</id><link href='{link}'/>"),
        read_json(f'{{"id": 1, "url": "{link}"}}'),
    ]
    assert [item.url for item in read] == [None] * 4


TEXTS = [
    pytest.param(read_rss, f"<description>Short</description>{ENCODED}", "Short", True, id="both"),
    pytest.param(read_rss, f"{ENCODED}<description>Short</description>", "Short", True, id="turned round"),
    pytest.param(read_rss, ENCODED, None, True, id="content alone"),
    pytest.param(read_atom, f"<content type='html'><![CDATA[{PART}]]></content>", None, True, id="Atom"),
    pytest.param(read_json, f'{{"content_html": "{PART}", "summary": "Short"}}', "Short", True, id="JSON"),
    pytest.param(read_rss, f"<description><![CDATA[{PART}]]></description>", PART, False,
                 id="description of 900 letters"),
    pytest.param(read_rss, f"<description><![CDATA[{LONG}]]></description>", LONG, True,
                 id="long description"),
    pytest.param(read_rss, f"<description><![CDATA[{PART}]]></description>"
                          f"<content:encoded><![CDATA[{PART}]]></content:encoded>", PART, False,
                 id="a teaser in both"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "entry", "summary", "whole"), TEXTS)
def test_the_summary_and_whether_the_article_is_there(
    read: Reader, entry: str, summary: str | None, whole: bool
) -> None:
    item = read(entry)
    assert (item.summary, item.whole) == (summary, whole)


def test_an_entry_says_its_own_language_and_authors() -> None:
    item = read_rss("<dc:language>fa</dc:language><dc:creator>Desk</dc:creator><dc:creator>Pier</dc:creator>")
    assert (item.language, item.authors) == ("fa", ("Desk", "Pier"))
    assert read_json('{"author": {"name": "Desk"}}').authors == ("Desk",)
