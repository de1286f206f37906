"""A small news site of the tests' own, on loopback: feeds, sitemaps, pages, and a log that proves manners."""

import asyncio
import gzip
import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.news import make_sentence

# Gets the request and the whole answer, and returns what is sent instead. Where that is the answer
# itself, it may still become a 304; nothing else does.
Behaviour = Callable[[web.Request, web.Response], Awaitable[web.StreamResponse]]
_OPENED = datetime(2026, 3, 1, 8, tzinfo=UTC)
_ARABIC = (
    "أعلن أجّل أكّد راجع عرض سحب".split(),
    ["مكتب الميناء", "متحف المدينة", "مجلس المياه", "اتحاد الصيادين", "مكتب العبّارات"],
    [
        "الجدول الجديد للرصيف الشمالي",
        "خطط قاعة القراءة",
        "مسح الآبار القديمة",
        "إصلاح كاسر الأمواج الشرقي",
        "قائمة بأربعين قاربا",
        "افتتاح القاعة الشتوية",
    ],
    [
        "بعد أسبوعين من العواصف",
        "لأن المقاول غادر",
        "بطلب من الجيران",
        "رغم ارتفاع التكاليف",
        "قبل بداية الموسم",
        "حين اجتمعت اللجنة يوم الثلاثاء",
    ],
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the site saw it: when it came (monotonic seconds), what for, and what it got.

    `path` is with its query, `headers` by their names in lower case. `sent` are the bytes of the body;
    of one that was sent in parts also its head and the frames of its chunks. Both are 0 while a
    behaviour is at it, which may be a moment longer than the client is; `status` stays so where the
    client left or the site stopped meanwhile.
    """

    at: float
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One article of the site."""

    path: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    updated: datetime  # as its feeds tell
    changed: datetime  # as its Last-Modified tells
    language: str = "en"
    author: str | None = None
    canonical: str | None = None
    in_feed: bool = True
    whole_in_feed: bool = False
    status: int = 200
    noise: int = 0  # of which something stands in the page that is no part of the article


def make_paragraphs(seed: int, count: int = 4, language: str = "en") -> tuple[str, ...]:
    """Return paragraphs that no other seed has, in English or Arabic (`ar`)."""
    chance = random.Random(f"site {seed}")
    return tuple(" ".join(_make_line(chance, language) for _ in range(3)) for _ in range(count))


def _make_line(chance: random.Random, language: str) -> str:
    if language != "ar":
        return make_sentence(chance)
    words = " ".join(chance.choice(part) for part in _ARABIC)
    return f"{words}، وأُبلغ بذلك {chance.randrange(10_000)} من سكان الحي {chance.randrange(500)}."


class Site:
    """Serves in a thread of its own while it is entered; `stop` and `start` let it be away for a while."""

    def __init__(self, port: int = 0) -> None:
        """Make a site for a port; 0 takes a free one, which it keeps for as long as it lives."""
        self.port = port
        self.log: list[Asked] = []
        self.stories: dict[str, Story] = {}
        self.robots: tuple[int, str] = (404, "")
        self.shown = 30  # items in a feed
        self.extra: dict[str, tuple[str, bytes]] = {}  # by path: content type and body of what else there is
        self._behaviours: dict[str, Behaviour] = {}
        self._count = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Be there, at the port of before."""
        ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        """Be away: nobody listens at the port, and what hung is cut off."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(10)
            assert not self._thread.is_alive()

    # What is on the site.

    def publish(
        self,
        path: str,
        title: str | None = None,
        paragraphs: Sequence[str] = (),
        *,
        published: datetime | None = None,
        language: str = "en",
        author: str | None = None,
        canonical: str | None = None,
        in_feed: bool = True,
        whole_in_feed: bool = False,
        noise: int = 0,
    ) -> str:
        """Put a story up, newest first in the feeds, and return its address.

        Where nothing is said of it, title and paragraphs are invented, and every story is a minute younger.
        """
        at = published or self._tick()
        if not title:
            line = _make_line(random.Random(f"title {self._count}"), language)
            title = f"{line[:48].rpartition(' ')[0]} {self._count}"
        self.stories[path] = Story(
            path=path,
            title=title,
            paragraphs=tuple(paragraphs) or make_paragraphs(self._count, language=language),
            published=at,
            updated=at,
            changed=at,
            language=language,
            author=author,
            canonical=canonical,
            in_feed=in_feed,
            whole_in_feed=whole_in_feed,
            noise=noise,
        )
        return self.url + path

    def correct(
        self,
        path: str,
        paragraphs: Sequence[str] = (),
        *,
        title: str | None = None,
        noise: int | None = None,
        told: bool = False,
    ) -> None:
        """Change what is given of a story and its validators; its feeds call it updated only where `told`."""
        story, at = self.stories[path], self._tick()
        self.stories[path] = replace(
            story,
            paragraphs=tuple(paragraphs) or story.paragraphs,
            title=title or story.title,
            noise=story.noise if noise is None else noise,
            changed=at,
            updated=at if told else story.updated,
        )

    def withdraw(self, path: str, status: int = 410) -> None:
        """Take a story's page away; the feeds go on naming it."""
        self.stories[path] = replace(self.stories[path], status=status)

    def behave(self, path: str, behaviour: Behaviour | None) -> None:
        """Let a path, whatever its query, do something else than to answer; None lets it answer again."""
        if behaviour is None:
            self._behaviours.pop(path, None)
        else:
            self._behaviours[path] = behaviour

    def _tick(self) -> datetime:
        self._count += 1
        return _OPENED + timedelta(minutes=self._count)

    # What the log tells.

    def asked(self, path: str) -> list[Asked]:
        """Return the requests for a path, which is with its query."""
        return [one for one in self.log if one.path == path]

    def bodies(self) -> Counter[str]:
        """Return how often each path was answered with 200, and so with a body."""
        return Counter(one.path for one in self.log if one.status == 200)

    def gaps(self) -> list[float]:
        """Return the seconds between the start of one request and that of the next."""
        return [later.at - earlier.at for earlier, later in zip(self.log, self.log[1:], strict=False)]

    # How it serves.

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:  # which ends what still hangs
            self._loop = runner.get_loop()
            runner.run(self._stay(ready))

    async def _stay(self, ready: threading.Event) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True, backlog=512).start()
        self.port = runner.addresses[0][1]
        ready.set()
        await self._over.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(time.monotonic(), request.path_qs, headers, 0, 0)
        place = len(self.log)
        self.log.append(asked)
        whole = self._respond(request.path)
        behave = self._behaviours.get(request.path)
        answer: web.StreamResponse = whole
        status = 0
        try:
            if behave:
                answer = await behave(request, whole)
            if answer is whole and _is_known(request, whole):
                names = ("ETag", "Last-Modified")
                answer = web.Response(status=304, headers={name: whole.headers[name] for name in names})
            status = answer.status
        finally:
            body = answer.body if isinstance(answer, web.Response) and status else b""
            size = len(body) if isinstance(body, bytes) else 0
            # What was sent in parts is counted where it was written, also where that came to no end.
            self.log[place] = replace(asked, status=status, sent=size + request.writer.output_size)
        return answer

    def _respond(self, path: str) -> web.Response:
        status, kind, body, changed = self._find(path)
        if status != 200:
            return web.Response(status=status, text=f"{status}")
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        dated = format_datetime(changed, usegmt=True)
        return web.Response(body=body, headers={"ETag": tag, "Last-Modified": dated, "Content-Type": kind})

    def _find(self, path: str) -> tuple[int, str, bytes, datetime]:
        stories = list(self.stories.values())  # at once: the test may publish meanwhile
        newest = max((story.changed for story in stories), default=_OPENED)
        listed = [story for story in reversed(stories) if story.in_feed][: self.shown]
        if path == "/robots.txt":
            return self.robots[0], "text/plain", self.robots[1].encode(), _OPENED
        if story := self.stories.get(path):
            return story.status, "text/html; charset=utf-8", _make_page(story), story.changed
        if path in self.extra:
            return 200, *self.extra[path], newest
        makers: dict[str, tuple[str, Callable[[Sequence[Story]], str]]] = {
            "/": ("text/html; charset=utf-8", self._front),
            "/feed.xml": ("application/rss+xml", self._rss),
            "/atom.xml": ("application/atom+xml", self._atom),
            "/rdf.xml": ("application/rdf+xml", self._rdf),
            "/feed.json": ("application/feed+json", self._json),
            "/sitemap.xml": ("application/xml", self._index),
            "/sitemap-1.xml": ("application/xml", self._urls),
            "/sitemap-news.xml": ("application/xml", self._news),
        }
        if path == "/sitemap-2.xml.gz":
            return 200, "application/gzip", gzip.compress(self._urls(listed).encode(), mtime=0), newest
        if path in makers:
            kind, make = makers[path]
            return 200, kind, make(listed).encode(), newest
        return 404, "text/plain", b"", _OPENED

    def _front(self, stories: Iterable[Story]) -> str:
        links = "".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in stories)
        named = {"rss+xml": "/feed.xml", "atom+xml": "/atom.xml", "feed+json": "/feed.json"}
        feeds = "".join(
            f'<link rel="alternate" type="application/{kind}" href="{path}" title="News">'
            for kind, path in named.items()
        )
        return f"<html><head>{feeds}</head><body><ul>{links}</ul><a href='/imprint'>Imprint</a></body></html>"

    def _rss(self, stories: Iterable[Story]) -> str:
        items = "".join(
            f"<item><title>{escape(story.title)}</title><link>{self.url}{story.path}</link>"
            f"<guid isPermaLink='false'>{story.path}</guid>"
            f"<pubDate>{format_datetime(story.published)}</pubDate>"
            f"<a10:updated>{story.updated.isoformat()}</a10:updated>"
            f"<description>{escape(story.paragraphs[0][:120])}…</description>"
            + (f"<dc:creator>{escape(story.author)}</dc:creator>" if story.author else "")
            + (f"<content:encoded>{escape(_whole(story))}</content:encoded>" if _whole(story) else "")
            + "</item>"
            for story in stories
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:a10="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>Harbour news</title><link>{self.url}/</link>{items}</channel></rss>"
        )

    def _atom(self, stories: Iterable[Story]) -> str:
        entries = "".join(
            f"<entry><id>urn:story:{story.path}</id><title>{escape(story.title)}</title>"
            f'<link href="{self.url}{story.path}"/><published>{story.published.isoformat()}</published>'
            f"<updated>{story.updated.isoformat()}</updated>"
            + (f"<author><name>{escape(story.author)}</name></author>" if story.author else "")
            + (f'<content type="html">{escape(_whole(story))}</content>' if _whole(story) else "")
            + "</entry>"
            for story in stories
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>Harbour news</title>{entries}</feed>"
        )

    def _rdf(self, stories: Iterable[Story]) -> str:
        items = "".join(
            f'<item rdf:about="{self.url}{story.path}"><title>{escape(story.title)}</title>'
            f"<link>{self.url}{story.path}</link></item>"
            for story in stories
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" '
            'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>Harbour news</title>'
            f"</channel>{items}</rdf:RDF>"
        )

    def _json(self, stories: Iterable[Story]) -> str:
        items = [
            {
                "id": story.path,
                "url": self.url + story.path,
                "title": story.title,
                "date_published": story.published.isoformat(),
                "date_modified": story.updated.isoformat(),
            }
            | ({"authors": [{"name": story.author}]} if story.author else {})
            | ({"content_html": _whole(story)} if _whole(story) else {})
            for story in stories
        ]
        version = "https://jsonfeed.org/version/1.1"
        return json.dumps({"version": version, "title": "Harbour news", "items": items})

    def _index(self, _stories: Iterable[Story]) -> str:
        below = "".join(
            f"<sitemap><loc>{self.url}/{name}</loc></sitemap>"
            for name in ("sitemap-1.xml", "sitemap-news.xml", "sitemap-2.xml.gz")
        )
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{below}</sitemapindex>'

    def _urls(self, stories: Iterable[Story]) -> str:
        urls = "".join(
            f"<url><loc>{self.url}{story.path}</loc><lastmod>{story.updated.isoformat()}</lastmod></url>"
            for story in stories
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def _news(self, stories: Iterable[Story]) -> str:
        urls = "".join(
            f"<url><loc>{self.url}{story.path}</loc><news:news><news:publication><news:name>Harbour</news:name>"
            f"<news:language>{story.language}</news:language></news:publication>"
            f"<news:publication_date>{story.published.isoformat()}</news:publication_date>"
            f"<news:title>{escape(story.title)}</news:title></news:news></url>"
            for story in stories
        )
        return (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        )


def _is_known(request: web.Request, answer: web.Response) -> bool:
    # RFC 9110, 13.2.2: the date counts only where no tag is given.
    if answer.status != 200:
        return False
    if tags := request.headers.get("If-None-Match"):
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(known & {"*", answer.headers["ETag"]})
    if since := request.headers.get("If-Modified-Since"):
        try:
            return parsedate_to_datetime(since) >= parsedate_to_datetime(answer.headers["Last-Modified"])
        except ValueError:
            return False
    return False


def _make_page(story: Story) -> bytes:
    told = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
    }
    if story.author:
        told["author"] = story.author
    link = f'<link rel="canonical" href="{escape(story.canonical)}">' if story.canonical else ""
    byline = f'<p class="byline">{escape(story.author)}</p>\n' if story.author else ""
    body = "".join(f"<p>{escape(text)}</p>\n" for text in story.paragraphs)
    noise = f"<!-- {story.noise} -->" if story.noise else ""
    direction = "rtl" if story.language == "ar" else "ltr"
    return (
        f'<!DOCTYPE html><html lang="{story.language}" dir="{direction}"><head>'
        f"<title>{escape(story.title)}</title>{link}"
        f'<script type="application/ld+json">{json.dumps(told)}</script></head><body>{noise}'
        f'<nav><a href="/">Home</a></nav><article><h1>{escape(story.title)}</h1>{byline}{body}</article>'
        "<footer>Imprint</footer></body></html>"
    ).encode()


