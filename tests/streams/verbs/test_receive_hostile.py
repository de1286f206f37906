"""Senders that are slow, endless, many or wrong, and a good one beside them that notices nothing.

One `naba run` serves all tests of this file, and the last one ends it and reads its ledger.
"""

import base64
import gzip
import itertools
import json
import random
import socket
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Self

import pytest

from tests.news import make_article
from tests.newsroom import wait_for
from tests.receiver import TOKEN, Answer, Receiver, sign

pytestmark = pytest.mark.slow

MB = 1_000_000
GOOD = json.dumps(
    {"url": "https://harbour.example/wrong", "text": "The ferry returned to the old harbour. " * 9}
).encode()
BEARER = f"Authorization: Bearer {TOKEN}"
JSON = "Content-Type: application/json"


class GoodSender:
    """Pushes ten articles a second, each on a connection of its own, and notes how it was answered."""

    def __init__(self, receiver: Receiver) -> None:
        self.answers: list[Answer] = []
        self.most_memory = 0
        self._receiver = receiver
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._push, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Push no more; all that was pushed is answered."""
        self._stop.set()
        self._thread.join(30)

    def _push(self) -> None:
        chance = random.Random(11)
        process = self._receiver.process
        for number in itertools.count():
            if self._stop.wait(0.1):
                return
            try:
                self.answers.append(self._receiver.push(make_article(chance, number), key=f"good-{number}"))
            except OSError as error:
                self.answers.append(Answer(0, {}, str(error), 20))
            self.most_memory = max(self.most_memory, process.memory_info().rss)


@dataclass(slots=True)
class Office:
    receiver: Receiver
    good: GoodSender
    memory: int  # bytes before anything came
    files: int


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    receiver = Receiver(tmp_path_factory.mktemp("office"))
    receiver.start()
    try:
        assert receiver.push(make_article(random.Random(1), 0), key="first").status == 202
        process = receiver.process
        memory, files = process.memory_info().rss, process.num_fds()
        with GoodSender(receiver) as good:
            yield Office(receiver, good, memory, files)
    finally:
        receiver.close()


def head(*lines: str, first: str = "POST /articles HTTP/1.1") -> bytes:
    return "".join(f"{line}\r\n" for line in (first, "Host: harbour.example", *lines, "")).encode("latin-1")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def nest(opening: str, closing: str, depth: int = 100_000) -> bytes:
    return (opening * depth + "1" + closing * depth).encode()


BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "white space": (b" \n\t ", 400),
    "broken off": (GOOD[:60], 400),
    "two values": (GOOD + b"," + GOOD, 400),
    "a comma behind the last": (GOOD[:-1] + b",}", 400),
    "NaN": (b'{"text": "harbour", "x": NaN}', 400),
    "no object: null": (b"null", 400),
    "no object: a number": (b"17", 400),
    "no object: a string": (b'"harbour"', 400),
    "an empty object": (b"{}", 400),
    "an empty array": (b"[]", 400),
    "an array of arrays": (b"[[], []]", 400),
    "an array broken off": (b"[" + GOOD, 400),
    "text of another type": (b'{"text": 5}', 400),
    "html of another type": (b'{"html": ["harbour"]}', 400),
    "url of another type": (b'{"text": "harbour", "url": {"a": 1}}', 400),
    "a key twice": (b'{"text": "harbour", "text": "ferry"}', 400),
    "a key twice, the second time escaped": (b'{"text": "harbour", "\\u0074ext": "ferry"}', 400),
    "a key twice among 100,000": (
        b'{"text": "harbour", ' + b"".join(b'"k%d": 1, ' % n for n in range(100_000)) + b'"k0": 1}', 400,
    ),
    "a key twice in an ignored one": (b'{"text": "harbour", "x": {"a": 1, "a": 2}}', 400),
    "objects 100,000 deep": (nest('{"a":', "}"), 400),
    "arrays 100,000 deep": (nest("[", "]"), 400),
    "objects 100,000 deep in an ignored key": (b'{"text": "harbour", "x": ' + nest('{"a":', "}") + b"}", 400),
    "arrays 100,000 deep in an ignored key": (b'{"text": "harbour", "x": ' + nest("[", "]") + b"}", 400),
    "arrays 1,000 deep in an ignored key": (b'{"text": "harbour", "x": ' + nest("[", "]", 1000) + b"}", 400),
    "arrays 100,000 deep, never closed": (b"[" * 100_000, 400),
    "an integer beyond 64 bits": (b'{"text": "harbour", "x": 18446744073709551616}', 400),
    "an integer of 100,000 digits": (b'{"text": "harbour", "x": ' + b"9" * 100_000 + b"}", 400),
    "a float beyond all": (b'{"text": "harbour", "x": 1e999}', 400),
    "a lone surrogate": (b'{"text": "harbour \\ud83d"}', 400),
    "a lone surrogate in a key": (b'{"text": "harbour", "\\udc00": 1}', 400),
    "no UTF-8": (b'{"text": "harbour \xff\xfe"}', 400),
    "UTF-16": (GOOD.decode().encode("utf-16"), 400),
    "a bare NUL": (b'{"text": "harbour \x00"}', 400),
    "NULs": (b"\x00" * 5000, 400),
    "1,000 empty objects": (b"[" + b"{}," * 999 + b"{}]", 400),
    "100,000 empty objects": (b"[" + b"{}," * 99_999 + b"{}]", 413),
    "15 MB of empty arrays in an ignored key": (b'{"text": "h", "x": [' + b"[]," * 5 * MB + b"0]}", 400),
    "a text of 6 MB": (b'{"text": "' + b"harbour " * 750_000 + b'"}', 400),
    "5 million empty objects": (b"[" + b"{}," * 5 * MB + b"{}]", 413),
    "50 MB": (b" " * 50 * MB, 413),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_a_wrong_body_is_told_what_is_wrong_with_it(office: Office, case: str) -> None:
    body, status = BODIES[case]
    answer = office.receiver.push(body)
    assert (answer.status, answer.told["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.seconds < 3


def make_bomb() -> bytes:
    """Return a gigabyte of zeros as one gzip stream of a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    part = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)  # the same each time
    return head + part * 1000


