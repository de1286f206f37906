"""Markup of feeds: what is taken out before it is parsed, and that no shape of it takes long."""

import socket
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.feeds.feed import read_feed
from connectors.feeds.markup import clean_xml, is_nested, is_utf8

URL = "https://harbour.example/feed.xml"
ARABIC = "أعلن مكتب الميناء أن العبارة الشمالية ستعود يوم الثلاثاء بعد أسبوعين من العواصف"
SAYS_UTF8 = '<?xml version="1.0" encoding="utf-8"?>'
SAYS_ARABIC = '<?xml version="1.0" encoding="windows-1256"?>'
MANY = 50_000


def feed(title: str, more: str = "", before: str = "") -> str:
    item = f"<item><title>{title}</title><link>https://harbour.example/1?a=1&amp;b=2</link>{more}</item>"
    return f'{before}<rss version="2.0"><channel><title>Harbour</title>{item}</channel></rss>'


CHARSETS = {
    "utf-8": (feed(ARABIC).encode(), ""),
    "utf-8 with a mark": (b"\xef\xbb\xbf" + feed(ARABIC).encode(), ""),
    "utf-16 with a mark": (feed(ARABIC).encode("utf-16"), ""),
    "utf-16 without a mark": (feed(ARABIC).encode("utf-16-le"), ""),
    "windows-1256 declared": (feed(ARABIC, before=SAYS_ARABIC).encode("cp1256"), ""),
    "windows-1256 undeclared": (feed(ARABIC).encode("cp1256"), ""),
    "windows-1256 that says utf-8": (feed(ARABIC, before=SAYS_UTF8).encode("cp1256"), ""),
    "windows-1256 that says utf-8 twice": (feed(ARABIC, before=SAYS_UTF8).encode("cp1256"), "charset=utf-8"),
    "windows-1256 by the header": (feed(ARABIC).encode("cp1256"), "charset=windows-1256"),
    "utf-8 that says windows-1256": (feed(ARABIC, before=SAYS_ARABIC).encode(), "charset=windows-1256"),
}


@pytest.mark.parametrize(("body", "charset"), CHARSETS.values(), ids=CHARSETS)
def test_a_title_is_read_whatever_its_charset(body: bytes, charset: str) -> None:
    assert read_feed(body, f"application/xml; {charset}", URL).items[0].title == ARABIC


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
TEXTS = {
    "an entity bomb": (f"<!DOCTYPE rss [{LAUGHS}]>", "one &a8; two", "one &a8; two"),
    "a file": ('<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]>', "a &f; b", "a &f; b"),
    "brackets and quotes in a subset": (
        '<!DOCTYPE rss [<!-- don\'t ] --><!ENTITY x "]>">]>',
        "the pier",
        "the pier",
    ),
    "a DTD elsewhere": ('<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/a.dtd">', "the pier", "the pier"),
    "names of HTML": ("", "caf&eacute;&nbsp;&mdash; pier", "café — pier"),
    "a bare ampersand": ("", "Salt & Rope", "Salt & Rope"),
    "a number without a character": ("", "a &#99999999999; b", "a � b"),
    "control characters": ("", "the\x00 pi\x0ber", "the pier"),
}


@pytest.mark.parametrize(("before", "written", "read"), TEXTS.values(), ids=TEXTS)
def test_references_mean_what_they_can_without_a_dtd(
    before: str, written: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: Any) -> None:
        raise AssertionError(f"connects to {given[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    feed_read = read_feed(feed(written, before=before).encode(), "application/xml", URL)
    assert [item.title for item in feed_read.items] == [read]


def test_cdata_stays_as_it_is() -> None:
    held = "<![CDATA[<p>a & b &nbsp;<!-- c --></p>]]>"
    assert held.encode() in clean_xml(feed("x", f"<description>{held}</description>").encode())


def test_the_name_of_an_author_stays() -> None:
    read = read_feed(feed("x", "<author>Harbour Desk</author>").encode(), "", URL)
    assert read.items[0].authors == ("Harbour Desk",)


# Each of these took between two seconds and four minutes before.
SLOW = {
    "an author of letters": feed("x", f"<author>{'a' * 200_000}</author>"),
    "an author of letters behind a bracket": feed("x", f"<author>]{'a' * 200_000}</author>"),
    "an author in CDATA": feed("x", f"<author><![CDATA[<{'a' * 200_000}]]></author>"),
    "an author behind an element": feed("x", f"<author>a<x a='1'>{'a' * 200_000}</x></author>"),
    "attributes": feed("x", "<x " + " ".join(f'a{n}="1"' for n in range(MANY)) + "/>"),
    "subjects": feed("x", "".join(f"<category>c{n}</category>" for n in range(10_000))),
    "remarks without end": feed("x") + "<!--" * MANY,
    "CDATA without end": feed("x") + "<![CDATA[" * MANY,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_no_shape_takes_the_square_of_its_length(text: str) -> None:
    began = time.process_time()
    assert [item.title for item in read_feed(text.encode(), "", URL).items] == ["x"]
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize(
    "text",
    ["<!DOCTYPE a [" * MANY, "<!DOCTYPE a [" + "<!--" * MANY, "<author>" * MANY, "<guid " * MANY, "<" * MANY],
)
def test_no_beginning_without_an_end_takes_long(text: str) -> None:
    began = time.process_time()
    clean_xml(text.encode())
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        pytest.param("<item>" * MANY, True, id="items in items"),
        pytest.param(feed("x", "<x>" * 201 + "</x>" * 201), True, id="any element"),
        pytest.param("<rss>" + "<item><br/></item>" * MANY + "</rss>", False, id="items in a row"),
        pytest.param(f"<rss><![CDATA[{'<p>' * MANY}]]></rss>", False, id="within CDATA"),
    ],
)
def test_a_feed_is_as_deep_as_its_elements_stand(text: str, nested: bool) -> None:
    assert is_nested(text.encode()) is nested


def test_a_few_broken_bytes_leave_it_utf_8() -> None:
    assert is_utf8(ARABIC.encode() + b"\xff")
    assert not is_utf8(ARABIC.encode("cp1256"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"<", b"&", b"<!--", b"]]>", b"<![CDATA[", b"<author>", b"<?", b"\xff", b"a", b"#9;"]
        )
    )
)
def test_any_bytes_can_be_cleaned(parts: list[bytes]) -> None:
    body = b"".join(parts)
    assert isinstance(clean_xml(body), bytes)
    assert is_nested(body) is False or len(parts) > 200