def _whole(story: Story) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs) if story.whole_in_feed else ""


# Behaviours.


def slow(seconds: float) -> Behaviour:
    """Answer as always, but later."""

    async def behave(_request: web.Request, answer: web.Response) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return answer

    return behave


def hang(seconds: float = 600) -> Behaviour:
    """Accept, and say nothing for longer than anyone waits."""
    return slow(seconds)


def lead(url: str, status: int = 302) -> Behaviour:
    """Redirect; to the path itself it is a circle."""

    async def behave(_request: web.Request, _answer: web.Response) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": url})

    return behave


def lead_on() -> Behaviour:
    """Redirect to the same path with another query, and so on without end or circle."""

    async def behave(request: web.Request, _answer: web.Response) -> web.StreamResponse:
        step = int(request.query.get("step", "0")) + 1
        return web.Response(status=302, headers={"Location": f"{request.path}?step={step}"})

    return behave


def fail(status: int, **headers: str) -> Behaviour:
    """Answer with a status and nothing else; `Retry_After` becomes a header."""

    async def behave(_request: web.Request, _answer: web.Response) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, headers=named, text=str(status))

    return behave


def say(body: bytes, kind: str = "text/html", **headers: str) -> Behaviour:
    """Answer with another body."""

    async def behave(_request: web.Request, _answer: web.Response) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, headers={"Content-Type": kind, **named})

    return behave


