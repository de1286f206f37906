"""Redirects, validators, retries: what a request does on its way to an answer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from connectors.fetching.address import read_address
from connectors.fetching.client import is_lasting_move
from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import Cause, FetchError, Page
from connectors.fetching.settings import FetchSettings
from tests.connectors.fetching.site import Hosts, Site, answer, fetching


def fetch(site: Site, path: str = "/", **wishes: str) -> Page:
    """Return what a new site gives at `path`; its log is there afterwards."""

    async def run() -> Page:
        async with site, fetching(site) as fetcher:
            return await fetcher.fetch(site.url(path), **wishes)  # type: ignore[arg-type]

    return asyncio.run(run())


def fail(site: Site, path: str = "/", **wishes: str) -> FetchError:
    with pytest.raises(FetchError) as raised:
        fetch(site, path, **wishes)
    return raised.value


def redirect(status: int, location: str) -> bytes:
    return answer(status, b"moved", f"Location: {location}")


NEWS = answer(200, b"the ferry waits", 'ETag: "tide"', "Last-Modified: Wed, 04 Mar 2026 12:00:00 GMT")


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ([301], True),
        ([308], True),
        ([301, 308, 301], True),
        ([302], False),
        ([303], False),
        ([307], False),
        ([301, 302], False),
        ([302, 301], False),
        ([], False),
    ],
)
def test_only_permanent_redirects_tell_where_it_has_moved(statuses: list[int], moved: bool) -> None:
    steps = {f"/{number}": redirect(status, f"/{number + 1}") for number, status in enumerate(statuses)}
    site = Site({**steps, f"/{len(statuses)}": NEWS})
    page = fetch(site, "/0")
    assert page.asked == site.url("/0")
    assert page.url == site.url(f"/{len(statuses)}")
    assert page.moved_to == (page.url if moved else None)
    assert page.body == b"the ferry waits"


@pytest.mark.parametrize(
    ("source", "target", "lasting"),
    [("http", "https", True), ("https", "https", True), ("http", "http", True), ("https", "http", False)],
)
def test_a_move_out_of_https_is_not_remembered(source: str, target: str, lasting: bool) -> None:
    before, after = (read_address(f"{scheme}://harbour.example/") for scheme in (source, target))
    assert is_lasting_move(301, before, after) is lasting
    assert not is_lasting_move(302, before, after)


def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    steps = {f"/{number}": redirect(302, f"/{number + 1}") for number in range(6)}
    assert fetch(Site({**steps, "/6": NEWS}), "/1").body
    site = Site({**steps, "/6": NEWS})
    assert fail(site, "/0").cause == "redirects"
    assert "/6" not in site.paths


@pytest.mark.parametrize(
    "steps",
    [{"/a": "/a"}, {"/a": "#here"}, {"/a": "/b", "/b": "/a"}, {"/a": "?x", "/a?x": "/a"}],
    ids=["itself", "itself with a fragment", "two", "by a query"],
)
def test_a_circle_is_left_at_once(steps: dict[str, str]) -> None:
    site = Site({path: redirect(301, location) for path, location in steps.items()})
    assert fail(site, "/a").cause == "redirects"
    assert len(site.paths) == len(steps)


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("file:///etc/passwd", "address"),
        ("javascript:alert(1)", "address"),
        ("ftp://harbour.example/", "address"),
        ("http://127.0.0.1:22/", "address"),
        ("http://[fe80::1]/", "guarded"),
        ("/" + "a" * 6000, "address"),
        ("/" + "a" * 60_000, "broken"),
        ("http://" + "a" * 300 + ".example/", "unreachable"),
    ],
    ids=lambda text: text[:30],
)
def test_a_redirect_to_where_nobody_may_go_is_an_error(location: str, cause: Cause) -> None:
    async def run() -> FetchError:
        settings = FetchSettings(allow_private=True, pause=0)
        async with Site({"/": redirect(302, location)}) as site, Fetcher(settings, [site.url()]) as fetcher:
            with pytest.raises(FetchError) as raised:
                await fetcher.fetch(site.url())
            return raised.value

    error = asyncio.run(run())
    # A page at a name that does not exist fails at its robots.txt.
    assert error.cause == cause


@pytest.mark.parametrize("location", ["/عبّارة", "/%D8%B9%D8%A8%D9%91%D8%A7%D8%B1%D8%A9"])
def test_a_location_that_is_not_ascii_is_followed(location: str) -> None:
    path = "/%D8%B9%D8%A8%D9%91%D8%A7%D8%B1%D8%A9"
    assert fetch(Site({"/": redirect(301, location), path: NEWS})).url.endswith(path)


def test_addresses_that_are_not_ascii_are_asked_for_in_ascii() -> None:
    async def run() -> tuple[Site, Hosts]:
        hosts = Hosts()
        async with Site({"/%D8%B9?%C3%A4": NEWS}) as site:
            async with fetching(site, host="مرفأ.example", hosts=hosts) as fetcher:
                assert (await fetcher.fetch(site.url("/ع?ä", host="مرفأ.example"))).body
            return site, hosts

    site, hosts = asyncio.run(run())
    assert hosts.asked == ["xn--igb1ayco.example"]
    assert site.log[-1].headers["host"] == f"xn--igb1ayco.example:{site.port}"


def test_no_user_and_password_are_sent_and_no_cookie_comes_back() -> None:
    site = Site({"/": answer(302, b"", "Location: /b", "Set-Cookie: reader=7"), "/b": NEWS})

    async def run() -> Page:
        async with site, fetching(site) as fetcher:
            return await fetcher.fetch(site.url().replace("//", "//reader:secret@"))

    assert "secret" not in asyncio.run(run()).url
    assert len(site.log) == 3
    assert not any({"authorization", "cookie"} & set(asked.headers) for asked in site.log)


def test_validators_are_sent_back_as_they_came_and_only_to_the_host_that_gave_them() -> None:
    async def run() -> tuple[Site, Site, list[Page]]:
        async with Site() as site, Site({"/": NEWS}) as other:
            site.answers |= {
                "/": NEWS,
                "/same": redirect(302, "/kept"),
                "/kept": answer(304),
                "/other": redirect(302, other.url()),
            }
            async with fetching(site, other) as fetcher:
                first = await fetcher.fetch(site.url())
                pages = [
                    await fetcher.fetch(site.url(path), etag=first.etag, last_modified=first.last_modified)
                    for path in ("/same", "/other")
                ]
            return site, other, pages

    site, other, pages = asyncio.run(run())
    assert [page.not_modified for page in pages] == [True, False]
    kept = next(asked for asked in site.log if asked.path == "/kept")
    assert kept.headers["if-none-match"] == '"tide"'
    assert kept.headers["if-modified-since"] == "wed, 04 mar 2026 12:00:00 gmt"  # the log is in small letters
    assert not any("if-none-match" in asked.headers for asked in other.log)
    assert "if-none-match" not in site.log[0].headers


@pytest.mark.parametrize(
    "etag", ['"a"\r\nX-Harbour: 1', "a" * 5000, '"é"'], ids=["lines", "long", "not ascii"]
)
def test_a_validator_that_cannot_be_sent_is_left_out(etag: str) -> None:
    site = Site({"/": NEWS})
    assert fetch(site, etag=etag).status == 200
    assert not {"if-none-match", "x-harbour"} & set(site.log[-1].headers)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (204, "broken"),
        (206, "broken"),
        (300, "redirects"),
        (302, "redirects"),
        (304, "broken"),
        (400, "forbidden"),
        (401, "forbidden"),
        (403, "forbidden"),
        (404, "gone"),
        (410, "gone"),
        (429, "busy"),
        (451, "forbidden"),
        (999, "broken"),
    ],
)
def test_every_other_status_has_its_cause_and_is_asked_for_once(status: int, cause: Cause) -> None:
    site = Site({"/": answer(status, b"" if status in (204, 304) else b"no")})
    error = fail(site)
    assert (error.cause, error.status) == (cause, status)
    assert site.paths == ["/"]


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.fetching.retry._PAUSES", (0.01, 0.02))


def after(failures: int, failure: bytes | None) -> Callable[..., Awaitable[None]]:
    """Speak as often as that of a failure, or hang up, and then of the news."""
    left = failures

    async def speak(writer: asyncio.StreamWriter) -> None:
        nonlocal left
        left -= 1
        if left >= 0 and failure is None:
            writer.transport.abort()
            return
        writer.write(failure if left >= 0 and failure else NEWS)

    return speak


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    "failure", [None, answer(500), answer(502), answer(503)], ids=["reset", "500", "502", "503"]
)
def test_what_passes_is_tried_three_times_in_all(failure: bytes | None) -> None:
    assert fetch(Site({"/": after(2, failure)})).body == b"the ferry waits"
    site = Site({"/": after(3, failure)})
    assert fail(site).cause in ("unreachable", "broken", "busy")
    assert len(site.paths) == 3


def test_retry_after_closes_the_host_for_everybody() -> None:
    site = Site({"/": answer(503, b"", "Retry-After: 3600"), "/other": NEWS})

    async def run() -> list[FetchError]:
        errors = []
        async with site, fetching(site) as fetcher:
            for path in ("/", "/other", "/"):
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(site.url(path))
                errors.append(raised.value)
        return errors

    errors = asyncio.run(run())
    assert [error.cause for error in errors] == ["busy"] * 3
    assert all(3590 < (error.retry_after or 0) <= 3600 for error in errors)
    assert [errors[0].status, errors[1].status] == [503, None]
    assert site.paths == ["/"]
