"""What one body holds: its articles in their order, each taken or refused for itself, under ids that last."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.receiving.batch import KINDS, NotAllowed, Push, read_push
from connectors.receiving.pieces import MOST_ITEMS, Malformed
from connectors.sources.line import LineError
from schemas.codec import decode
from schemas.letter import INPUT, RAW_ID, Letter
from schemas.limits import MAX_CONTENT
from schemas.raw import RawArticle, read_content

NOW = datetime(2026, 3, 7, 9, 0, 0, 5, tzinfo=UTC)
URL = "https://harbour.example/news/1"
ONE, TWO = {"text": "The ferry returned."}, {"html": "<p>عادت العبّارة إلى المرفأ.</p>", "url": URL}
PAGE = b"<html><p>The library opens at nine.</p></html>"
BOM = b"\xef\xbb\xbf"


def push(body: Any, kind: str = "application/json", **more: Any) -> list[Letter | LineError]:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    told = {"url": None, "sender": "partners", "key": None, "digest": "d1", **more}
    return read_push(Push(body=data, content_type=kind, **told), NOW, UTC, {})


def letters(results: list[Letter | LineError]) -> list[Letter]:
    taken = [one for one in results if isinstance(one, Letter)]
    assert len(taken) == len(results), results
    return taken


def articles(results: list[Letter | LineError]) -> list[RawArticle]:
    return [decode(one.value, RawArticle) for one in letters(results)]


def ids(results: list[Letter | LineError]) -> list[str]:
    return [one.headers[RAW_ID] for one in letters(results)]


def inputs(results: list[Letter | LineError]) -> list[str]:
    return [one.headers[INPUT] for one in letters(results)]


def reasons(results: list[Letter | LineError]) -> list[str | None]:
    return [None if isinstance(one, Letter) else one.reason for one in results]


def lines(*all: dict[str, Any], end: str = "\n") -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + end for one in all).encode()


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (ONE, "application/json", [ONE]),
        (ONE, "Application/JSON ; charset=utf-8", [ONE]),
        ([ONE, TWO], "application/json", [ONE, TWO]),
        (b" \r\n[" + json.dumps(ONE).encode() + b"]\n", "application/json", [ONE]),
        (lines(ONE, TWO), "application/x-ndjson", [ONE, TWO]),
        (lines(ONE, TWO, end="\r\n"), "application/jsonl", [ONE, TWO]),
        (b"\n\n" + lines(ONE, TWO, end="\n \n").strip(), "application/ndjson", [ONE, TWO]),
        (BOM + lines(ONE), "application/json", [ONE]),
        (BOM + lines(ONE, TWO), "application/x-jsonlines", [ONE, TWO]),
    ],
    ids="one charset array spaces lines crlf blanks bom bom-lines".split(),
)
def test_every_article_of_a_body_is_read(body: Any, kind: str, expected: list[dict[str, str]]) -> None:
    read = articles(push(body, kind))
    assert [read_content(one).decode() for one in read] == [
        one.get("html", one.get("text")) for one in expected
    ]
    assert [one.url for one in read] == [one.get("url") for one in expected]
    assert {one.source for one in read} == {"partners"}


@pytest.mark.parametrize("body", [PAGE, BOM + PAGE, b"", b"[]", b"\xff\x00<p>"], ids=repr)
@pytest.mark.parametrize("kind", ["text/html; charset=windows-1256", "application/xhtml+xml"])
def test_a_page_stays_as_it_came(body: bytes, kind: str) -> None:
    (page,) = articles(push(body, kind, url=URL))
    assert (read_content(page), page.url, page.content_type) == (body, URL, kind)
    assert page.fetched_at == NOW.replace(microsecond=0)


def test_under_a_key_the_id_is_that_of_the_key_and_the_place_whatever_comes() -> None:
    first = push([ONE, TWO], key="tide-1")
    assert ids(first) == ids(push([TWO, ONE | {"title": "Ferry"}], key="tide-1"))
    assert ids(first)[:1] == ids(push(PAGE, "text/html", key="tide-1", digest="d2"))
    assert inputs(first) == ["partners:tide-1#1", "partners:tide-1#2"]
    assert len({*ids(first), *ids(push([ONE, TWO], key="tide-2"))}) == 4
    assert not {*ids(first)} & {*ids(push([ONE, TWO], key="tide-1", sender="others"))}


def test_without_a_key_the_id_is_that_of_what_came() -> None:
    first = push([ONE, TWO, ONE])
    assert ids(first) == ids(push(lines(ONE, TWO, ONE), "application/x-ndjson", digest="d2"))
    assert ids(first)[0] == ids(first)[2] != ids(first)[1]
    assert ids(first)[0] != ids(push(ONE | {"url": URL}))[0]
    assert inputs(first) == ["partners:d1#1", "partners:d1#2", "partners:d1#3"]
    page = ids(push(PAGE, "text/html", url=URL))
    assert page == ids(push(PAGE, "text/html; charset=utf-8", url=URL, digest="d2"))
    assert page != ids(push(PAGE, "text/html", url=None))


def test_a_place_is_that_in_the_request_though_others_are_refused() -> None:
    results = push([ONE, {"title": "Ferry"}, 5, TWO], key="tide-1")
    assert reasons(results) == [None, "unreadable", "unreadable", None]
    taken = [one for one in results if isinstance(one, Letter)]
    assert inputs(list(taken)) == ["partners:tide-1#1", "partners:tide-1#4"]
    assert ids(list(taken))[1] == ids(push([ONE, ONE, ONE, ONE], key="tide-1"))[3]


def test_a_sender_cannot_be_another_source() -> None:
    (article,) = articles(push(ONE | {"source": "harbour"}))
    assert (article.source, article.claimed_source) == ("partners", "harbour")


TWICE = [
    b'{"text": "a", "text": "b"}',
    b'{"text": "a", "t\\u0065xt": "b"}',
    b'{"text": "a", "more": {"k": 1, "k": 1}}',
    b'{"text": "a", "more": [[{"k": {"l": 1, "l": 2}}]]}',
]


@pytest.mark.parametrize("piece", TWICE, ids=["plain", "escaped", "nested", "deep"])
def test_a_key_that_comes_twice_is_refused_and_its_neighbours_are_not(piece: bytes) -> None:
    good = json.dumps(ONE).encode()
    assert reasons(push(b"[" + good + b"," + piece + b"," + good + b"]")) == [None, "unreadable", None]
    assert reasons(push(piece + b"\n" + good, "application/x-ndjson")) == ["unreadable", None]
    (told,) = push(piece)
    assert isinstance(told, LineError)
    assert "comes twice" in str(told)


def test_the_same_key_in_two_objects_is_no_twin() -> None:
    assert reasons(push(ONE | {"more": [{"text": 1}, {"text": 2}], "of": {"text": 3}})) == [None]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"tide",
        b"{} {}",
        b'"text"',
        b'{"text": 5}',
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a", "n": 36893488147419103232}',
        b'{"text": "a", "n": ' + b"9" * 5000 + b"}",
        b'{"text": "a", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"n": ' * 100_000 + b"1" + b"}" * 100_000,
        b'{"text": "a", "n": NaN}',
        BOM + BOM + b'{"text": "a"}',
    ],
    ids="cut word two string number latin surrogate huge digits deep deeper nan boms".split(),
)
def test_what_is_no_article_is_refused(body: bytes) -> None:
    assert reasons(push(body)) == ["unreadable"]
    assert reasons(push(body, "application/x-ndjson")) == ["unreadable"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b" \r\n", "application/json"),
        (b"[]", "application/json"),
        (BOM, "application/json"),
        (b"\n \n", "application/x-ndjson"),
        (b"[", "application/json"),
        (b"[{}", "application/json"),
        (b"[{},]", "application/json"),
        (b"[{}] {}", "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
    ids="nothing spaces empty bom blanks open cut comma more deep".split(),
)
def test_where_no_article_can_be_told_from_another_all_is_malformed(body: bytes, kind: str) -> None:
    with pytest.raises(Malformed) as told:
        push(body, kind)
    assert not told.value.is_large


def test_a_thousand_are_read_and_one_more_is_too_many() -> None:
    assert ids(push([ONE] * MOST_ITEMS, key="tide-1"))[-1] == push_last(lines(*[ONE] * MOST_ITEMS))
    for body, kind in (([ONE] * (MOST_ITEMS + 1), KINDS[0]), (lines(*[ONE] * (MOST_ITEMS + 1)), KINDS[1])):
        with pytest.raises(Malformed, match="more than 1000 articles at once") as told:
            push(body, kind)
        assert told.value.is_large


def push_last(body: bytes) -> str:
    return ids(push(body, "application/x-ndjson", key="tide-1"))[-1]


def test_an_article_that_is_too_large_is_refused_for_itself() -> None:
    fits, beyond = "a" * MAX_CONTENT, "a" * (MAX_CONTENT + 1)
    assert reasons(push([{"text": fits}, {"text": beyond}, ONE])) == [None, "too_large", None]
    assert reasons(push(fits.encode(), "text/html")) == [None]
    assert reasons(push(beyond.encode(), "text/html")) == ["too_large"]
    # Its content fits, but what stands around it does not.
    assert reasons(push({"text": fits, "authors": ["م" * 10_000] * 30, "title": "م" * 9_000})) == [None]
    assert reasons(push({"text": fits, "authors": ["🚢" * 10_000] * 100})) == ["too_large"]


HOSTS = ("harbour.example", "WWW.Ferry.example", "المرفأ.example")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://harbour.example/1", True),
        ("http://www.harbour.example/1", True),
        ("https://m.HARBOUR.example:8443/1", True),
        ("https://amp.ferry.example/1", True),
        ("https://المرفأ.example/1", True),
        ("https://www.xn--igbh4a2dng.example/1", True),
        (None, True),
        ("not an address", True),
        ("https://library.example/1", False),
        ("https://news.harbour.example/1", False),
        ("https://harbour.example.library.example/1", False),
        ("https://notharbour.example/1", False),
        ("https://harbour.example@library.example/1", False),
        ("https:library.example/1", False),
        (" HTTPS://Library.example\\1", False),
    ],
)
def test_a_sender_has_a_say_about_its_hosts_alone(url: str | None, allowed: bool) -> None:
    for body, kind in ((ONE | {"url": url}, "application/json"), (PAGE, "text/html")):
        (result,) = push(body, kind, url=url, hosts=HOSTS)
        assert isinstance(result, Letter if allowed else NotAllowed)
    (result,) = push(ONE | {"url": url})
    assert isinstance(result, Letter)


def test_an_alias_of_its_host_is_its_own() -> None:
    told = Push(
        body=PAGE,
        content_type="text/html",
        url="https://www.old-harbour.example/1",
        sender="partners",
        key=None,
        digest="d1",
        hosts=("harbour.example",),
    )
    aliases = {"old-harbour.example": "harbour.example"}
    assert reasons(read_push(told, NOW, UTC, aliases)) == [None]
    assert reasons(read_push(told, NOW, UTC, {})) == ["not_allowed"]
    moved = replace(told, url="https://harbour.example/1", hosts=("old-harbour.example",))
    assert reasons(read_push(moved, NOW, UTC, aliases)) == [None]
