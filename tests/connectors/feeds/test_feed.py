"""Feeds of every format and sort of brokenness: what a reader would show comes, and nothing else happens."""

import builtins
import json
import socket
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.feeds.feed import FeedError, read_feed

URL = "https://harbour.example/feed.xml"
ARABIC = "عودة القوارب إلى الرصيف"


def rss(items: str, head: str = "", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>Harbour</title>{head}{items}</channel></rss>'


def item(number: int, more: str = "") -> str:
    return (
        f"<item><title>Tide {number}</title><link>https://harbour.example/{number}</link>"
        f"<guid isPermaLink='false'>id-{number}</guid>{more}</item>"
    )


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>H</title>
<link rel="hub" href="https://hub.example/"/><link rel="self" href="{URL}"/>
<entry><id>urn:1</id><title type="html">&lt;b&gt;{ARABIC}&lt;/b&gt; &amp;amp; more</title>
<link rel="alternate" href="/1"/><link rel="enclosure" href="https://harbour.example/1.mp3"/>
<author><name>ليان الساحلي</name></author><author><name>Desk</name></author>
<published>2026-03-01T10:00:00+02:00</published><updated>2026-03-01T11:00:00Z</updated>
<summary>Short</summary><content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""
RDF = """<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>H</title></channel><item rdf:about="x">
<title>Tide</title><link>https://harbour.example/1</link><dc:creator>Desk</dc:creator></item></rdf:RDF>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "H",
    "language": "ar",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {"id": 7, "url": "https://harbour.example/7", "title": ARABIC, "content_html": "<p>x</p>",
         "authors": [{"name": "Desk"}], "date_published": "2026-03-01T10:00:00Z"},
        {"id": "8", "content_text": "Only text"},
    ],
}  # fmt: skip


def test_atom_is_read_with_all_that_it_says() -> None:
    feed = read_feed(ATOM.encode(), "application/atom+xml", URL)
    (one,) = feed.items
    assert (one.id, one.url) == ("urn:1", "https://harbour.example/1")
    assert one.title == f"{ARABIC} & more"
    assert one.authors == ("ليان الساحلي", "Desk")
    assert one.published_at == "2026-03-01T10:00:00+02:00"
    assert (one.summary, one.content, one.language, one.whole) == ("Short", "<p>Long</p>", "ar", False)
    assert (feed.hub, feed.topic) == ("https://hub.example/", URL)


def test_rdf_and_json_feeds_are_read() -> None:
    (one,) = read_feed(RDF.encode(), "application/rdf+xml", URL).items
    assert (one.title, one.url, one.authors) == ("Tide", "https://harbour.example/1", ("Desk",))
    feed = read_feed(json.dumps(JSON).encode(), "application/json", URL)
    assert [one.id for one in feed.items] == ["7", "8"]
    assert (feed.items[0].title, feed.items[0].authors, feed.hub) == (
        ARABIC,
        ("Desk",),
        "https://hub.example/",
    )
    assert (feed.items[1].url, feed.items[1].content, feed.items[1].is_html) == (None, "Only text", False)


@pytest.mark.parametrize(
    ("more", "name", "value"),
    [
        ("<author>desk@harbour.example (Harbour Desk)</author>", "authors", ("Harbour Desk",)),
        ("<pubDate>Sun, 01 Mar 2026 10:00 +0200</pubDate>", "published_at", "Sun, 01 Mar 2026 10:00 +0200"),
        ("<description>&lt;p&gt;Short&lt;/p&gt;</description>", "content", "<p>Short</p>"),
        ("<link>javascript:alert(1)</link>", "url", "https://harbour.example/1"),
        (
            "<feedburner:origLink>https://harbour.example/own</feedburner:origLink>",
            "url",
            "https://harbour.example/own",
        ),
    ],
)  # fmt: skip
def test_an_item_of_rss_says_what_it_says(more: str, name: str, value: object) -> None:
    names = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    (one,) = read_feed(rss(item(1, more), attributes=names).encode(), "text/xml", URL).items
    assert getattr(one, name) == value


@pytest.mark.parametrize(
    ("head", "every"),
    [
        ("", None),
        ("<ttl>60</ttl>", 3600),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>daily</sy:updatePeriod><ttl>5</ttl>", 86_400),
    ],
)
def test_how_often_the_publisher_wants_to_be_asked(head: str, every: float | None) -> None:
    names = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert read_feed(rss(item(1), head, names).encode(), "text/xml", URL).every == every


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


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
HOSTILE = [
    pytest.param(f"<!DOCTYPE rss [{BOMB}]>", "&a9;", id="billion laughs"),
    pytest.param(f'<!DOCTYPE rss [<!ENTITY a "{"x" * 100_000}">]>', "&a;" * 10_000, id="quadratic"),
    pytest.param('<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;", id="a file"),
    pytest.param('<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">', "", id="an external DTD"),
    pytest.param('<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>', "", id="a parameter"),
    pytest.param('<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>', "", id="a style sheet"),
    pytest.param(
        "",
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>',
        id="xinclude",
    ),
]


@pytest.mark.parametrize(("head", "inside"), HOSTILE)
def test_a_hostile_feed_opens_and_fetches_nothing(
    monkeypatch: pytest.MonkeyPatch, head: str, inside: str
) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise AssertionError("something was opened")

    body = (head + rss(item(1, f"<description>{inside}</description>"))).encode()
    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", refuse)
        patched.setattr(builtins, "open", refuse)
        (one,) = read_feed(body, "application/rss+xml", URL).items
    assert one.title == "Tide 1"
    assert "root:" not in (one.content or "")
    assert len(one.content or "") < 100_000


@pytest.mark.parametrize(
    ("changed", "other"),
    [
        ({"title": "Ebb"}, True),
        ({"content": "<p>Mended.</p>"}, True),
        ({"date": "2026-03-02T00:00:00Z"}, True),
        ({"content": '<p>Text.</p><img src="https://count.example/2">'}, False),
    ],
)
def test_an_item_has_another_stamp_when_it_was_changed(changed: dict[str, str], other: bool) -> None:
    def stamp(title: str = "Tide", content: str = "<p>Text.</p>", date: str = "2026-03-01T00:00:00Z") -> str:
        entry = {"id": 1, "title": title, "content_html": content, "date_modified": date}
        body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [entry]})
        return read_feed(body.encode(), "", URL).items[0].stamp

    assert (stamp(**changed) != stamp()) is other


def test_every_item_of_a_long_feed_comes() -> None:
    body = rss("".join(item(number) for number in range(2_000))).encode()
    assert len(read_feed(body, "text/xml", URL).items) == 2_000


VALID = (rss(item(1) + item(2, "<description>x</description>")) + ATOM).encode()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_but_a_feed_error_comes_of_a_mangled_feed(data: st.DataObject) -> None:
    body = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with suppress(FeedError):
        read_feed(bytes(body), data.draw(st.sampled_from(["", "text/xml", "text/html; charset=x"])), URL)
