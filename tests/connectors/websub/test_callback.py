"""What comes at a callback: questions of hubs, their news, and what others try. On real sockets."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from connectors.feeds.item import Item
from connectors.receiving.body import Bodies
from connectors.sources.websub import WebSubSource
from connectors.websub.callback import MOST_BYTES
from connectors.websub.tables import write_subscription
from tests.connectors.websub.listening import Listening, feed, listen
from tests.hub import Held, Hub
from tests.site import Site


@dataclass
class Scene:
    """A source that is subscribed at a hub."""

    listening: Listening
    hub: Hub
    site: Site
    held: Held

    def news(self, number: int = 2, content: str | None = None) -> bytes:
        item = Item(id=f"{number}", url=f"{self.site.url}/{number}", title=f"Tide {number}", content=content)
        return feed(self.held.topic, item)

    async def bring(self, body: bytes, **headers: str) -> list[int]:
        return await asyncio.to_thread(self.hub.distribute, self.held.topic, body, **headers)

    async def post(self, **request: object) -> int:
        """Return the status, 0 where the connection was cut before it could be read."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(self.held.callback, **request) as answer,  # type: ignore[arg-type]
            ):
                return answer.status
        except aiohttp.ClientConnectionError:
            return 0

    async def counts(self) -> tuple[int, int]:
        known = await self.listening.know()
        assert known is not None
        return known.contents, known.dropped


@asynccontextmanager
async def subscribed(
    path: Path, site: Site, hub: Hub, *, bodies: Bodies | None = None, text: str = "auto"
) -> AsyncIterator[Scene]:
    async with listen(path, site.url, hub.url, bodies=bodies) as listening:
        source = WebSubSource(
            name="harbour",
            url=f"{site.url}/feed.xml",
            callback=listening.base,
            text=text,  # type: ignore[arg-type]
        )
        await listening.call(source)
        await listening.look()
        await listening.become("held")
        for _ in range(500):
            if held := hub.holds(source.url):
                break
            await asyncio.sleep(0.01)
        listening.taken()
        yield Scene(listening, hub, site, held[0])


# Questions.


def test_a_challenge_comes_back_as_it_was_and_as_nothing_that_a_browser_runs(
    tmp_path: Path, site: Site, hub: Hub
) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            query = {
                "hub.mode": "subscribe",
                "hub.topic": scene.held.topic,
                "hub.challenge": "<script>alert(1)</script>",
                "hub.lease_seconds": "99999999",
            }
            before = await scene.listening.know()
            async with (
                aiohttp.ClientSession() as session,
                session.get(scene.held.callback, params=query) as answer,
            ):
                assert await answer.text() == query["hub.challenge"]
                assert answer.content_type == "text/plain"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            # It asks whether we are there, and nothing was asked of it: its lease is not a longer one.
            assert await scene.listening.know() == before

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"topic": "https://southport.example/feed.xml"}, {}),
        ({"callback": "0" * 32}, {}),
        ({"callback": "../etc/passwd"}, {}),
        ({"mode": "unsubscribe"}, {}),
        ({"mode": "publish"}, {}),
        ({}, {"hub.challenge": ""}),
        ({}, {"hub.challenge": "a" * 1025}),
        ({}, {"hub.challenge": "a\x00b"}),
        ({}, {"hub.challenge": "مرفأ"}),
    ],
    ids=["topic", "callback", "path", "unsubscribe", "mode", "no challenge", "long", "binary", "no ASCII"],
)
def test_what_nobody_has_asked_for_is_not_agreed_to(
    tmp_path: Path, site: Site, hub: Hub, change: dict[str, str], more: dict[str, str]
) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            before = await scene.listening.know()
            callback = scene.held.callback
            if "callback" in change:
                callback = f"{scene.listening.base}/{change['callback']}"
            topic, mode = change.get("topic", scene.held.topic), change.get("mode", "subscribe")
            verified = await asyncio.to_thread(hub.ask, callback, topic, mode, **more)
            assert (verified.status, verified.agreed) == (404, False)
            assert await scene.listening.know() == before

    asyncio.run(run())


def test_a_topic_that_is_written_in_another_way_is_the_same(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            topic = scene.held.topic.replace("feed", "%66eed")
            assert (await asyncio.to_thread(hub.ask, scene.held.callback, topic)).agreed

    asyncio.run(run())


def test_a_hub_may_end_it_at_any_time(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            other = "https://southport.example/feed.xml"
            assert await asyncio.to_thread(hub.deny, scene.held.callback, other, "no") == 404
            await scene.listening.become("held")
            assert await asyncio.to_thread(hub.deny, scene.held.callback, scene.held.topic, "closed") == 200
            assert (await scene.listening.become("refused")).why == "denied: closed"
            assert await scene.post(data=b"") == 410

    asyncio.run(run())


# News.


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_news_with_the_right_signature_are_taken(tmp_path: Path, site: Site, hub: Hub, method: str) -> None:
    hub.manners.method = method

    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            assert await scene.bring(scene.news()) == [202]
            assert scene.listening.news == {"harbour": 1}
            assert await scene.counts() == (1, 0)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "forge"),
    [(None, False), ("sha256", True), ("sha512", True), ("md5", False), ("sha1", False)],
    ids=["none", "forged", "forged with another method", "unknown method", "sha1 without https"],
)
def test_news_without_the_right_signature_are_dropped_and_the_sender_learns_nothing(
    tmp_path: Path, site: Site, hub: Hub, method: str | None, forge: bool
) -> None:
    hub.manners.method, hub.manners.forge = method, forge

    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            assert await scene.bring(scene.news()) == [202]
            assert scene.listening.news == {}
            assert await scene.counts() == (0, 1)
            assert scene.listening.wanted() == [f"{site.url}/ferry"]

    asyncio.run(run())


