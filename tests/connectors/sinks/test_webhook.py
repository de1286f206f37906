"""Webhook: every record arrives, signed, in order and by a name that stays, whatever the receiver does."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from connectors.sink import Sink, StoreAway, Unfinished
from connectors.sinks import webhook_endpoint
from connectors.sinks.webhook import WebhookSink
from schemas.letter import ARTICLES, DUPLICATES, Letter
from schemas.wrong_use import WrongUse
from tests.hostile_texts import HOSTILE, paint
from tests.revisions import NOW, make_deletion, make_story, make_stream, receive
from tests.webhook_receiver import SECRET, Act, Receiver, Whole, answer, keep_open, send

NEXT_SECRET = "whsec_c2V2ZW50ZWVuIGZlcnJpZXMgYW5kIGEgcGllcg=="


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_endpoint, "_PAUSES", (0.01, 0.02))


def open_sink(folder: Path, url: str, **keys: Any) -> Sink:
    (folder / "secret").write_text(keys.pop("secret", SECRET))
    keys = {"relations": ("near_copy",), "seconds": 5, **keys}
    return Whole(WebhookSink(name="desk", url=url, secret_file=str(folder / "secret"), **keys).open(print))


def write(folder: Path, receiver: Receiver, letters: Sequence[Letter], **keys: Any) -> list[str]:
    """Write in one go, and return what was refused."""
    with closing(open_sink(folder, receiver.url, **keys)) as sink:
        return [refused.detail for refused in sink.write(receive(letters))]


COPY: dict[str, Any] = {"duplicate_of": f"{2:032x}", "relation": "near_copy"}
MESSAGES: dict[str, tuple[Letter, str, str, str]] = {
    "new": (make_story(1), "article.published", f"article_{1:032x}_1", "2026-03-01T00:00:00Z"),
    "made_later": (
        make_story(1, processed_at=NOW.replace(hour=7)),
        "article.published", f"article_{1:032x}_1", "2026-03-01T07:00:00Z",
    ),
    "revision": (make_story(1, 3), "article.revised", f"article_{1:032x}_3", "2026-03-01T00:00:00Z"),
    "copy": (make_story(1, **COPY), "article.duplicate", f"duplicate_{1:032x}_1", "2026-03-01T00:00:00Z"),
    "deletion": (make_deletion(1), "article.deleted", f"deletion_{1:032x}", "2026-03-01T00:00:00Z"),
}  # fmt: skip


@pytest.mark.parametrize("case", MESSAGES)
def test_a_message_says_what_has_happened_and_holds_the_record(
    tmp_path: Path, receiver: Receiver, case: str
) -> None:
    letter, event, name, time = MESSAGES[case]
    assert write(tmp_path, receiver, [letter]) == []
    (asked,) = receiver.asked
    data = orjson.loads(letter.value) if letter.value else {"article_id": letter.key}
    assert asked.message == {"type": event, "timestamp": time, "data": data}
    assert letter.value in asked.body
    assert asked.id == name
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_texts_arrive_as_they_are(tmp_path: Path, receiver: Receiver, text: str) -> None:
    letter = make_story(1, **paint(text))
    assert write(tmp_path, receiver, [letter]) == []
    assert receiver.asked[0].message["data"] == orjson.loads(letter.value)


def test_a_large_record_arrives_whole(tmp_path: Path, receiver: Receiver) -> None:
    letter = make_story(1, text="Ferry. " * 700_000)
    assert write(tmp_path, receiver, [letter]) == []
    assert receiver.asked[0].message["data"] == orjson.loads(letter.value)


def test_what_is_no_record_is_refused_and_never_sent(tmp_path: Path, receiver: Receiver) -> None:
    key = f"{1:032x}"
    wrong = [
        Letter(ARTICLES, key, b'{"schema":"article.v1"'),
        Letter(ARTICLES, key, b'{"schema":"article.v1"}'),
        Letter(ARTICLES, "../1", b""),
    ]
    assert len(write(tmp_path, receiver, [*wrong, make_story(2)])) == 3
    assert [one.id for one in receiver.asked] == [f"article_{2:032x}_1"]


def test_each_secret_of_the_file_signs_also_one_that_is_added_under_way(
    tmp_path: Path, receiver: Receiver
) -> None:
    with closing(open_sink(tmp_path, receiver.url)) as sink:
        assert not sink.write(receive([make_story(1)]))
        receiver.secrets = (SECRET, NEXT_SECRET)
        (tmp_path / "secret").write_text(f"{SECRET}\n\n{NEXT_SECRET}\n")
        assert not sink.write(receive([make_story(2)]))
        (tmp_path / "secret").write_text("")
        with pytest.raises(StoreAway, match="is empty"):
            sink.write(receive([make_story(3)]))
        receiver.secrets = (NEXT_SECRET,)
        (tmp_path / "secret").write_text(NEXT_SECRET)
        assert not sink.write(receive([make_story(3)]))
    assert [len(one.headers["webhook-signature"].split()) for one in receiver.taken] == [1, 2, 1]


@pytest.mark.slow
def test_a_message_that_is_tried_again_keeps_its_id_and_has_the_time_of_each_try(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.first("*", [answer(429, Retry_After="1"), answer(503, Retry_After="1")])
    assert write(tmp_path, receiver, [make_story(1)]) == []
    assert len({one.id for one in receiver.asked}) == 1
    assert len({one.body for one in receiver.asked}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.asked}) == 3


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_the_receiver_refuses_for_its_content_stops_no_other(
    tmp_path: Path, receiver: Receiver, status: int
) -> None:
    letters = [make_story(1), make_story(2), make_story(2, 2), make_story(3)]
    receiver.first(f"article_{2:032x}_1", [answer(status, b"no\n such \x1b[31mferry" + b"x" * 9000)])
    (detail,) = write(tmp_path, receiver, letters)
    assert detail.startswith(f"answers {status}: no such ")
    assert detail.isprintable()
    assert len(detail) <= 200
    assert {one.id for one in receiver.taken} == {
        f"article_{number:032x}_{revision}" for number, revision in [(1, 1), (2, 2), (3, 1)]
    }
    assert len(receiver.asked) == 4


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "status", [204 + 100, 301, 307, 401, 403, 404, 405, 408, 409, 415, 429, 500, 502, 503, 504, 599]
)
def test_any_other_answer_is_tried_again_and_then_the_receiver_is_away(
    tmp_path: Path, receiver: Receiver, status: int
) -> None:
    receiver.always = answer(status, Location=receiver.url + "/elsewhere")
    with pytest.raises(StoreAway, match=f"^http://127.0.0.1:{receiver.port}: answers {status}"):
        write(tmp_path, receiver, [make_story(1)])
    assert [one.id for one in receiver.asked] == [f"article_{1:032x}_1"] * 3


def test_a_receiver_that_is_gone_is_asked_once_and_told(tmp_path: Path, receiver: Receiver) -> None:
    receiver.always = answer(410)
    with pytest.raises(StoreAway, match=r"answers 410.*no more"):
        write(tmp_path, receiver, [make_story(1)], at_once=1)
    assert len(receiver.asked) == 1


BROKEN: dict[str, tuple[Act, str]] = {
    "hangs up": (send(b""), "connection broke"),
    "no HTTP": (send(b"SMTP ready\r\n\r\n"), "no HTTP"),
    "half a status": (send(b"HTTP/1.1 20"), "connection broke: the server hung up within its answer$"),
    "half a header": (send(b"HTTP/1.1 200 OK\r\nContent-"), "hung up within its answer$"),
    "silence": (answer(200, after=5), "no answer within 0.1 s"),
    "a header that drips": (
        send(b"HTTP/1.1 200 OK\r\nX-Tide: ", b"x", every=0.05, times=100), "no answer within 0.1 s",
    ),
    "a header without end": (send(b"HTTP/1.1 200 OK\r\nX-Tide: ", b"x" * 9999, times=99), "no HTTP"),
}  # fmt: skip


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", BROKEN)
def test_a_receiver_that_gives_no_answer_is_away_in_bounded_time_and_gets_it_later(
    tmp_path: Path, receiver: Receiver, case: str
) -> None:
    act, words = BROKEN[case]
    receiver.first("*", [act] * 3)
    with closing(open_sink(tmp_path, receiver.url, seconds=0.1)) as sink:
        begun = time.monotonic()
        with pytest.raises(StoreAway, match=words):
            sink.write(receive([make_story(1)]))
        assert time.monotonic() - begun < 3
        assert not sink.write(receive([make_story(1)]))
    assert len(receiver.taken) == 1


HEAD = b"HTTP/1.1 %d OK\r\n\r\n"
LONG: dict[str, tuple[Act, int]] = {
    "drips": (send(HEAD % 200, b"x", every=0.05, times=100, taken=True), 0),
    "has no end": (send(HEAD % 200, b"x" * 65_536, times=10_000, taken=True), 0),
    "breaks": (send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", taken=True), 0),
    "drips and refuses": (send(HEAD % 400, b"x", every=0.05, times=100), 1),
    "has no end and refuses": (send(HEAD % 400, b"x" * 65_536, times=10_000), 1),
    "is a bomb": (send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip", taken=True), 0),
}


@pytest.mark.parametrize("case", LONG)
def test_the_status_counts_whatever_follows_it_and_little_is_read_of_that(
    tmp_path: Path, receiver: Receiver, case: str
) -> None:
    act, refused = LONG[case]
    receiver.first("*", [act])
    begun = time.monotonic()
    assert len(write(tmp_path, receiver, [make_story(1)], seconds=0.2)) == refused
    assert time.monotonic() - begun < 2
    assert write(tmp_path, receiver, [make_story(2)]) == []


ODD: dict[str, tuple[bytes, bytes]] = {
    "a body behind 204": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b"ferry"),
    "pieces behind 204": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"),
    "a broken piece": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ferry\r\n"),
}


@pytest.mark.parametrize("case", ODD)
def test_what_an_answer_is_not_to_have_costs_no_message_and_little_time(
    tmp_path: Path, receiver: Receiver, case: str
) -> None:
    receiver.first("*", [keep_open(*ODD[case], every=0.02)])
    begun = time.monotonic()
    assert write(tmp_path, receiver, [make_story(1), make_story(2)], at_once=1) == []
    assert time.monotonic() - begun < 1.9
    assert {one.id for one in receiver.taken} == {f"article_{number:032x}_1" for number in (1, 2)}


def test_a_deletion_that_stands_on_both_topics_is_sent_once(tmp_path: Path, receiver: Receiver) -> None:
    deletions = [Letter(topic, f"{1:032x}", b"") for topic in (DUPLICATES, ARTICLES, DUPLICATES)]
    assert write(tmp_path, receiver, deletions) == []
    assert [one.id for one in receiver.asked] == [f"deletion_{1:032x}"]
    assert receiver.asked[0].message["timestamp"] == "2026-03-01T00:00:01Z"


def test_a_slow_receiver_has_as_many_at_once_as_are_set_and_none_twice(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.always = answer(204, after=0.3)
    receiver.first(f"article_{2:032x}_1", [answer(204, after=1.4)])
    batch = receive(make_story(number) for number in range(1, 31))
    with closing(open_sink(tmp_path, receiver.url, at_once=6)) as sink:
        begun = time.monotonic()
        assert not sink.write(batch)
        took = time.monotonic() - begun
    # 29 of 0.3 s and one of 1.4 s, six at once: 1.7 s where none is waited for.
    assert took < 2.6
    assert receiver.busiest == 6
    assert sorted(one.id for one in receiver.asked) == [f"article_{number:032x}_1" for number in range(1, 31)]


def test_a_write_ends_soon_and_tells_what_is_written(tmp_path: Path, receiver: Receiver) -> None:
    receiver.first(f"article_{4:032x}_1", [answer(204, after=1.2)])
    receiver.first(f"article_{2:032x}_1", [answer(422)])
    batch = receive(make_story(number) for number in range(1, 7))
    (tmp_path / "secret").write_text(SECRET)
    settings = WebhookSink(name="desk", url=receiver.url, secret_file=str(tmp_path / "secret"), at_once=2)
    with closing(settings.open(print)) as sink:
        begun = time.monotonic()
        with pytest.raises(Unfinished) as first:
            sink.write(batch)
        assert time.monotonic() - begun < 1
        with pytest.raises(Unfinished) as second:
            sink.write(batch[3:])
        assert not sink.write(batch[3:])
    assert (first.value.count, first.value.taken) == (3, 5)
    assert [one.item for one in first.value.refused] == [batch[1]]
    assert (second.value.count, second.value.taken, second.value.refused) == (0, 0, [])
    assert len(receiver.asked) == 6


def test_a_request_that_is_under_way_at_the_end_is_broken_off(tmp_path: Path, receiver: Receiver) -> None:
    receiver.always = answer(204, after=9)
    (tmp_path / "secret").write_text(SECRET)
    settings = WebhookSink(name="desk", url=receiver.url, secret_file=str(tmp_path / "secret"))
    begun = time.monotonic()
    with closing(settings.open(print)) as sink, pytest.raises(Unfinished):
        sink.write(receive([make_story(1)]))
    assert time.monotonic() - begun < 2


@pytest.mark.usefixtures("quick")
def test_a_receiver_that_was_down_gets_the_rest_of_the_batch_and_nothing_twice(
    tmp_path: Path, receiver: Receiver
) -> None:
    batch = receive([*(make_story(number) for number in range(1, 30)), make_story(7)])
    receiver.first(f"article_{1:032x}_1", [answer(400)])
    receiver.first(f"article_{9:032x}_1", [answer(500)] * 3)
    with closing(open_sink(tmp_path, receiver.url, at_once=4)) as sink:
        with pytest.raises(StoreAway, match="answers 500"):
            sink.write(batch)
        before = len(receiver.taken)
        receiver.stop()
        with pytest.raises(StoreAway, match=f"no connection to 127.0.0.1:{receiver.port}"):
            sink.write(batch)
        receiver.start()
        (refused,) = sink.write(batch)
        assert refused.item == batch[0]
        assert 0 < before < 28
        assert sorted(one.id for one in receiver.taken) == [f"article_{n:032x}_1" for n in range(2, 30)]
        assert sum(one.id == f"article_{1:032x}_1" for one in receiver.asked) == 1
        # Only of that batch: what the runner sends anew is sent anew.
        assert not sink.write(batch[1:2])
    assert len(receiver.taken) == 29


def test_what_a_receiver_asks_to_wait_is_waited_without_a_request(tmp_path: Path, receiver: Receiver) -> None:
    receiver.first("*", [answer(429, Retry_After="600")])
    with closing(open_sink(tmp_path, receiver.url)) as sink:
        for _ in range(3):
            begun = time.monotonic()
            with pytest.raises(StoreAway, match=r"left alone for (599|600) s"):
                sink.write(receive([make_story(1)]))
            assert time.monotonic() - begun < 1
    assert len(receiver.asked) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("at_once", [1, 6])
def test_revisions_of_an_article_come_in_order_and_no_more_at_once_than_is_set(
    tmp_path: Path, receiver: Receiver, at_once: int
) -> None:
    chance = random.Random(7)
    letters = list({letter.value: letter for letter in make_stream(300, 1)}.values())
    for letter in letters:
        record = orjson.loads(letter.value)
        name = f"{record['schema'].partition('.')[0]}_{letter.key}_{record['revision']}"
        if chance.random() < 0.5:
            # Slow, or broken for the first time: the one behind it must not overtake it.
            receiver.first(name, [chance.choice([answer(200, after=0.03), answer(500), send(b"")])])
    assert write(tmp_path, receiver, letters, at_once=at_once) == []
    assert receiver.busiest <= at_once
    assert len(receiver.taken) == len(letters)
    assert by_article(one.message["data"] for one in receiver.taken) == by_article(
        orjson.loads(letter.value) for letter in letters
    )


def by_article(records: Any) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for record in records:
        found[record["article_id"]].append(record["revision"])
    return found


def test_one_that_hangs_does_not_hold_up_the_others(tmp_path: Path, receiver: Receiver) -> None:
    receiver.first(f"article_{1:032x}_1", [answer(200, after=0.4)])
    letters = [make_story(number) for number in range(1, 60)]
    assert write(tmp_path, receiver, letters, at_once=2) == []
    assert receiver.taken[-1].id == f"article_{1:032x}_1"


def test_a_connection_that_the_receiver_has_closed_meanwhile_costs_no_message(
    tmp_path: Path, receiver: Receiver
) -> None:
    done = send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", taken=True)  # and hangs up
    receiver.always = done
    with closing(open_sink(tmp_path, receiver.url)) as sink:
        for number in range(1, 4):
            assert not sink.write(receive([make_story(number)]))
            time.sleep(0.05)
    assert len(receiver.taken) == 3


def test_a_proxy_of_the_environment_is_not_asked(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver() as other:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other.url)
        assert write(tmp_path, receiver, [make_story(1)]) == []
        assert other.asked == []
    assert len(receiver.taken) == 1


@pytest.mark.usefixtures("quick")
def test_a_password_in_the_address_is_sent_and_never_told(tmp_path: Path, receiver: Receiver) -> None:
    url = f"http://desk:lantern-9@127.0.0.1:{receiver.port}/hooks/lantern-9?key=lantern-9"
    receiver.first("*", [answer(200), answer(401), answer(401), answer(301, Location=url)])
    with closing(open_sink(tmp_path, url)) as sink:
        assert not sink.write(receive([make_story(1)]))
        with pytest.raises(StoreAway, match="answers 301, and redirects are not followed") as found:
            sink.write(receive([make_story(2)]))
    assert receiver.taken[0].headers["authorization"].startswith("Basic ")
    assert "lantern" not in str(found.value)


@pytest.mark.parametrize(
    "secret", ["", "\n \n", "whsec_", "whsec_lantern 9", f"{SECRET}\nlantern-9"],
    ids=["empty", "blank", "no key", "no base64", "one wrong"],
)  # fmt: skip
def test_a_file_without_a_secret_is_told_at_once_and_not_quoted(tmp_path: Path, secret: str) -> None:
    with pytest.raises(WrongUse, match=r"^sink desk: .*secret: ") as found:
        open_sink(tmp_path, "http://127.0.0.1:9/", secret=secret)
    assert "lantern" not in str(found.value)


def test_a_secret_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    sink = WebhookSink(name="desk", url="https://desk.example/", secret_file=str(tmp_path / "none"))
    with pytest.raises(WrongUse, match="none: No such file"):
        sink.open(print)


WRONG = {
    "no host": {"url": "http://"},
    "no address": {"url": "desk.example"},
    "no port": {"url": "http://desk.example:ferry/"},
    "half an address": {"url": "http://[::1/"},
    "none at once": {"at_once": 0},
    "no time": {"seconds": 0},
    "unknown": {"retries": 3},
    "no secret": {"secret_file": ""},
}


@pytest.mark.parametrize("keys", WRONG.values(), ids=list(WRONG))
def test_settings_that_cannot_be_right_are_refused(keys: dict[str, Any]) -> None:
    whole = {"kind": "webhook", "name": "a", "url": "https://desk.example/", "secret_file": "s"}
    assert msgspec.convert(whole, WebhookSink).at_once == 8
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(whole | keys, WebhookSink)


@pytest.mark.parametrize(
    ("relations", "topics"), [((), (ARTICLES,)), (("excerpt",), (ARTICLES, DUPLICATES))], ids=["none", "some"]
)
def test_copies_are_read_only_where_some_are_wanted(
    tmp_path: Path, relations: tuple[str, ...], topics: tuple[str, ...]
) -> None:
    with closing(open_sink(tmp_path, "https://desk.example/", relations=relations)) as sink:
        assert sink.topics == topics


@pytest.mark.usefixtures("quick")
def test_a_host_without_an_address_is_away(tmp_path: Path) -> None:
    with (
        closing(open_sink(tmp_path, f"http://{'x' * 70}.invalid/")) as sink,
        pytest.raises(StoreAway, match="no such name"),
    ):
        sink.write(receive([make_story(1)]))
