"""Forms: sent once, through the same gates as all requests, and what came of them."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import Cause, FetchError, Reply
from connectors.fetching.settings import FetchSettings
from tests.connectors.fetching.site import Hosts

FORM = {"hub.mode": "subscribe", "hub.topic": "https://harbour.example/?a=1&b=مرفأ"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Log = list[tuple[str, str, dict[str, str]]]


def post(
    handler: Handler, *, allow_private: bool = True, seconds: float = 5.0
) -> tuple[Reply | FetchError, Log]:
    """Return what comes of a form that is posted to /hub, and what the server was asked."""
    log: Log = []

    async def note(request: web.Request) -> web.StreamResponse:
        log.append((request.method, request.path, {k: str(v) for k, v in (await request.post()).items()}))
        return await handler(request)

    async def run() -> Reply | FetchError:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", note)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        port = unused_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        url = f"http://hub.example:{port}/hub"
        settings = FetchSettings(allow_private=allow_private, pause=0, seconds=seconds)
        try:
            async with Fetcher(settings, [url], resolver=Hosts()) as fetcher:
                return await fetcher.post(url, FORM)
        except FetchError as error:
            return error
        finally:
            await runner.cleanup()

    return asyncio.run(run()), log


def say(status: int, text: str = "", **headers: str) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(
            status=status, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return handle


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_form_comes_as_it_was_and_robots_txt_is_not_asked(status: int) -> None:
    reply, log = post(say(status, "" if status == 204 else "so be it"))
    assert isinstance(reply, Reply)
    assert (reply.status, reply.text) == (status, "" if status == 204 else "so be it")
    assert log == [("POST", "/hub", FORM)]


@pytest.mark.parametrize("status", [307, 308])
def test_it_is_sent_on_where_the_method_is_kept(status: int) -> None:
    async def lead(request: web.Request) -> web.Response:
        if request.path == "/hub":
            return web.Response(status=status, headers={"Location": "/other"})
        return web.Response(status=202)

    reply, log = post(lead)
    assert isinstance(reply, Reply)
    assert reply.url.endswith("/other")
    assert log == [("POST", "/hub", FORM), ("POST", "/other", FORM)]


@pytest.mark.parametrize(
    ("handler", "cause", "said"),
    [
        (say(301, Location="/other"), "redirects", "the server answers 301"),
        (say(302, Location="/other"), "redirects", "the server answers 302"),
        (say(303, Location="/other"), "redirects", "the server answers 303"),
        (say(308, Location="/hub"), "redirects", "redirected in a circle"),
        (say(307, Location="http://169.254.169.254/"), "guarded", "metadata"),
        (say(307, Location="http://hub.example:22/"), "address", "port 22"),
        (say(400, "no such\ntopic"), "forbidden", "the server answers 400: no such topic"),
        (say(404, ""), "gone", "the server answers 404"),
        (say(422, "x" * 200_000), "forbidden", "x" * 50),
        (say(500, "oh"), "broken", "the server answers 500: oh"),
        (say(503, "later", Retry_After="60"), "busy", "the server answers 503: later"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, str) else "",
)
def test_what_is_not_granted_is_told_and_not_tried_again(handler: Handler, cause: Cause, said: str) -> None:
    error, log = post(handler)
    assert isinstance(error, FetchError)
    assert error.cause == cause
    assert said in str(error)
    assert len(str(error)) < 400
    assert len(log) == 1
    assert error.retry_after == (60 if cause == "busy" else None)


def test_a_form_goes_nowhere_inside() -> None:
    error, log = post(say(202), allow_private=False)
    assert isinstance(error, FetchError)
    assert error.cause == "guarded"
    assert log == []


def test_an_answer_of_any_length_ends() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=202)
        await answer.prepare(request)
        for _ in range(10_000):
            await answer.write(b"a" * 65_536)
        return answer

    reply, _ = post(flood)
    assert isinstance(reply, Reply)
    assert len(reply.text) == 65_536


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(10)
        return web.Response()

    error, _ = post(hang, seconds=0.2)
    assert isinstance(error, FetchError)
    assert error.cause == "slow"