PACKED: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "a bomb": ("gzip", make_bomb, 413),
    "100,000 members": ("gzip", lambda: gzip.compress(b" ") * 100_000, 400),
    "no gzip": ("gzip", lambda: GOOD, 400),
    "broken off": ("gzip", lambda: gzip.compress(GOOD)[:-9], 400),
    "no deflate": ("deflate", lambda: b"\xff" * 100, 400),
    "twice": ("gzip, gzip", lambda: gzip.compress(gzip.compress(GOOD)), 415),
    "brotli": ("br", lambda: b"\x1b\x00", 415),
    "unheard of": ("harbour\xff", lambda: GOOD, 415),
}


@pytest.mark.parametrize("case", PACKED)
def test_a_body_that_is_packed_wrongly_is_refused(office: Office, case: str) -> None:
    encoding, pack, status = PACKED[case]
    answer = office.receiver.push(pack(), Content_Encoding=encoding)
    assert answer.status == status
    assert answer.seconds < 3


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "another type": ({"Content-Type": "text/plain"}, 415),
    "a type that is none": ({"Content-Type": ";;;\xff"}, 415),
    "an empty type": ({"Content-Type": ""}, 415),
    "a parameter that is no UTF-8": ({"Content-Type": "application/json; x=\xff\xfe"}, 400),
    "a page without an address that is one": ({"Content-Type": "text/html", "Content-Location": "\xff"}, 400),
    "an address of a file": ({"Content-Type": "text/html", "Content-Location": "file:///etc/passwd"}, 400),
    "another token": ({"Authorization": "Bearer harbour-7f3a91c3"}, 401),
    "a token too long by one": ({"Authorization": f"Bearer {TOKEN}a"}, 401),
    "a token of 8,000 bytes": ({"Authorization": "Bearer " + "a" * 8000}, 401),
    "a token that is no ASCII": ({"Authorization": f"Bearer {TOKEN}\xe9"}, 401),
    "an empty token": ({"Authorization": "Bearer "}, 401),
    "another scheme": ({"Authorization": f"Basic {TOKEN}"}, 401),
    "no scheme": ({"Authorization": TOKEN}, 401),
    "an empty key": ({"Idempotency-Key": ""}, 400),
    "a key of 256 characters": ({"Idempotency-Key": "k" * 256}, 400),
    "a key that is no ASCII": ({"Idempotency-Key": "m\xfcnster\xff"}, 400),
    "a key with a tab": ({"Idempotency-Key": "a\tb"}, 400),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_wrong_header_is_told(office: Office, case: str) -> None:
    headers, status = HEADERS[case]
    body = b"{}" if status == 400 and "Idempotency-Key" not in headers else GOOD
    own = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
    answer = office.receiver.ask("POST", "/articles", body, own)
    assert answer.status == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def _signed(**changed: str | None) -> Callable[[], dict[str, str]]:
    def make() -> dict[str, str]:
        headers = sign(GOOD, "tide-1") | {f"webhook-{name}": value or "" for name, value in changed.items()}
        return {name: value for name, value in headers.items() if value}

    return make


