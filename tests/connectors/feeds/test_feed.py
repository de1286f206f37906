"""Feeds of every format: what they say is read, and another stamp tells that an item was changed."""

import json

import pytest

from connectors.feeds.feed import read_feed
from tests.feeds import ARABIC, ATOM, URL, item, rss

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
