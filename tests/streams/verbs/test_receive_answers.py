"""Each status that the OpenAPI document of the receiver names, given by it, and described as it comes."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs
import pytest
from aiohttp import web

from connectors.broker.ports import find_port
from connectors.receiving.body import Bodies
from connectors.receiving.server import Server
from tests.newsroom import wait_for
from tests.receiver import SECRET, TOKEN, Answer, Receiver, sign

pytestmark = pytest.mark.slow

DOCUMENT = json.loads(Path("connectors/receiving/openapi.json").read_bytes())
TEXT = "The ferry returned to the old harbour on Monday."
ARTICLE = {"url": "https://www.harbour.example/1", "text": TEXT}
QUOTA = 60
MOST = 20_000


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    more = (f"quota = {QUOTA}", 'hosts = ["harbour.example"]', f"most_bytes = {MOST}")
    opened = Receiver(tmp_path_factory.mktemp("room"), *more)
    try:
        opened.start()
        yield opened
    finally:
        opened.close()


def describe(answer: Answer, responses: dict[str, Any]) -> None:
    """Require that an answer is as the document has it."""
    assert str(answer.status) in responses
    described = responses[str(answer.status)]
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in described["content"]
    if kind.endswith("json"):
        schema = described["content"][kind]["schema"] | {"components": DOCUMENT["components"]}
        jsonschema_rs.validate(schema, answer.told)
    for name, header in described.get("headers", {}).items():
        value = answer.headers[name.lower()]
        jsonschema_rs.validate(header["schema"], int(value) if name == "Retry-After" else value)


def push_twice(receiver: Receiver, **headers: str) -> Answer:
    body = json.dumps(ARTICLE).encode()
    assert receiver.push(body, token=None, **headers).status == 202
    return receiver.push(body, token=None, **headers)


def replay(receiver: Receiver) -> Answer:
    return push_twice(receiver, **sign(json.dumps(ARTICLE).encode(), "tide-1"))


def reuse(receiver: Receiver) -> Answer:
    assert receiver.push(ARTICLE, key="tide-2").status == 202
    return receiver.push(ARTICLE | {"text": "It left again."}, key="tide-2")


def exceed_quota(receiver: Receiver) -> Answer:
    assert receiver.push(ARTICLE).status == 202
    return receiver.push([ARTICLE] * QUOTA)


def push_paused(receiver: Receiver) -> Answer:
    receiver.room.call("sources", "pause", "partners")
    try:
        wait_for(lambda: receiver.push([]).status != 400)
        return receiver.push(ARTICLE)
    finally:
        receiver.room.call("sources", "pause", "partners", "--resume")
        wait_for(lambda: receiver.push([]).status == 400)


def ask_own(handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], data: Any) -> Answer:
    """Return the answer of a server in this process, for what takes long or must not happen."""

    async def ask() -> Answer:
        port = find_port()
        server = Server(handle, print)
        await server.open("127.0.0.1", port)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{port}/", data=data) as came,
        ):
            names = {name.lower(): value for name, value in came.headers.items()}
            answer = Answer(came.status, names, await came.json(content_type=None), 0)
        await server.close()
        return answer

    return asyncio.run(ask())


def be_slow(receiver: Receiver) -> Answer:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" "
            await asyncio.sleep(0.1)

    async def read(request: web.BaseRequest) -> web.Response:
        async with Bodies(0.2).read(request, MOST):
            return web.Response()

    return ask_own(read, drip())


def find_defect(receiver: Receiver) -> Answer:
    async def fail(request: web.BaseRequest) -> web.Response:
        raise ZeroDivisionError("division by zero")

    return ask_own(fail, b"")


def send_packed(receiver: Receiver, body: bytes, encoding: str) -> Answer:
    return receiver.push(body, Content_Encoding=encoding)


OTHERS = "https://ferry.example/1"
CASES: dict[str, tuple[int, Callable[[Receiver], Answer]]] = {
    "one": (202, lambda to: to.push(ARTICLE)),
    "one of two": (202, lambda to: to.push([ARTICLE, {"title": "Ferry"}])),
    "in part of another's host": (202, lambda to: to.push([ARTICLE, ARTICLE | {"url": OTHERS}])),
    "packed": (202, lambda to: send_packed(to, gzip.compress(json.dumps(ARTICLE).encode()), "gzip")),
    "signed": (
        202,
        lambda to: to.push(b"{}[", token=None, Content_Type="text/html", **sign(b"{}[", "tide-0")),
    ),
    "no json": (400, lambda to: to.push(b"{")),
    "neither html nor text": (400, lambda to: to.push([{"title": "Ferry"}, {"url": OTHERS}])),
    "no article": (400, lambda to: to.push([])),
    "no key": (400, lambda to: to.push(ARTICLE, key="tide\t3")),
    "no address": (400, lambda to: to.push(b"", Content_Type="text/html", Content_Location="/1")),
    "not packed": (400, lambda to: send_packed(to, b"{}", "gzip")),
    "no http": (400, lambda to: to.ask("POST", "/articles", b"{}", {"X-Long": 9000 * "a"})),
    "no credentials": (401, lambda to: to.push(ARTICLE, token=None)),
    "another token": (401, lambda to: to.push(ARTICLE, token=TOKEN[:-1])),
    "another body signed": (401, lambda to: to.push(ARTICLE, token=None, **sign(b"{}", "tide-4"))),
    "signed long ago": (401, lambda to: to.push(b"{}", token=None, **sign(b"{}", "tide-5", SECRET, 1e9))),
    "another's host": (403, lambda to: to.push(ARTICLE | {"url": OTHERS})),
    "slow": (408, be_slow),
    "replayed": (409, replay),
    "large": (413, lambda to: to.push(ARTICLE | {"text": "a" * MOST})),
    "large once unpacked": (413, lambda to: send_packed(to, gzip.compress(b" " * 100 * MOST), "gzip")),
    "many": (413, lambda to: to.push(b"[" + b"0," * 1000 + b"0]")),
    "more than a minute's": (413, lambda to: to.push([ARTICLE] * (QUOTA + 1))),
    "another type": (415, lambda to: to.push(ARTICLE, Content_Type="application/xml")),
    "another encoding": (415, lambda to: send_packed(to, b"{}", "br")),
    "another body under a key": (422, reuse),
    "over the quota": (429, exceed_quota),
    "a defect": (500, find_defect),
    "paused": (503, push_paused),
}


@pytest.mark.parametrize(("status", "push"), CASES.values(), ids=CASES)
def test_each_answer_is_as_the_document_describes_it(
    receiver: Receiver, status: int, push: Callable[[Receiver], Answer]
) -> None:
    answer = push(receiver)
    assert answer.status == status, answer.told
    describe(answer, DOCUMENT["paths"]["/articles"]["post"]["responses"])


def test_every_status_of_the_document_is_given() -> None:
    given = {str(status) for status, _ in CASES.values()}
    assert given == set(DOCUMENT["paths"]["/articles"]["post"]["responses"])


@pytest.mark.parametrize("kind", DOCUMENT["paths"]["/articles"]["post"]["requestBody"]["content"])
def test_every_type_of_the_document_is_taken_with_a_charset(receiver: Receiver, kind: str) -> None:
    answer = receiver.push(ARTICLE, Content_Type=f"{kind}; charset=utf-8")
    assert answer.status == 202, answer.told


def test_the_document_is_served_to_anybody(receiver: Receiver) -> None:
    answer = receiver.ask("GET", "/openapi.json")
    assert answer.told == DOCUMENT
    describe(answer, DOCUMENT["paths"]["/openapi.json"]["get"]["responses"])
    assert receiver.ask("HEAD", "/openapi.json").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/articles", 405, "POST"),
        ("OPTIONS", "/articles", 405, "POST"),
        ("POST", "/openapi.json", 405, "GET, HEAD"),
        ("POST", "/articles/1", 404, None),
        ("GET", "/", 404, None),
    ],
)
def test_what_the_document_does_not_name_is_a_problem_too(
    receiver: Receiver, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = receiver.ask(method, path)
    assert (answer.status, answer.headers.get("allow")) == (status, allowed)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = {"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]}
    jsonschema_rs.validate(problem, answer.told)