ELSE = "whsec_" + base64.b64encode(b"another secret altogether").decode()
SIGNED: dict[str, Callable[[], dict[str, str]]] = {
    "no id": _signed(id=None),
    "no timestamp": _signed(timestamp=None),
    "no signature": _signed(signature=None),
    "an id that is no UTF-8": _signed(id="tide-\xff"),
    "another id": _signed(id="tide-2"),
    "a signature of no version": _signed(signature="aGFyYm91cg=="),
    "a signature of another version": _signed(signature="v2,aGFyYm91cg=="),
    "a signature that is no base64": _signed(signature="v1,har\xffbour"),
    "a thousand signatures": _signed(signature=" ".join(["v1,aGFyYm91cg=="] * 400)),
    "another secret": lambda: sign(GOOD, "tide-1", ELSE),
    "another body": lambda: sign(GOOD + b" ", "tide-1"),
    "too old": lambda: sign(GOOD, "tide-1", at=time.time() - 310),
    "of the future": lambda: sign(GOOD, "tide-1", at=time.time() + 310),
    "a timestamp as a float": _signed(timestamp="1e9"),
    "a negative timestamp": _signed(timestamp="-1"),
    "a timestamp in Arabic digits": _signed(timestamp="\u0661\u0667".encode().decode("latin-1")),
    "a timestamp of 5,000 digits": _signed(timestamp="1" * 5000),
}


@pytest.mark.parametrize("case", SIGNED)
def test_what_nobody_known_has_signed_now_is_refused(office: Office, case: str) -> None:
    headers = {"Content-Type": "application/json", **SIGNED[case]()}
    assert office.receiver.ask("POST", "/articles", GOOD, headers).status == 401


def test_a_signed_message_is_no_other_time_the_same(office: Office) -> None:
    body = json.dumps(make_article(random.Random(2), 1)).encode()
    headers = {"Content-Type": "application/json", **sign(body, "replayed")}
    statuses = [office.receiver.ask("POST", "/articles", body, headers).status for _ in range(3)]
    assert statuses == [202, 409, 409]


LENGTH = f"Content-Length: {len(GOOD)}"
CHUNKED = "Transfer-Encoding: chunked"
TLS = bytes.fromhex("160301 00c8 010000c4 0303") + bytes(range(200))
FULL = head(BEARER, JSON, LENGTH, "Connection: close") + GOOD
REFUSED = head(JSON, LENGTH) + GOOD


def _with(*lines: str, body: bytes = GOOD) -> bytes:
    return head(BEARER, JSON, *lines) + body


