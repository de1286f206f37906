"""Sitemaps and what looks like one."""

import gzip

import pytest

from connectors.feeds.sitemap import SitemapError, read_sitemap

URL = "https://harbour.example/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*entries: str, namespace: str = NAMESPACE) -> bytes:
    return f"<urlset {namespace}>{''.join(f'<url>{entry}</url>' for entry in entries)}</urlset>".encode()


ONE = urlset("<loc> https://harbour.example/1 </loc><lastmod>2026-03-01</lastmod>")


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        pytest.param(ONE, ["https://harbour.example/1"], id="plain"),
        pytest.param(gzip.compress(ONE), ["https://harbour.example/1"], id="packed"),
        pytest.param(
            gzip.compress(ONE[:50]) + gzip.compress(ONE[50:]), ["https://harbour.example/1"], id="in two"
        ),
        pytest.param(ONE.decode().encode("utf-16"), ["https://harbour.example/1"], id="utf-16"),
        pytest.param(urlset("<loc>/1</loc>"), ["https://harbour.example/1"], id="relative"),
        pytest.param(
            urlset("<loc>https://harbour.example/?a=1&b=2</loc>"),
            ["https://harbour.example/?a=1&b=2"],
            id="&",
        ),
        pytest.param(urlset("<loc>https://harbour.example/1</loc>", namespace=""), ["https://harbour.example/1"],
                     id="no namespace"),
        pytest.param(urlset("<loc>https://harbour.example/1</loc>", namespace='xmlns="http://www.google.com/x"'),
                     ["https://harbour.example/1"], id="another namespace"),
        pytest.param(b"\xef\xbb\xbfhttps://harbour.example/1\nno\nhttps://harbour.example/2\n",
                     ["https://harbour.example/1", "https://harbour.example/2"], id="a list"),
        pytest.param(urlset("<loc>file:///etc/passwd</loc>", "<loc>javascript:0</loc>"), [], id="no pages"),
        pytest.param(ONE[:-9] + b"<url><loc>https://harb", ["https://harbour.example/1"], id="half of one"),
    ],
)  # fmt: skip
def test_the_addresses_of_a_sitemap(body: bytes, urls: list[str]) -> None:
    assert [item.url for item in read_sitemap(body, URL).items][: len(urls) or None] == urls


def test_a_change_is_in_the_stamp_and_news_come_with_their_titles() -> None:
    (before,), (after,) = (read_sitemap(body, URL).items for body in (ONE, ONE.replace(b"-01<", b"-02<")))
    assert (before.id, before.stamp != after.stamp) == (after.id, True)
    news = (
        "<loc>https://harbour.example/1</loc><n:news><n:publication><n:language>ar</n:language>"
        "</n:publication>"
        "<n:publication_date>2026-03-01T10:00:00Z</n:publication_date>"
        "<n:title>عودة القوارب</n:title></n:news>"
    )
    space = f'{NAMESPACE} xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    (item,) = read_sitemap(urlset(news, namespace=space), URL).items
    assert (item.title, item.language, item.published_at) == ("عودة القوارب", "ar", "2026-03-01T10:00:00Z")


def test_an_index_names_further_sitemaps() -> None:
    below = "<sitemap><loc>/a.xml</loc><lastmod>2026</lastmod></sitemap>"
    body = f"<sitemapindex {NAMESPACE}>{below}</sitemapindex>"
    assert read_sitemap(body.encode(), URL).children == (("https://harbour.example/a.xml", "2026"),)


@pytest.mark.slow
def test_more_than_the_protocol_allows_is_cut_and_told() -> None:
    entries = [f"<loc>https://harbour.example/{number}</loc>" for number in range(50_003)]
    sitemap = read_sitemap(urlset(*entries), URL)
    assert (len(sitemap.items), sitemap.cut) == (50_000, 3)


ENTITY = b'<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", "nothing", id="nothing"),
        pytest.param(ENTITY + ONE.replace(b"/1 ", b"/&a; "), "document type", id="an entity"),
        pytest.param((ENTITY + ONE).decode().encode("utf-16"), "document type", id="hidden in utf-16"),
        pytest.param(b" " * 200_000 + ENTITY + ONE, "document type", id="behind much space"),
        pytest.param(b"<!DOCTYPE html><html></html>", "HTML", id="HTML"),
        pytest.param(b"<rss/>", "<rss>", id="a feed"),
        pytest.param(b"\x1f\x8b\x08 broken", "unpacked", id="broken gzip"),
        pytest.param(gzip.compress(b" " * 60_000_000), "50000000", id="a bomb"),
        pytest.param(b"words", "<nothing>", id="words"),
    ],
)
def test_what_is_no_sitemap_is_told(body: bytes, told: str) -> None:
    with pytest.raises(SitemapError, match=told):
        read_sitemap(body, URL)