def test_sha1_is_enough_where_the_callback_is_reached_by_https(tmp_path: Path, site: Site, hub: Hub) -> None:
    hub.manners.method = "sha1"

    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            known = await scene.listening.know()
            assert known is not None
            behind_a_proxy = replace(known, base="https://news.example/websub")
            await scene.listening.intake.book.change(write_subscription, behind_a_proxy)
            assert await scene.bring(scene.news()) == [202]
            assert scene.listening.news == {"harbour": 1}

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "taken"),
    [("auto", True), ("feed", True), ("page", False)],
)
def test_whose_text_is_the_article_is_decided_as_where_the_feed_is_polled(
    tmp_path: Path, site: Site, hub: Hub, text: str, taken: bool
) -> None:
    whole = "".join(f"<p>{'The tide comes and the ferry goes. ' * 20}</p>" for _ in range(6))

    async def run() -> None:
        async with subscribed(tmp_path, site, hub, text=text) as scene:
            assert await scene.bring(scene.news(2, whole)) == [202]
            assert scene.listening.taken() == ([f"{site.url}/2"] if taken else [])
            assert (f"{site.url}/2" in scene.listening.wanted()) is not taken

    asyncio.run(run())


def test_news_that_are_packed_are_unpacked_behind_the_signature(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            assert await scene.bring(gzip.compress(scene.news()), Content_Encoding="gzip") == [202]
            assert scene.listening.news == {"harbour": 1}
            assert await scene.bring(b"no gzip", Content_Encoding="gzip") == [400]

    asyncio.run(run())


@pytest.mark.slow
def test_news_that_unpack_to_too_much_are_refused(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            bomb = gzip.compress(bytes(MOST_BYTES + 1))
            assert await scene.bring(bomb, Content_Encoding="gzip") == [413]

    asyncio.run(run())


@pytest.mark.parametrize("body", [b"", b"<html><body>Home</body></html>", b"{}", b"\xff\xfe\x00"])
def test_what_is_no_feed_is_counted_and_not_brought_again(
    tmp_path: Path, site: Site, hub: Hub, body: bytes
) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            assert await scene.bring(body) == [202]
            assert await scene.counts() == (0, 1)

    asyncio.run(run())


def test_what_is_brought_to_nobody_is_gone(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:
            unknown = replace(scene.held, callback=f"{scene.listening.base}/{'0' * 32}")
            hub.held[unknown.callback, unknown.topic] = unknown
            assert await scene.bring(scene.news()) == [202, 410]
            assert list(hub.held.values()) == [scene.held]

    asyncio.run(run())


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD"])
def test_hubs_ask_and_bring_and_nothing_else(tmp_path: Path, site: Site, hub: Hub, method: str) -> None:
    async def run() -> None:
        async with (
            subscribed(tmp_path, site, hub) as scene,
            aiohttp.ClientSession() as session,
            session.request(method, scene.held.callback) as answer,
        ):
            assert answer.status == 405
            assert answer.headers["Allow"] == "GET, POST"

    asyncio.run(run())


# Others, who know the address but not the secret; a good hub beside them is not disturbed.

SIGNED = {"X-Hub-Signature": f"sha256={'0' * 64}"}


async def endless(piece: bytes, pause: float) -> AsyncIterator[bytes]:
    for _ in range(100_000):
        yield piece
        if pause:
            await asyncio.sleep(pause)


async def is_taken_beside(scene: Scene, attack: Callable[[], Awaitable[int]]) -> tuple[int, float]:
    """Return what an attack is answered, and the seconds that the slowest of five pushes took meanwhile."""
    attacking, slowest = asyncio.ensure_future(attack()), 0.0
    for number in range(5):
        start = time.perf_counter()
        assert await scene.bring(scene.news(10 + number)) == [202]
        slowest = max(slowest, time.perf_counter() - start)
        await asyncio.sleep(0.05)
    assert scene.listening.news == {"harbour": 5}
    async with asyncio.timeout(30):
        return await attacking, slowest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "pause", "headers", "status"),
    [
        (b"a" * 65_536, 0.0, SIGNED, 413),
        (b"a", 0.2, SIGNED, 408),
        (b"a" * 65_536, 0.01, {}, 202),
    ],
    ids=["endless", "slow", "endless and not signed"],
)
def test_a_body_that_does_not_end_is_not_waited_for(
    tmp_path: Path, site: Site, hub: Hub, piece: bytes, pause: float, headers: dict[str, str], status: int
) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub, bodies=Bodies(seconds=3.0)) as scene:

            async def attack() -> int:
                return await scene.post(data=endless(piece, pause), headers=headers)

            answered, slowest = await is_taken_beside(scene, attack)
            assert answered in (status, 0)
            assert slowest < 2
            assert await scene.counts() == (5, 0 if headers else 1)

    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "status"), [(60_000_000, 413), (MOST_BYTES, 202)], ids=["60 MB", "as large as may come"]
)
def test_a_large_body_without_the_secret_is_not_read_as_a_feed(
    tmp_path: Path, site: Site, hub: Hub, size: int, status: int
) -> None:
    async def run() -> None:
        async with subscribed(tmp_path, site, hub) as scene:

            async def attack() -> int:
                return await scene.post(data=b"<" * size, headers=SIGNED)

            answered, slowest = await is_taken_beside(scene, attack)
            assert answered in (status, 0)
            assert slowest < 2
            assert await scene.counts() == (5, 1 if size <= MOST_BYTES else 0)

    asyncio.run(run())
