"""What the head of a request says, as it comes over the wire."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from connectors.receiving.problem import Refused
from connectors.receiving.request import read_key, read_token, read_url

URL = "https://harbour.example/news/1"


def ask(read: Callable[[web.BaseRequest], Any], target: str = "/", *head: str | bytes) -> Any:
    """Return what is read of a request, the status where it is refused."""
    found: list[Any] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        try:
            found.append(read(request))
        except Refused as refused:
            found.append(refused.status)
        return web.Response()

    async def run() -> None:
        async with RawTestServer(answer, host="127.0.0.1") as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            lines = [f"POST {target} HTTP/1.1", "Host: naba", "Connection: close", *head, "", ""]
            writer.write(b"\r\n".join(one if isinstance(one, bytes) else one.encode() for one in lines))
            await reader.read()
            writer.close()

    asyncio.run(run())
    return found[0]


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("Bearer harbour-7", "harbour-7"),
        ("bearer   harbour-7  ", "harbour-7"),
        ("BEARER aA0-._~+/==", "aA0-._~+/=="),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearerharbour-7", None),
        ("Basic harbour-7", None),
        ("harbour-7", None),
        ("Bearer harbour 7", None),
        ("Bearer harbour-7, Bearer library-3", None),
        ("Bearer المرفأ", None),
        ("", None),
    ],
)
def test_a_token_is_read_as_rfc_6750_writes_it(written: str, token: str | None) -> None:
    assert ask(lambda request: read_token(request.headers), "/", f"Authorization: {written}") == token


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("2026-03-07/1", "2026-03-07/1"),
        ('"2026-03-07/1"', "2026-03-07/1"),
        ('"harbour 7"', "harbour 7"),
        ("  tide-1\t", "tide-1"),
        ("a" * 255, "a" * 255),
        ('"' + "a" * 255 + '"', "a" * 255),
        ('a"b', 'a"b'),
        ("", 400),
        ("a" * 256, 400),
        ('"' + "a" * 256 + '"', 400),
        ("harbour 7", 400),
        ('" tide"', 400),
        ("المرفأ", 400),
        (b"tide\xff", 400),
        (b"tide\xa0", 400),
    ],
    ids=repr,
)
def test_a_key_is_read_bare_and_in_quotes(written: str | bytes, key: str | int) -> None:
    line = b"Idempotency-Key: " + (written if isinstance(written, bytes) else written.encode())
    assert ask(lambda request: read_key(request.headers), "/", line) == key


def test_what_is_not_there_is_none() -> None:
    assert ask(
        lambda request: (read_token(request.headers), read_key(request.headers), read_url(request))
    ) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, URL),
        ("HTTP://Harbour.example:8080/?p=12#top", "HTTP://Harbour.example:8080/?p=12#top"),
        ("https://harbour.example/أخبار/1", "https://harbour.example/أخبار/1"),
        (f"{URL}?{'a' * (4000 - len(URL) - 1)}", f"{URL}?{'a' * (4000 - len(URL) - 1)}"),
        (f"{URL}?{'a' * (4000 - len(URL))}", 400),
        ("", 400),
        ("/news/1", 400),
        ("//harbour.example/1", 400),
        ("https:harbour.example/1", 400),
        ("https://", 400),
        ("https://[", 400),
        ("ftp://harbour.example/1", 400),
        ("javascript:alert(1)", 400),
        ("file:///etc/passwd", 400),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_address_of_a_page_is_read_in_both_places(url: str, expected: str | int) -> None:
    assert ask(read_url, "/", f"Content-Location: {url}") == expected
    assert ask(read_url, f"/?url={quote(url, safe='')}") == expected


def test_the_header_goes_before_the_query_and_both_must_be_addresses() -> None:
    assert ask(read_url, "/?url=https%3A%2F%2Flibrary.example", f"Content-Location: {URL}") == URL
    assert ask(read_url, "/?url=library", f"Content-Location: {URL}") == 400
    assert ask(read_url, f"/?url={quote(URL)}", "Content-Location: ") == 400


def test_bytes_of_an_address_that_are_no_utf_8_are_refused_and_in_a_query_replaced() -> None:
    assert ask(read_url, "/", b"Content-Location: https://harbour.example/\xff") == 400
    assert ask(read_url, "/?url=https%3A%2F%2Fharbour.example%2F%FF") == "https://harbour.example/\ufffd"
