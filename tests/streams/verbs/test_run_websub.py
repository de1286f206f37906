"""`naba run` with a feed that names a hub: news come when they are published, else by polling."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import aiohttp
import pytest

from connectors.broker.ports import find_port
from tests.hub import Hub, announce
from tests.newsroom import Newsroom, end, wait_for
from tests.site import Site

pytestmark = pytest.mark.slow

POLL = "[poll]\nfirst = 2\nfloor = 2\nceiling = 2\n"
SELDOM = "[poll]\nfirst = 3600\nfloor = 3600\nceiling = 3600\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as running:
        yield running


@pytest.fixture
def port() -> int:
    return find_port()


def listen(site: Site, hub: Hub, port: int) -> list[str]:
    """Return a source that listens, and one by which the port of the hub is the user's own."""
    site.behave("/feed.xml", announce(f'<{hub.url}>; rel="hub"', f'<{site.url}/feed.xml>; rel="self"'))
    return [
        f'name = "harbour"\nkind = "websub"\nurl = "{site.url}/feed.xml"\nlisten = "127.0.0.1:{port}"\n'
        f'callback = "http://127.0.0.1:{port}/websub"',
        f'name = "near"\nkind = "pages"\nurls = ["{hub.url}/none"]',
    ]


def tell(site: Site, hub: Hub) -> list[int]:
    """Let the hub bring the site's feed as it is, and return what it was answered, if at all."""
    with urllib.request.urlopen(f"{site.url}/feed.xml") as feed, suppress(aiohttp.ClientError):
        return hub.distribute(f"{site.url}/feed.xml", feed.read())
    return []


def count_polls(site: Site) -> int:
    return sum(one.headers["user-agent"].startswith("naba") for one in site.asked("/feed.xml"))


def urls(room: Newsroom) -> set[str]:
    return {line["url"] for line in room.read("articles")}


def test_news_come_from_the_hub_long_before_the_next_poll_and_after_a_restart(
    site: Site, hub: Hub, room: Newsroom, port: int
) -> None:
    site.publish("/news/old")
    room.settle(*listen(site, hub, port), poll=SELDOM)
    running = room.run()
    wait_for(lambda: bool(hub.holds(f"{site.url}/feed.xml")))
    wait_for(lambda: urls(room) == {f"{site.url}/news/old"})
    polled = count_polls(site)
    site.publish("/news/first")
    assert tell(site, hub) == [202]
    wait_for(lambda: f"{site.url}/news/first" in urls(room))
    assert end(running)[0] == 0

    site.publish("/news/second")
    running = room.run()
    wait_for(lambda: tell(site, hub) == [202])
    wait_for(lambda: f"{site.url}/news/second" in urls(room))
    assert count_polls(site) == polled
    assert len(hub.asked) == 1  # the lease of before still holds
    assert [line["outcome"] for line in room.read("outcomes") if line["url"].startswith(site.url)] == [
        "published"
    ] * 3
    told = room.sources()["harbour"]
    assert (told["state"], told["listen"]) == ("fine", f"127.0.0.1:{port}")
    assert told["hub"].startswith(f"subscribed at {hub.url} until 20")
    assert end(running)[0] == 0


def test_where_the_hub_is_away_or_lies_the_feed_is_polled_as_ever(
    site: Site, hub: Hub, room: Newsroom, port: int
) -> None:
    hub.stop()
    site.publish("/news/old")
    room.settle(*listen(site, hub, port), poll=POLL)
    running = room.run()
    wait_for(lambda: len(urls(room)) == 1)
    site.publish("/news/polled")
    wait_for(lambda: len(urls(room)) == 2)
    told = room.sources()["harbour"]
    assert told["state"] == "fine"
    assert "no connection" in told["hub"]
    assert "it is polled" in told["hub"]
    assert end(running)[0] == 0


def test_a_forged_push_changes_nothing_and_a_source_that_is_taken_out_says_so(
    site: Site, hub: Hub, room: Newsroom, port: int
) -> None:
    site.publish("/news/old")
    room.settle(*listen(site, hub, port), poll=SELDOM)
    running = room.run()
    topic = f"{site.url}/feed.xml"
    wait_for(lambda: bool(hub.holds(topic)) and len(urls(room)) == 1)
    hub.manners.forge = True
    site.publish("/news/forged")
    assert tell(site, hub) == [202]
    time.sleep(1)
    assert len(urls(room)) == 1
    room.call("sources", "pause", "harbour")
    wait_for(lambda: tell(site, hub) in ([410], []))
    assert hub.holds(topic) == []
    assert end(running)[0] == 0
    assert len(urls(room)) == 1