# What is sent, and the statuses of all answers to it.
WIRE: dict[str, tuple[bytes, list[int]]] = {
    "garbage": (b"\x00\xff\x7f harbour \r\n\r\n", [400]),
    "TLS": (TLS, [400]),
    "HTTP/0.9": (b"GET /articles\r\n\r\n", [400, 405]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), [400]),
    "HTTP/9.9": (head(first="GET /articles HTTP/9.9"), [400]),
    "empty lines alone": (b"\r\n" * 5000 + b"x\r\n\r\n", [400]),
    "a method that is none": (head(first="P\x00ST /articles HTTP/1.1"), [400]),
    "another method": (head(BEARER, "Content-Length: 0", first="DELETE /articles HTTP/1.1"), [405]),
    "GET": (head(BEARER, first="GET /articles HTTP/1.1"), [405]),
    "HEAD": (head(BEARER, first="HEAD /articles HTTP/1.1"), [405]),
    "CONNECT": (head(first="CONNECT harbour.example:443 HTTP/1.1"), [404, 405, 400]),
    "TRACE": (head(first="TRACE /articles HTTP/1.1"), [405]),
    "upgrade": (head("Upgrade: websocket", "Connection: Upgrade", first="GET /articles HTTP/1.1"), [405]),
    "a slash behind": (head(BEARER, first="POST /articles/ HTTP/1.1"), [404]),
    "two slashes": (head(BEARER, first="POST //articles HTTP/1.1"), [404]),
    "two dots": (head(BEARER, first="POST /../articles HTTP/1.1"), [404]),
    "a target of no UTF-8": (head(BEARER, first="POST /articles\xff HTTP/1.1"), [404, 400]),
    "a target of 9,000 bytes": (head(BEARER, first=f"POST /{'a' * 9000} HTTP/1.1"), [400]),
    "an absolute target of elsewhere": (head(first="GET http://other.example/ HTTP/1.1"), [404]),
    "an asterisk": (head(first="OPTIONS * HTTP/1.1"), [404, 400]),
    "a header of 1 MB": (head("X: " + "a" * MB), [400]),
    "1,000 headers": (head(*(f"X-{n}: 1" for n in range(1000))), [400]),
    "a header without a name": (head(": 1"), [400]),
    "a folded header": (head("X: 1", " 2"), [400]),
    "a NUL in a header": (head("X: a\x00b"), [400]),
    "a space behind a header's name": (head("Content-Length : 5"), [400]),
    "a negative length": (_with("Content-Length: -5"), [400]),
    "a length that is no number": (_with("Content-Length: 1e3"), [400]),
    "a length with a sign": (_with("Content-Length: +5"), [400]),
    "a length of 100 digits": (_with("Content-Length: " + "9" * 100), [400]),
    "a length of 1 TB": (_with("Content-Length: 1000000000000"), [413]),
    "two lengths": (_with(LENGTH, "Content-Length: 5"), [400]),
    "one length twice": (_with(LENGTH, LENGTH), [400]),
    "lengths in a list": (_with(f"{LENGTH}, 5"), [400]),
    "a length and chunks": (_with(LENGTH, CHUNKED, body=chunk(GOOD) + chunk(b"")), [400]),
    "a coding that is none": (_with("Transfer-Encoding: harbour"), [400]),
    "chunks that are not last": (_with("Transfer-Encoding: chunked, gzip"), [400]),
    "chunks of no number": (_with(CHUNKED, body=b"xyz\r\n"), [400]),
    "a chunk of negative size": (_with(CHUNKED, body=b"-5\r\nabcde\r\n"), [400]),
    "a chunk of 2^64": (_with(CHUNKED, body=b"1" + b"0" * 16 + b"\r\nabc"), [400]),
    "a chunk longer than it says": (_with(CHUNKED, body=b"2\r\nabcde\r\n0\r\n\r\n"), [400]),
    "a chunk's extension of 1 MB": (
        _with(CHUNKED, body=b"2;" + b"a" * MB + b"\r\n{}\r\n0\r\n\r\n"), [400],
    ),
    "trailers of 1 MB": (
        _with(CHUNKED, body=chunk(b"{}") + b"0\r\nX: " + b"a" * MB + b"\r\n\r\n"), [400],
    ),
    "50 MB": (_with("Content-Length: 50000000", body=bytes(50 * MB)), [413]),
    "50 MB in chunks": (_with(CHUNKED, body=chunk(bytes(MB)) * 50 + chunk(b"")), [413]),
    "no type": (head(BEARER, LENGTH) + GOOD, [415]),
    "no length and no body": (_with(body=b""), [400]),
    "expectation without credentials": (head(JSON, LENGTH, "Expect: 100-continue"), [401]),
    "expectation of too much": (_with("Content-Length: 50000000", "Expect: 100-continue", body=b""), [413]),
    "behind a refused one nothing is answered": (REFUSED * 3, [401]),
    "behind a malformed one nothing is answered": (b"harbour\r\n\r\n" + FULL, [400]),
    "what a body smuggles": (_with("Content-Length: 2", body=b"{}" + FULL), [400]),
}  # fmt: skip