def never_modified() -> Behaviour:
    """Answer 304 whatever is asked."""

    async def behave(_request: web.Request, _answer: web.Response) -> web.StreamResponse:
        return web.Response(status=304)

    return behave


def forget_validators() -> Behaviour:
    """Answer with the body at every time, and with a tag of its own at each."""

    async def behave(_request: web.Request, answer: web.Response) -> web.StreamResponse:
        headers = {**answer.headers, "ETag": f'"{time.monotonic()}"'}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return behave


def no_validators() -> Behaviour:
    """Answer with the body at every time, and with nothing to ask by."""

    async def behave(_request: web.Request, answer: web.Response) -> web.StreamResponse:
        kind = answer.headers["Content-Type"]
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": kind})

    return behave


def keep_tag(tag: str = '"1"') -> Behaviour:
    """Answer with the body at every time, and with the same tag, also where the body is another."""

    async def behave(_request: web.Request, answer: web.Response) -> web.StreamResponse:
        headers = {"Content-Type": answer.headers["Content-Type"], "ETag": tag}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return behave


def drip(seconds: float = 0.2) -> Behaviour:
    """Send a byte now and then, without end."""

    async def behave(request: web.Request, _answer: web.Response) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/html"})
        await answer.prepare(request)
        for _ in range(10_000):
            await answer.write(b"<")
            await asyncio.sleep(seconds)
        return answer

    return behave
