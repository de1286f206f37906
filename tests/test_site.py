"""The tests' own site and its hostile neighbours do what they say; what others prove by them rests on it."""

import gzip
import http.client
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from schemas.cleaned import Cleaned
from schemas.codec import decode
from schemas.ids import raw_id
from schemas.letter import raw_letter
from schemas.raw import RawArticle, write_content
from streams.cutting.rule import Rules
from streams.steps.clean import CleanStep
from tests.hostile_site import (
    Speak,
    bomb,
    drip_body,
    drip_header,
    endless,
    endless_body,
    endless_header,
    endless_headers,
    endless_interim,
    endless_status,
    gzip_bomb,
    half,
    hanging_origins,
    no_http,
    origin,
    too_large,
)
from tests.site import (
    Behaviour,
    Site,
    drip,
    fail,
    forget_validators,
    hang,
    keep_tag,
    lead,
    lead_on,
    make_paragraphs,
    never_modified,
    no_validators,
    say,
    slow,
)

pytestmark = pytest.mark.slow  # of the site alone: whoever uses it finds out as well

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def ask(url: str, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """Return status, headers and body; no redirect is followed and nothing unpacked."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def take(url: str, most: int = 1 << 20, seconds: float = 0.3) -> tuple[bytes, str]:
    """Return what came until so many bytes or seconds, and whether it ended, hung or went on."""
    parts, taken, until = urlsplit(url), b"", time.monotonic() + seconds
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=seconds) as line:
        line.sendall(f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        while len(taken) < most and (left := until - time.monotonic()) > 0:
            line.settimeout(left)
            try:
                part = line.recv(1 << 16)
            except TimeoutError:
                break
            if not part:
                return taken, "ended"
            taken += part
    return taken, "went on" if taken else "hung"


def wait_for_sent(site: Site) -> int:
    """Return what the last request was sent, when its answer has come to an end."""
    until = time.monotonic() + 5
    while not site.log[-1].sent:
        assert time.monotonic() < until
        time.sleep(0.01)
    return site.log[-1].sent


FEEDS = ["/feed.xml", "/atom.xml", "/rdf.xml", "/feed.json"]
LISTINGS = [*FEEDS, "/", "/sitemap-1.xml", "/sitemap-2.xml.gz", "/sitemap-news.xml"]


def list_feed(body: bytes, path: str) -> list[tuple[str, str]]:
    if path.endswith(".json"):
        return [(item["url"], item["title"]) for item in json.loads(body)["items"]]
    parsed = feedparser.parse(BytesIO(body))
    assert not parsed.bozo
    return [(entry.link, entry.title) for entry in parsed.entries]


def list_locations(body: bytes) -> list[str]:
    return [found.text or "" for found in etree.fromstring(body).iter("{*}loc")]


@pytest.mark.parametrize("path", FEEDS)
def test_every_feed_shows_the_newest_stories_first_and_no_more_than_it_should(site: Site, path: str) -> None:
    urls = [site.publish(f"/news/{number}", f"Ferry {number} & pier") for number in range(4)]
    site.publish("/hidden", in_feed=False)
    site.shown = 3
    listed = list_feed(ask(site.url + path)[2], path)
    assert listed == [(urls[number], f"Ferry {number} & pier") for number in (3, 2, 1)]


def test_the_feeds_tell_date_author_and_the_whole_text_where_they_should(site: Site) -> None:
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    site.publish("/whole", published=at, author="Harbour desk", whole_in_feed=True)
    for path in ("/feed.xml", "/atom.xml"):
        (entry,) = feedparser.parse(BytesIO(ask(site.url + path)[2])).entries
        assert entry.published_parsed[:5] == (2026, 2, 3, 4, 5)
        assert entry.author == "Harbour desk"
        assert all(text in entry.content[0].value for text in site.stories["/whole"].paragraphs)
    (item,) = json.loads(ask(site.url + "/feed.json")[2])["items"]
    assert item["date_published"] == at.isoformat()
    assert item["authors"] == [{"name": "Harbour desk"}]
    site.publish("/part")
    assert "content" not in feedparser.parse(BytesIO(ask(site.url + "/feed.xml")[2])).entries[0]


def test_the_sitemap_leads_to_every_story(site: Site) -> None:
    urls = {site.publish(f"/news/{number}") for number in range(3)}
    below = list_locations(ask(site.url + "/sitemap.xml")[2])
    assert len(below) == 3
    for url in below:
        body = ask(url)[2]
        assert set(list_locations(gzip.decompress(body) if url.endswith(".gz") else body)) == urls


@pytest.mark.parametrize("path", [*LISTINGS, "/news/1"])
def test_who_knows_it_by_tag_or_date_gets_no_body_until_it_changes(site: Site, path: str) -> None:
    site.publish("/news/1")
    status, headers, body = ask(site.url + path)
    tag, date = headers["etag"], headers["last-modified"]
    assert (status, len(body)) == (200, site.log[-1].sent)
    for known in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-Modified-Since": date},
    ):
        status, headers, body = ask(site.url + path, known)
        assert (status, headers["etag"], headers["last-modified"], body) == (304, tag, date, b"")
    assert [one.status for one in site.asked(path)] == [200, 304, 304, 304]
    assert site.log[-1].headers["if-modified-since"] == date
    assert site.bodies() == {path: 1}
    # A tag that is not known counts, whatever the date says.
    assert ask(site.url + path, {"If-None-Match": '"other"', "If-Modified-Since": date})[0] == 200
    site.correct("/news/1", make_paragraphs(50), title="The pier is open", told=True)
    assert ask(site.url + path, {"If-Modified-Since": date})[0] == 200
    assert path.startswith("/sitemap-") or ask(site.url + path, {"If-None-Match": tag})[0] == 200


def test_a_correction_that_is_not_told_leaves_the_feed_as_it_was(site: Site) -> None:
    site.publish("/news/1", "The pier")
    (page, feed) = (ask(site.url + path)[1]["etag"] for path in ("/news/1", "/atom.xml"))
    site.correct("/news/1", make_paragraphs(51))
    assert ask(site.url + "/news/1", {"If-None-Match": page})[0] == 200
    assert ask(site.url + "/atom.xml", {"If-None-Match": feed})[0] == 304


def test_a_withdrawn_page_is_gone_also_for_who_knows_it(site: Site) -> None:
    url = site.publish("/news/1")
    tag = ask(url)[1]["etag"]
    site.withdraw("/news/1")
    assert ask(url, {"If-None-Match": tag})[0] == 410
    site.withdraw("/news/1", 404)
    assert ask(url)[0] == 404


def test_robots_are_what_the_test_says_and_at_first_there_are_none(site: Site) -> None:
    assert ask(site.url + "/robots.txt")[0] == 404
    site.robots = (200, "User-agent: *\nDisallow: /x\n")
    assert ask(site.url + "/robots.txt")[2] == site.robots[1].encode()
    site.robots = (503, "")
    assert ask(site.url + "/robots.txt")[0] == 503


@pytest.mark.parametrize("language", ["en", "ar"])
def test_its_pages_are_articles(site: Site, language: str) -> None:
    url = site.publish("/news/1", language=language)
    _, headers, body = ask(url)
    raw = RawArticle(
        raw_id=raw_id("harbour", url, body, None),
        source="harbour",
        url=url,
        content_type=headers["content-type"],
        fetched_at=datetime.now(UTC),
        **write_content(body),
    )
    (letter,) = CleanStep(rules=Rules([]))(raw_letter(url, raw))
    article, story = decode(letter.value, Cleaned).article, site.stories["/news/1"]
    assert (article.title, article.language) == (story.title, language)
    assert article.published_at == story.published
    assert article.text.split("\n\n") == list(story.paragraphs)


def test_the_log_tells_when_each_request_came(site: Site) -> None:
    for path in ("/a", "/b?x=1", "/b"):
        ask(site.url + path)
        time.sleep(0.02)
    assert [one.path for one in site.log] == ["/a", "/b?x=1", "/b"]
    assert all(0.02 <= gap < 2 for gap in site.gaps())
    assert len(site.gaps()) == 2


def test_it_goes_away_and_comes_back_at_the_same_port(site: Site) -> None:
    url = site.publish("/news/1")
    site.behave("/slow", hang())
    assert take(site.url + "/slow")[1] == "hung"
    for _ in range(2):
        site.stop()
        with pytest.raises(ConnectionRefusedError):
            ask(url)
        site.start()
        assert ask(url)[0] == 200
    assert site.asked("/slow")[0].status == 0


ANSWERS: list[object] = [
    pytest.param(slow(0.05), 200, {}, id="slow"),
    pytest.param(lead("/x", 301), 301, {"location": "/x"}, id="leads elsewhere"),
    pytest.param(lead_on(), 302, {"location": "/news/1?step=1"}, id="leads on"),
    pytest.param(fail(503, Retry_After="7"), 503, {"retry-after": "7"}, id="fails"),
    pytest.param(
        say(b"x", "text/html"), 200, {"content-type": "text/html", "content-length": "1"}, id="says"
    ),
    pytest.param(never_modified(), 304, {}, id="never modified"),
    pytest.param(keep_tag(), 200, {"etag": '"1"'}, id="one tag"),
]


@pytest.mark.parametrize(("behaviour", "status", "headers"), ANSWERS)
def test_a_path_behaves_as_told_and_its_neighbour_does_not(
    site: Site, behaviour: Behaviour, status: int, headers: dict[str, str]
) -> None:
    url, other = site.publish("/news/1"), site.publish("/news/2")
    site.behave("/news/1", behaviour)
    got, named, _ = ask(url)
    assert (got, named | headers) == (status, named)
    assert site.asked("/news/1")[0].status == status
    assert ask(other)[0] == 200
    site.behave("/news/1", None)
    assert ask(url)[2] == ask(url + "?x=1")[2]


def test_one_that_leads_on_has_no_circle_and_no_end(site: Site) -> None:
    site.behave("/a", lead_on())
    seen = ["/a"]
    for _ in range(8):
        seen.append(ask(site.url + seen[-1])[1]["location"])
    assert len(set(seen)) == 9


def test_what_is_wrong_with_validators_is_so_for_who_has_them(site: Site) -> None:
    url = site.publish("/news/1")
    _, headers, body = ask(url)
    known = {"If-None-Match": headers["etag"], "If-Modified-Since": headers["last-modified"]}
    site.behave("/news/1", no_validators())
    status, headers, same = ask(url, known)
    assert (status, same) == (200, body)
    assert not {"etag", "last-modified"} & headers.keys()
    site.behave("/news/1", forget_validators())
    tags = {ask(url, known)[1]["etag"] for _ in range(2)}
    assert len(tags) == 2
    site.behave("/news/1", keep_tag())
    before = ask(url, {"If-None-Match": '"1"'})
    site.correct("/news/1", make_paragraphs(52))
    after = ask(url, {"If-None-Match": '"1"'})
    assert (before[0], after[0], before[1]["etag"]) == (200, 200, after[1]["etag"])
    assert before[2] != after[2]
    site.behave("/news/1", slow(0.01))  # which is no lie
    tag = ask(url)[1]["etag"]
    assert ask(url, {"If-None-Match": tag})[0] == 304


def test_half_a_body_is_half_of_it_and_the_end(site: Site) -> None:
    url = site.publish("/news/1")
    whole = ask(url)[2]
    site.behave("/news/1", half())
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask(url)
    assert cut.value.partial == whole[: len(whole) // 2]


def test_a_body_is_as_large_as_told(site: Site) -> None:
    site.behave("/told", too_large(300_000))
    site.behave("/untold", too_large(300_000, told=False))
    assert [len(ask(site.url + path)[2]) for path in ("/told", "/untold")] == [300_000, 300_000]
    assert "content-length" not in ask(site.url + "/untold")[1]
    assert wait_for_sent(site) >= 300_000


def test_a_bomb_is_valid_gzip_and_unpacks_to_a_thousand_times_what_is_sent(site: Site) -> None:
    packed = b"".join(gzip_bomb(1 << 25))
    assert len(packed) < 1 << 16
    assert gzip.decompress(packed) == b" " * (1 << 25)
    site.behave("/feed.xml", bomb(1 << 28))
    _, headers, body = ask(site.url + "/feed.xml")
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 300_000
    # Its last bytes say how much it is, modulo 2^32 (RFC 1952); it need not be unpacked for that.
    assert int.from_bytes(body[-4:], "little") == 1 << 28
    assert len(zlib.decompressobj(wbits=31).decompress(body, 1 << 20)) == 1 << 20


def test_an_endless_body_of_the_site_is_no_burden_to_it(site: Site) -> None:
    url = site.publish("/news/1")
    site.behave("/endless", endless())
    site.behave("/drip", drip(0.02))
    assert len(take(site.url + "/endless", seconds=2)[0]) >= 1 << 20
    assert 1 << 20 <= wait_for_sent(site) < 1 << 25  # and no more once the other has left
    taken, how = take(site.url + "/drip")
    assert (how, taken.count(b"<") > 2) == ("went on", True)
    assert ask(url)[0] == 200


def test_hanging_origins_take_connections_and_say_nothing() -> None:
    with hanging_origins(200) as urls:
        assert len(set(urls)) == 200
        assert [take(url, seconds=0.1) for url in urls[::100]] == [(b"", "hung")] * 2
    with pytest.raises(ConnectionRefusedError):
        take(urls[0])


POURING: list[object] = [
    pytest.param(endless_status, b"HTTP/1.1 200 OOO", b"\n", id="status"),
    pytest.param(endless_header, b"HTTP/1.1 200 OK\r\nX-More: aaa", b"a\r\n", id="header"),
    pytest.param(
        endless_headers, b"HTTP/1.1 200 OK\r\nX-More: a\r\nX-More: a\r\n", b"\r\n\r\n", id="headers"
    ),
    pytest.param(endless_interim, b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102", b" 200", id="interim"),
    pytest.param(
        endless_body, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n  ", b"chunked", id="body"
    ),
]


@pytest.mark.parametrize(("speak", "start", "without"), POURING)
def test_an_endless_origin_goes_on(speak: Speak, start: bytes, without: bytes) -> None:
    with origin(speak) as hostile:
        taken, how = take(hostile.url, 4 << 20, seconds=5)
        assert hostile.connections == 1
    assert len(taken) >= 4 << 20
    assert how == "went on"
    assert taken.startswith(start)
    assert without not in taken


@pytest.mark.parametrize("make", [drip_header, drip_body])
def test_a_drip_comes_by_single_bytes(make: Callable[[float], Speak]) -> None:
    with origin(make(0.05)) as hostile:
        short, how = take(hostile.url, seconds=0.15)
        long, _ = take(hostile.url, seconds=0.35)
    assert how == "went on"
    assert 1 <= len(long) - len(short) <= 6
    assert (b"\r\n\r\n" in long) == (make is drip_body)


def test_what_is_no_http_is_said_and_ends() -> None:
    with origin(no_http) as hostile:
        assert take(hostile.url, seconds=5) == (b"220 harbour.example ESMTP\r\n", "ended")
        with pytest.raises(http.client.BadStatusLine):
            ask(hostile.url)