@pytest.mark.parametrize("case", WIRE)
def test_what_is_no_proper_request_gets_one_answer(office: Office, case: str) -> None:
    sent, statuses = WIRE[case]
    answers = office.receiver.say(sent)
    assert len(answers) == 1, answers
    assert int(answers[0].split()[1]) in statuses


def test_a_body_that_ends_too_early_is_answered(office: Office) -> None:
    said = office.receiver.say(_with("Content-Length: 5000"), shut=True)
    assert said in ([], [b"HTTP/1.1 400 Bad Request"])  # whoever has left hears nothing
    said = office.receiver.say(_with(CHUNKED, body=chunk(GOOD)), shut=True)
    assert said in ([], [b"HTTP/1.1 400 Bad Request"])


def test_no_word_to_go_on_is_said_before_the_answer(office: Office) -> None:
    waits = head(BEARER, JSON, LENGTH, "Expect: 100-continue", "Connection: close")
    with office.receiver.connect() as connection:
        connection.sendall(waits)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    # Of a refused one WIRE says that there is one answer, and no other.


def crowd(receiver: Receiver, count: int, said: bytes) -> list[socket.socket]:
    """Return so many connections on which that was said."""
    connections = []
    for _ in range(count):
        connections.append(receiver.connect(5))
        connections[-1].sendall(said)
    return connections


