"""robots.txt by RFC 9309: what it allows, what its absence means, and how often it is asked for."""

import asyncio
import gzip
from itertools import pairwise

import pytest

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import FetchError
from connectors.fetching.settings import FetchSettings
from tests.connectors.fetching.site import Hosts, Site, answer, fetching

NEWS = answer(200, b"news")
RULES = b"User-agent: *\nDisallow: /\n\nUser-agent: naba\nDisallow: /private/\nAllow: /private/open\n"


def try_paths(site: Site, *paths: str, **manners: float) -> list[str]:
    """Return for each path `ok` or the cause why not."""

    async def run() -> list[str]:
        async with site, fetching(site, **manners) as fetcher:  # type: ignore[arg-type]
            return [await try_one(fetcher, site.url(path)) for path in paths]

    return asyncio.run(run())


async def try_one(fetcher: Fetcher, url: str) -> str:
    try:
        await fetcher.fetch(url)
    except FetchError as error:
        return error.cause
    return "ok"


def count(site: Site) -> int:
    return [asked.path for asked in site.log].count("/robots.txt")


def test_rules_for_us_are_kept_and_nothing_else_is_asked_for() -> None:
    site = Site({"/robots.txt": answer(200, RULES), "/": NEWS, "/private/open": NEWS, "/private/a": NEWS})
    assert try_paths(site, "/", "/private/open", "/private/a") == ["ok", "ok", "robots"]
    assert site.paths == ["/", "/private/open"]
    assert count(site) == 1


def test_a_redirect_does_not_lead_past_the_rules() -> None:
    site = Site({"/robots.txt": answer(200, RULES), "/": answer(302, b"", "Location: /private/a")})
    assert try_paths(site, "/") == ["robots"]
    assert site.paths == ["/"]


@pytest.mark.parametrize(
    ("robots", "result"),
    [
        (answer(404), "ok"),
        (answer(403), "ok"),
        (answer(401), "ok"),
        (answer(410), "ok"),
        (answer(200, b""), "ok"),
        (answer(200, b"<html>a page of errors</html>"), "ok"),
        (answer(200, b"\xff\xfe\x00\x01" * 100), "ok"),
        (answer(200, b"\xef\xbb\xbfUser-agent: naba\nDisallow: /\n"), "robots"),
        (answer(200, gzip.compress(b"User-agent: *\nDisallow: /\n"), "Content-Encoding: gzip"), "robots"),
        (answer(429, b"", "Retry-After: 0"), "busy"),
        (answer(500, b"", "Retry-After: 0"), "broken"),
        (answer(301, b"", "Location: /robots.txt"), "ok"),
        (answer(301, b"", "Location: /moved.txt"), "robots"),
        (answer(301, b"", "Location: ftp://harbour.example/"), "ok"),
        (answer(200, b"x", "Content-Encoding: br"), "robots"),
        (answer(200, b"# \n" * 400_000 + RULES), "ok"),
        (answer(200, RULES + b"# \n" * 400_000), "robots"),
    ],
    ids="404 403 401 410 empty html bytes bom gzip 429 500 circle moved ftp br late long".split(),
)
def test_what_comes_instead_of_rules_means_what_the_standard_says(robots: bytes, result: str) -> None:
    site = Site({"/robots.txt": robots, "/moved.txt": answer(200, RULES), "/private/a": NEWS})
    assert try_paths(site, "/private/a") == [result]


def test_a_host_whose_rules_cannot_be_had_is_left_alone_for_minutes() -> None:
    site = Site({"/robots.txt": answer(500, b"", "Retry-After: 0"), "/": NEWS})

    async def run() -> list[FetchError]:
        now, errors = 1000.0, []
        settings = FetchSettings(allow_private=True, pause=0)
        async with site, Fetcher(settings, [site.url()], resolver=Hosts(), clock=lambda: now) as fetcher:
            for _ in range(3):
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(site.url())
                errors.append(raised.value)
                now += 100
            assert count(site) == 1
            site.answers["/robots.txt"] = answer(404)
            assert (await fetcher.fetch(site.url())).body == b"news"
        return errors

    errors = asyncio.run(run())
    assert [(error.cause, error.retry_after) for error in errors] == [
        ("broken", 300.0),
        ("broken", 200.0),
        ("broken", 100.0),
    ]
    assert "cannot be had: the server answers 500" in str(errors[0])


def test_many_who_want_to_know_ask_once() -> None:
    async def run() -> Site:
        site = Site({"/robots.txt": answer(200, RULES)}, delay=0.02)
        async with site, fetching(site) as fetcher:
            results = await asyncio.gather(*(try_one(fetcher, site.url("/private/a")) for _ in range(200)))
            assert set(results) == {"robots"}
        return site

    site = asyncio.run(run())
    assert (count(site), site.paths) == (1, [])


def test_who_asked_first_may_be_cancelled_and_the_others_still_learn() -> None:
    async def run() -> list[str]:
        site = Site({"/robots.txt": answer(200, RULES), "/": NEWS}, delay=0.05)
        async with site, fetching(site) as fetcher:
            first = asyncio.create_task(try_one(fetcher, site.url()))
            await asyncio.sleep(0.01)
            others = [asyncio.create_task(try_one(fetcher, site.url())) for _ in range(3)]
            await asyncio.sleep(0.01)
            first.cancel()
            results = await asyncio.gather(*others)
            assert count(site) == 1
            return results

    assert asyncio.run(run()) == ["ok"] * 3


@pytest.mark.parametrize(
    ("control", "seconds", "asked"),
    [
        ("max-age=0", 500, 1),
        ("max-age=0", 700, 2),
        ("max-age=3600", 3500, 1),
        ("max-age=3600", 3700, 2),
        ("max-age=9999999", 86_000, 1),
        ("max-age=9999999", 87_000, 2),
        ("public", 86_000, 1),
        ("public", 87_000, 2),
    ],
)
def test_rules_are_kept_between_minutes_and_a_day(control: str, seconds: float, asked: int) -> None:
    async def run() -> Site:
        now = 1000.0
        site = Site({"/robots.txt": answer(200, RULES, f"Cache-Control: {control}"), "/": NEWS})
        settings = FetchSettings(allow_private=True, pause=0)
        async with site, Fetcher(settings, [site.url()], resolver=Hosts(), clock=lambda: now) as fetcher:
            await fetcher.fetch(site.url())
            now += seconds
            await fetcher.fetch(site.url())
        return site

    assert count(asyncio.run(run())) == asked


def test_known_rules_hold_on_while_new_ones_cannot_be_had() -> None:
    async def run() -> list[str]:
        now = 1000.0
        site = Site({"/robots.txt": answer(200, RULES), "/": NEWS})
        settings = FetchSettings(allow_private=True, pause=0)
        async with site, Fetcher(settings, [site.url()], resolver=Hosts(), clock=lambda: now) as fetcher:
            await fetcher.fetch(site.url())
            site.answers["/robots.txt"] = answer(500, b"", "Retry-After: 0")
            now += 90_000
            return [await try_one(fetcher, site.url(path)) for path in ("/", "/private/a")]

    assert asyncio.run(run()) == ["ok", "robots"]


def test_the_host_s_own_pause_is_kept() -> None:
    site = Site({"/robots.txt": answer(200, b"User-agent: *\nCrawl-delay: 0.1\n"), "/": NEWS})
    assert try_paths(site, "/", "/", "/") == ["ok"] * 3
    starts = site.starts()[1:]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(starts))
