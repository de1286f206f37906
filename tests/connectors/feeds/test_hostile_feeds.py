"""Feeds made to harm: nothing that they name is opened or fetched, and nothing but FeedError is raised."""

import builtins
import socket
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.feeds.feed import FeedError, read_feed
from connectors.feeds.opml import OpmlError, read_opml
from connectors.feeds.sitemap import SitemapError, read_sitemap
from tests.feeds import ATOM, URL, item, rss

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


NAMED = [
    '<!DOCTYPE rss SYSTEM "http://{}/a.dtd">',
    '<!DOCTYPE rss PUBLIC "-//A//B" "http://{}/a.dtd" [<!ENTITY a ">">]>',
    '<!DOCTYPE rss [<!ENTITY a SYSTEM "http://{}/a">]>',
    '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://{}/a"> %a;]>',
    '<?xml-stylesheet type="text/xsl" href="http://{}/a.xsl"?>',
]


def test_a_server_that_a_feed_names_is_never_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = "{}:{}".format(*server.getsockname())
        for head in NAMED:
            named = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://{host}/x"/>&a;'
            feed = rss(item(1, f"<description>{named}</description>"))
            assert len(read_feed((head.format(host) + feed).encode(), "", URL).items) == 1
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


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


# What makes readers choose, and random bytes behind it.
STARTS = [
    b"",
    b"<rss>",
    b'{"items": [',
    b"\x1f\x8b",
    b"\xff\xfe<\0",
    b"<opml>",
    b"<urlset>",
    b"http://",
    b"<?xml",
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=200), st.sampled_from(["", "text/xml; charset=utf-16"]))
def test_nothing_but_their_own_errors_comes_of_any_bytes(start: bytes, end: bytes, content_type: str) -> None:
    with suppress(FeedError):
        read_feed(start + end, content_type, URL)
    with suppress(SitemapError):
        read_sitemap(start + end, URL)
    with suppress(OpmlError):
        read_opml(start + end)