def drip(connections: list[socket.socket], seconds: float) -> None:
    """Say a byte a second on each connection that is still open."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        for one in connections:
            with suppress(OSError):
                one.send(b"a")
        time.sleep(max(0.0, min(began + 1, until) - time.monotonic()))


ENDED = -1  # a connection that is reset, as one is on which something stood that nobody read


def hear(connections: list[socket.socket]) -> Counter[int]:
    """Return the statuses that connections were answered with (0: none yet), and close them."""
    heard: Counter[int] = Counter()
    for one in connections:
        with closing(one):
            one.setblocking(False)
            try:
                said = one.recv(1000).split()
                heard[int(said[1]) if said else ENDED] += 1
            except BlockingIOError:
                heard[0] += 1
            except OSError:
                heard[ENDED] += 1
    return heard


def _lines(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def test_a_thousand_slow_senders_are_answered_when_their_time_is_over(office: Office) -> None:
    before = len(office.good.answers)
    started = time.monotonic()
    length = "Content-Length: 1000"
    bodies = crowd(office.receiver, 245, head(BEARER, JSON, length) + b'{"x": "')
    signed = crowd(office.receiver, 245, head(JSON, *_lines(_signed()()), length) + b'{"x": "')
    heads = crowd(office.receiver, 490, b"POST /articles HTTP/1.1\r\nX: ")
    drip([*bodies, *signed, *heads], started + 12 - time.monotonic())
    ended = hear(heads)
    assert ended[0] == 0
    assert ended[408] > 400
    unknown = crowd(office.receiver, 490, head(JSON, length) + b'{"x": "')
    drip([*bodies, *signed], started + 31 - time.monotonic())
    assert hear(unknown) == {401: 490}
    assert hear(bodies) == {408: 245}
    assert hear(signed) == {408: 245}
    check_good(office.good.answers[before:], 250)


def test_of_more_connections_than_there_may_be_the_most_silent_end(office: Office) -> None:
    before = len(office.good.answers)
    silent = crowd(office.receiver, 1500, b"POST")
    time.sleep(1.5)
    heard = hear(silent)
    assert set(heard) <= {0, 503, ENDED}
    assert 970 <= heard[0] <= 1000
    check_good(office.good.answers[before:], 3)


def test_of_more_refused_ones_than_there_may_be_those_that_were_answered_end(office: Office) -> None:
    before = len(office.good.answers)
    refused = crowd(office.receiver, 1500, head(JSON, "Content-Length: 1000"))
    time.sleep(1)
    heard = hear(refused)
    assert set(heard) <= {401, 503, ENDED}
    assert heard[401] > 500
    check_good(office.good.answers[before:], 3)


def test_of_more_bodies_than_there_may_be_the_slowest_end(office: Office) -> None:
    before = len(office.good.answers)
    slow = crowd(office.receiver, 900, head(JSON, *_lines(_signed()()), "Content-Length: 1000"))
    time.sleep(1)
    heard = hear(slow)
    assert set(heard) == {0, 503}
    assert 480 <= heard[0] <= 500
    check_good(office.good.answers[before:], 3)


def test_bodies_without_end_come_to_theirs(office: Office) -> None:
    before = len(office.good.answers)
    for known in ([BEARER], _lines(_signed()())):
        sent, until = 0, time.monotonic() + 30
        with office.receiver.connect(10) as connection:
            connection.sendall(head(JSON, CHUNKED, *known))
            with suppress(OSError):
                while time.monotonic() < until:
                    connection.sendall(chunk(bytes(MB)))
                    sent += MB
        assert time.monotonic() < until  # whatever a fast line has carried by then
        assert sent >= 16 * MB
    check_good(office.good.answers[before:], 1)


def test_memory_is_for_the_quick(office: Office) -> None:
    """Forty bodies of 15 MB are as good as there, and there is no room for all of them."""
    before = len(office.good.answers)
    large = crowd(office.receiver, 40, head(JSON, *_lines(_signed()()), f"Content-Length: {15 * MB}"))
    for one in large:
        with suppress(OSError):
            one.settimeout(5)
            one.sendall(bytes(14 * MB))
    heard = hear(large)
    assert set(heard) <= {0, 503}
    assert heard[503] >= 30
    check_good(office.good.answers[before:], 2)


def test_whoever_does_not_hear_the_answers_is_left(office: Office) -> None:
    before = len(office.good.answers)
    deaf = crowd(office.receiver, 50, head(first="GET /openapi.json HTTP/1.1") * 5000)
    time.sleep(1)
    for one in deaf:
        one.settimeout(5)
        with closing(one), suppress(OSError):
            came = b""
            while piece := one.recv(65536):
                came += piece
            assert came.count(b"HTTP/1.1 200") == 1
    check_good(office.good.answers[before:], 2)


def test_many_large_pushes_at_once_take_no_more_memory_than_a_few(office: Office) -> None:
    ballast = b'{"text": 5, "x": [' + b"[]," * 300_000 + b"0]}"
    batch = gzip.compress(b"[" + b",".join([ballast] * 16) + b"]", 1)
    before = len(office.good.answers)
    with ThreadPoolExecutor(3) as senders:
        answers = list(senders.map(lambda _: office.receiver.push(batch, Content_Encoding="gzip"), range(3)))
    assert {one.status for one in answers} == {400}
    check_good(office.good.answers[before:], 2)


def check_good(answers: list[Answer], least: int) -> None:
    assert len(answers) >= least
    assert {one.status for one in answers} == {202}
    assert max(one.seconds for one in answers) < 5
    if len(answers) >= 10:  # of a few the one in the middle may be any
        assert sorted(one.seconds for one in answers)[len(answers) // 2] < 0.5


def test_and_at_the_end_all_that_was_good_is_there_and_nothing_else(office: Office) -> None:
    receiver, good = office.receiver, office.good
    time.sleep(1)
    good.stop()
    check_good(good.answers, 100)
    assert good.most_memory - office.memory < 300 * MB
    wait_for(lambda: receiver.process.num_fds() <= office.files + 3, 10)
    wait_for(lambda: len(receiver.read("outcomes")) >= len(good.answers) + 2)
    code, seconds, said = receiver.end()
    assert (code, said) == (0, "")
    assert seconds < 20
    taken = {one.told["results"][0]["input"] for one in good.answers}
    outcomes = Counter(line["input"] for line in receiver.read("outcomes"))
    assert set(outcomes) == taken | {"partners:first#1", "partners:replayed#1"}
    assert set(outcomes.values()) == {1}
