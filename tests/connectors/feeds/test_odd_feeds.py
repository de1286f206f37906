"""Feeds of every sort of brokenness: what a reader would show comes, and what is none is told."""

import pytest

from connectors.feeds.feed import MOST_ITEMS, FeedError, read_feed
from tests.feeds import ARABIC, URL, item, rss

DECLARED = '<?xml version="1.0" encoding="{}"?>'
TITLED = rss(f"<item><title>{ARABIC}</title><link>https://harbour.example/1</link></item>")
CHARSETS = [
    pytest.param(TITLED.encode(), "text/xml", id="utf-8, nothing said"),
    pytest.param(b"\xef\xbb\xbf" + TITLED.encode(), "text/xml", id="byte order mark"),
    pytest.param(TITLED.encode("utf-16"), "text/xml", id="utf-16"),
    pytest.param(TITLED.encode("utf-16-be"), "text/xml", id="utf-16 without a mark"),
    pytest.param((DECLARED.format("utf-16") + TITLED).encode("utf-16"), "text/xml", id="utf-16, said"),
    pytest.param((DECLARED.format("windows-1256") + TITLED).encode("cp1256"), "text/xml", id="1256, said"),
    pytest.param(TITLED.encode("cp1256"), "text/xml; charset=windows-1256", id="1256, said by HTTP"),
    pytest.param((DECLARED.format("utf-8") + TITLED).encode("cp1256"), "text/xml", id="1256 that says utf-8"),
    pytest.param((DECLARED.format("windows-1256") + TITLED).encode(), "text/xml", id="utf-8 that says 1256"),
    pytest.param((DECLARED.format("iso-8859-1") + TITLED).encode(), "text/xml", id="utf-8 that says latin"),
    pytest.param(TITLED.encode(), "text/xml; charset=iso-8859-1", id="utf-8, HTTP says latin"),
    pytest.param(b"\n\n " + (DECLARED.format("utf-8") + TITLED).encode(), "", id="space before it"),
]


@pytest.mark.parametrize(("body", "content_type"), CHARSETS)
def test_letters_come_right_whatever_charset_is_said(body: bytes, content_type: str) -> None:
    (one,) = read_feed(body, content_type, URL).items
    assert one.title == ARABIC


ODD = [
    pytest.param(rss(item(1) + item(2) + item(3))[:-60], ["id-1", "id-2"], id="half a feed"),
    pytest.param(rss(item(1) + item(1)), ["id-1"], id="the same twice"),
    pytest.param(
        rss(item(1) + item(1).replace("/1<", "/2<")),
        ["id-1 https://harbour.example/1", "id-1 https://harbour.example/2"],
        id="one id for two",
    ),
    pytest.param(rss(item(1, "<x>\x0b\x00</x>")), ["id-1"], id="control characters"),
    pytest.param(
        rss(item(1, "<b><i></b></i>") + "&nbsp;&unknown;" + item(2)), ["id-1", "id-2"], id="not XML"
    ),
    pytest.param(
        rss(item(1).replace("<guid isPermaLink='false'>id-1</guid>", "")),
        ["https://harbour.example/1"],
        id="no id",
    ),
    pytest.param(rss(""), [], id="empty and valid"),
    pytest.param(
        rss("<item><title>" + "x" * 1_000_000 + "</title></item>"), None, id="a title of a megabyte"
    ),
]


@pytest.mark.parametrize(("text", "ids"), ODD)
def test_an_odd_feed_gives_what_a_reader_would_show(text: str, ids: list[str] | None) -> None:
    items = read_feed(text.encode(), "application/rss+xml", URL).items
    if ids is None:
        assert len(items) == 1
        assert len(items[0].title or "") == 10_000
    else:
        assert [one.id for one in items] == ids


NO_FEED = [
    pytest.param(b"", "nothing", id="nothing"),
    pytest.param(b"<!DOCTYPE html><html><body>Wait</body></html>", "HTML", id="HTML"),
    pytest.param(b"Not found", "not a feed", id="words"),
    pytest.param(b'{"error": 1}', "JSON, but not of a feed", id="other JSON"),
    pytest.param(b'{"items": [', "none", id="half of JSON"),
    pytest.param(
        b'{"version": "https://jsonfeed.org/version/1", "items": ["\\ud800"]}', "none", id="surrogate"
    ),
    pytest.param(b"<rss version='2.0'><channel><title>Harb", "cut off", id="cut off at the beginning"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "XML", id="other XML"),
    pytest.param(b"<rss><channel>" + b"<item>" * 100_000, "without end", id="nested"),
    pytest.param(b"[" * 100_000, "not a feed", id="deep JSON"),
    pytest.param(b'{"items":' + b"[" * 100_000, "none", id="deeper JSON"),
]


@pytest.mark.parametrize(("body", "told"), NO_FEED)
def test_what_is_no_feed_is_told(body: bytes, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        read_feed(body, "text/xml", URL)


@pytest.mark.parametrize("number", [2_000, pytest.param(50_003, marks=pytest.mark.slow)])
def test_every_item_of_a_long_feed_comes_and_what_is_beyond_the_bound_is_counted(number: int) -> None:
    body = rss("".join(item(n) for n in range(number))).encode()
    feed = read_feed(body, "text/xml", URL)
    assert len(feed.items) == min(number, MOST_ITEMS)
    assert feed.cut == max(0, number - MOST_ITEMS)
