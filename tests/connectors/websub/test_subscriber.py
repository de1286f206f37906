"""Subscriptions at a hub: found, asked for, verified, renewed, refused, left. On real sockets."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.broker.ports import find_port
from connectors.feeds.item import Item
from connectors.sources.websub import WebSubSource
from tests.connectors.websub.listening import Clock, Listening, feed, listen
from tests.hub import Hub, announce
from tests.site import Site, say

DAY = 86_400.0


def source(site: Site, listening: Listening, name: str = "harbour", path: str = "/feed.xml") -> WebSubSource:
    return WebSubSource(name=name, url=site.url + path, callback=listening.base)


async def subscribe(site: Site, listening: Listening, hub: Hub) -> None:
    await listening.call(source(site, listening))
    await listening.look()
    await listening.rest(hub)
    await listening.become("held")


async def wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def test_news_come_from_the_hub_that_a_feed_names(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening))
            assert (await listening.look()).new == 1
            known = await listening.become("held")
            await listening.rest(hub)
            assert (known.hub, known.topic) == (hub.url, f"{site.url}/feed.xml")
            news = feed(known.topic, Item(id="2", url=f"{site.url}/library", title="The library opens"))
            assert await asyncio.to_thread(hub.distribute, known.topic, news) == [202]
            assert listening.wanted() == [f"{site.url}/ferry", f"{site.url}/library"]
            assert listening.news == {"harbour": 1}
            assert await asyncio.to_thread(hub.distribute, known.topic, news) == [202]
            assert listening.news == {"harbour": 1}
            after = await listening.know()
            assert after is not None
            assert (after.contents, after.dropped) == (2, 0)
            assert after.content_at is not None

    asyncio.run(run())
    (form,) = hub.asked
    assert form["hub.mode"] == "subscribe"
    assert form["hub.lease_seconds"] == "864000"
    assert 32 <= len(form["hub.secret"]) < 200


@pytest.mark.parametrize(
    ("links", "hub_of_feed", "topic_of_feed", "topic"),
    [
        (["<{hub}>; rel=hub, <{site}/canonical>; rel=self"], None, "{site}/other", "{site}/canonical"),
        (["<{hub}>; rel=hub"], "http://127.0.0.1:1/", "{site}/canonical", "{site}/canonical"),
        ([], "{hub}", "{site}/canonical", "{site}/canonical"),
    ],
    ids=["headers", "a header before the feed", "the feed"],
)
def test_hub_and_topic_are_those_that_are_named(
    tmp_path: Path,
    site: Site,
    hub: Hub,
    links: list[str],
    hub_of_feed: str | None,
    topic_of_feed: str,
    topic: str,
) -> None:
    def fill(text: str) -> str:
        return text.format(hub=hub.url, site=site.url)

    item = Item(id="1", url=f"{site.url}/ferry", title="The ferry waits")
    body = feed(fill(topic_of_feed), item, hub=fill(hub_of_feed) if hub_of_feed else None)
    site.extra["/feed"] = ("application/rss+xml", body)
    site.behave("/feed", announce(*map(fill, links)))

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening, path="/feed"))
            await listening.look()
            known = await listening.become("held")
            assert (known.hub, known.topic) == (hub.url, fill(topic))

    asyncio.run(run())
    assert [one.topic for one in hub.held.values()] == [fill(topic)]


def test_a_feed_that_names_no_hub_is_polled_and_says_so(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening, path="/atom.xml"))
            assert (await listening.look()).new == 1
            assert (await listening.become("none")).next_at is None
            assert listening.wanted() == [f"{site.url}/ferry"]

    asyncio.run(run())
    assert hub.asked == []


def test_a_hub_may_verify_before_it_has_answered(tmp_path: Path, site: Site, hub: Hub) -> None:
    hub.manners.verify_first = True

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await subscribe(site, listening, hub)
            await asyncio.sleep(0.05)
            known = await listening.become("held")
            assert (known.secret, known.tries) == (hub.asked[0]["hub.secret"], 0)

    asyncio.run(run())
    assert len(hub.asked) == 1


def test_a_lease_is_renewed_before_it_ends_with_another_secret(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock
) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await subscribe(site, listening, hub)
            first = await listening.become("held")
            listening.pass_time(7.9 * DAY)
            await asyncio.sleep(0.05)
            assert len(hub.asked) == 1
            listening.pass_time(1.2 * DAY)
            renewed = await listening.wait_for("harbour", lambda one: one.secret != first.secret)
            assert renewed.callback == first.callback
            assert (renewed.lease_until or 0) > (first.lease_until or 0) + 8 * DAY
            news = feed(first.topic, Item(id="2", url=f"{site.url}/library", title="The library opens"))
            assert await asyncio.to_thread(hub.distribute, first.topic, news) == [202]
            assert listening.news == {"harbour": 1}

    asyncio.run(run())
    assert len(hub.held) == 1
    assert len(hub.asked) == 2


@pytest.mark.parametrize("is_verified", [False, True], ids=["before", "after"])
def test_what_the_old_secret_has_signed_is_taken_before_and_just_after_a_renewal(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock, is_verified: bool
) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await subscribe(site, listening, hub)
            (old,) = hub.held.values()
            hub.manners.verify = is_verified
            listening.pass_time(9.1 * DAY)
            await listening.wait_for(
                "harbour", lambda one: one.asked_at is not None and one.asked_at > old.until - DAY
            )
            await listening.rest(hub)
            waiting = await listening.become("held")
            assert (waiting.secret != old.secret) is is_verified
            hub.held[old.callback, old.topic] = old
            news = feed(waiting.topic, Item(id="2", url=f"{site.url}/library", title="The library opens"))
            assert await asyncio.to_thread(hub.distribute, waiting.topic, news) == [202]
            assert listening.news == {"harbour": 1}

    asyncio.run(run())


def test_a_short_lease_is_renewed_as_well(tmp_path: Path, site: Site, hub: Hub, clock: Clock) -> None:
    hub.manners.lease = 600

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await subscribe(site, listening, hub)
            for count in (2, 3, 4):
                before = await listening.become("held")
                listening.pass_time(545)
                await listening.wait_for("harbour", lambda one, old=before: one.secret != old.secret)  # type: ignore[misc]
                await listening.rest(hub)
                assert len(hub.asked) == count

    asyncio.run(run())


def test_a_hub_that_is_away_is_asked_again_and_the_lease_goes_on_meanwhile(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock
) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await subscribe(site, listening, hub)
            first = await listening.become("held")
            hub.stop()
            listening.pass_time(9.1 * DAY)
            failed = await listening.wait_for("harbour", lambda one: one.tries == 1 and one.why is not None)
            await listening.rest()
            assert failed.is_held(clock())
            assert "no connection" in (failed.why or "")
            listening.pass_time(DAY)
            await listening.wait_for("harbour", lambda one: one.tries == 2 and not one.is_held(clock()))
            await listening.rest()
            hub.start()
            listening.pass_time(DAY)
            again = await listening.wait_for("harbour", lambda one: one.is_held(clock()))
            assert (again.tries, again.why) == (0, None)
            assert again.callback == first.callback

    asyncio.run(run())


def test_a_hub_that_never_verifies_is_asked_ever_less_often(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock
) -> None:
    hub.manners.verify = False

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await listening.call(source(site, listening))
            await listening.look()
            for tries, wait in ((1, 331), (2, 661), (3, 0)):
                known = await listening.wait_for("harbour", lambda one, n=tries: one.tries == n)  # type: ignore[misc]
                assert known.state == "asked"
                await listening.rest(hub)
                listening.pass_time(wait)
            assert known.why == "it has not verified what it was asked"

    asyncio.run(run())
    assert len({form["hub.secret"] for form in hub.asked}) == 1


@pytest.mark.parametrize(
    ("status", "text", "why"),
    [(403, "not you", "the server answers 403: not you"), (404, "", "the server answers 404")],
)
def test_what_a_hub_refuses_is_told_and_asked_for_a_day_later(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock, status: int, text: str, why: str
) -> None:
    hub.manners.status, hub.manners.text = status, text

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await listening.call(source(site, listening))
            await listening.look()
            assert (await listening.become("refused")).why == why
            await listening.rest(hub)
            hub.manners.status = 202
            listening.pass_time(0.9 * DAY)
            await asyncio.sleep(0.05)
            assert len(hub.asked) == 1
            listening.pass_time(0.3 * DAY)
            await listening.become("held")

    asyncio.run(run())


def test_a_hub_that_denies_is_believed(tmp_path: Path, site: Site, hub: Hub) -> None:
    hub.manners.deny = "no\x00t here"

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening))
            await listening.look()
            assert (await listening.become("refused")).why == "denied: not here"

    asyncio.run(run())
    assert hub.held == {}


def test_a_hub_that_moves_us_on_is_followed(tmp_path: Path, site: Site, hub: Hub) -> None:
    hub.manners.status, hub.manners.headers = 307, {"Location": "/moved"}

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await subscribe(site, listening, hub)

    asyncio.run(run())
    assert len(hub.asked) == 2


def test_a_question_about_another_topic_gets_no_subscription(tmp_path: Path, site: Site, hub: Hub) -> None:
    hub.manners.topic = "https://southport.example/feed.xml"

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening))
            await listening.look()
            await wait_until(lambda: len(hub.verified) == 1)
            assert (await listening.become("asked")).lease_until is None

    asyncio.run(run())
    assert [(one.status, one.agreed) for one in hub.verified] == [(404, False)]


def test_another_hub_is_turned_to_and_the_old_one_left(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run(other: Hub) -> None:
        async with listen(tmp_path, site.url, hub.url, other.url) as listening:
            await subscribe(site, listening, hub)
            first = await listening.become("held")
            site.publish("/library")
            site.behave("/feed.xml", announce(f'<{other.url}>; rel="hub"'))
            await listening.look()
            known = await listening.become("held")
            assert known.hub == other.url
            assert known.callback != first.callback
            await wait_until(lambda: not hub.held)
            assert [one.source for one in await listening.know_all()] == ["harbour"]

    with Hub() as other:
        asyncio.run(run(other))
        assert len(other.held) == 1
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
    assert "hub.secret" not in hub.asked[1]


@pytest.mark.parametrize("is_there", [True, False], ids=["the hub is there", "the hub is away"])
def test_a_source_that_is_taken_out_is_left_politely(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock, is_there: bool
) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock) as listening:
            await subscribe(site, listening, hub)
            (held,) = hub.holds(f"{site.url}/feed.xml")
            if not is_there:
                hub.stop()
            await listening.call()
            for _ in range(4):
                await listening.rest(hub if is_there else None)
                listening.pass_time(3600)
            async with asyncio.timeout(5):
                while await listening.know_all():
                    await asyncio.sleep(0.01)
            if not is_there:
                hub.start()
                hub.held[held.callback, held.topic] = held
                assert await asyncio.to_thread(hub.distribute, held.topic, b"") == [410]

    asyncio.run(run())
    assert hub.held == {}


def test_a_paused_source_says_that_it_is_gone_and_asks_again_later(
    tmp_path: Path, site: Site, hub: Hub
) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await subscribe(site, listening, hub)
            known = await listening.become("held")
            await listening.call(source(site, listening), paused=("harbour",))
            news = feed(known.topic, Item(id="2", url=f"{site.url}/library", title="The library opens"))
            assert await asyncio.to_thread(hub.distribute, known.topic, news) == [410]
            assert hub.held == {}
            assert (await listening.become("new")).next_at is None
            await listening.call(source(site, listening))
            await listening.become("held")
            await listening.rest(hub)
            assert await asyncio.to_thread(hub.distribute, known.topic, news) == [202]
            assert listening.news == {"harbour": 1}

    asyncio.run(run())


def test_a_restart_keeps_the_lease_and_asks_nobody(
    tmp_path: Path, site: Site, hub: Hub, clock: Clock
) -> None:
    port = find_port()

    async def run(first: bool) -> None:
        async with listen(tmp_path, site.url, hub.url, clock=clock, port=port) as listening:
            if first:
                await subscribe(site, listening, hub)
                return
            await listening.call(source(site, listening))
            topic = f"{site.url}/feed.xml"
            news = feed(topic, Item(id="2", url=f"{site.url}/library", title="The library opens"))
            assert await asyncio.to_thread(hub.distribute, topic, news) == [202]
            assert listening.news == {"harbour": 1}
            assert len(hub.asked) == 1
            listening.pass_time(9.1 * DAY)
            await wait_until(lambda: len(hub.asked) == 2)

    asyncio.run(run(first=True))
    asyncio.run(run(first=False))


def test_another_address_for_callbacks_is_another_subscription(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await subscribe(site, listening, hub)
            first = await listening.become("held")
            moved = WebSubSource(
                name="harbour", url=f"{site.url}/feed.xml", callback=f"{listening.base}/moved/"
            )
            await listening.call(moved)
            known = await listening.wait_for("harbour", lambda one: one.secret not in (None, first.secret))
            assert known.callback_url == f"{listening.base}/moved/{known.callback}"
            await wait_until(lambda: len(hub.held) == 1)

    asyncio.run(run())
    assert all("/moved/" in callback for callback, _ in hub.held)


def test_a_hub_inside_is_not_asked(tmp_path: Path, site: Site, hub: Hub) -> None:
    site.behave("/feed.xml", announce("<http://169.254.169.254/latest>; rel=hub"))

    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await listening.call(source(site, listening))
            await listening.look()
            known = await listening.wait_for("harbour", lambda one: one.why is not None)
            assert "metadata" in (known.why or "")

    asyncio.run(run())


def test_an_unchanged_feed_changes_no_subscription(tmp_path: Path, site: Site, hub: Hub) -> None:
    async def run() -> None:
        async with listen(tmp_path, site.url, hub.url) as listening:
            await subscribe(site, listening, hub)
            first = await listening.become("held")
            await listening.look()
            site.behave("/feed.xml", say(b"<html>", "text/html"))
            with pytest.raises(ValueError, match="HTML"):
                await listening.look()
            assert await listening.know() == first

    asyncio.run(run())
