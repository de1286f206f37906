"""Feeding a sink from the store: everything once it is there, and nobody waits for it."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sink import ANEW, Received, Refused, Sink, SinkSettings, StoreAway, Tell
from connectors.sinks import waiting
from connectors.sinks.wanted import OnlyWanted, list_topics
from connectors.sinks.webhook import WebhookSink
from schemas.article import Duplicate, Relation
from schemas.codec import encode
from schemas.letter import ARTICLES, DETAIL, DUPLICATES, INPUT, RAW_ID, REASON, STAGE, TOPIC, Letter
from schemas.wrong_use import WrongUse
from streams.embedded import sinks as module
from streams.embedded.feeder import Feeder
from streams.embedded.sinks import Sinks
from streams.embedded.store import Store
from streams.embedded.tables import APPLICATION_ID, MIGRATIONS
from tests.letters import NOW, make_article, make_outcome
from tests.webhook_receiver import SECRET, Receiver, answer


@dataclass(frozen=True, kw_only=True)
class PlainFile:
    """A line a record; away while a file `away` is beside it, and it takes no record that is `heavy`."""

    name: str
    path: Path
    relations: tuple[Relation, ...] = ()
    wrong: bool = False
    seconds: float = 0.0  # that a write takes

    def open(self, tell: Tell) -> Sink:  # noqa: ARG002
        if self.wrong:
            raise WrongUse("sink: has no such folder")
        return OnlyWanted(PlainSink(self), self.relations)


class PlainSink:
    def __init__(self, settings: PlainFile) -> None:
        self.is_new = not settings.path.exists()
        self.topics: tuple[str, ...] = list_topics(settings.relations)
        self._settings = settings

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        if self._settings.path.with_name("away").exists():
            raise StoreAway("the file has gone")
        time.sleep(self._settings.seconds)
        refused = [item for item in batch if b"heavy" in item.letter.value]
        with self._settings.path.open("ab") as file:
            for item in batch:
                if item not in refused:
                    file.write(item.letter.value + b"\n")
        return [Refused(item, "is too heavy") for item in refused]

    def close(self) -> None:
        self._settings.path.with_name("closed").touch()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "naba.db")) as opened:
        yield opened


def make_copy(number: int, relation: Relation) -> Letter:
    article_id = f"{number:032x}"
    record = Duplicate(
        article_id=article_id, text="A ferry.", content_hash=article_id, source="a", raw_id=article_id,
        fetched_at=NOW, versions={}, duplicate_of=f"{1:032x}", relation=relation, overlap=1.0,
    )  # fmt: skip
    return Letter(DUPLICATES, article_id, encode(record))


def put(store: Store, *letters: Letter) -> None:
    store.begin()
    store.append(letters, datetime.now(UTC))
    store.commit()


def feed(store: Store, *sinks: SinkSettings, say: Tell = lambda _line: None) -> list[str]:
    """Bring the sinks up to date, and return the names of those that are not."""
    with Sinks(store.path, sinks, say) as running:
        return running.finish()


def read(path: Path) -> list[str]:
    """Return the numbers of the articles in the file, each with its revision."""
    lines: list[Any] = [*map(orjson.loads, path.read_bytes().splitlines())] if path.exists() else []
    return [f"{int(line['article_id'], 16)}/{line['revision']}" for line in lines]


def wait_for(condition: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def read_dead(store: Store) -> list[tuple[str, bytes, dict[str, str]]]:
    rows = store.fetch("SELECT key, record, headers FROM dead ORDER BY seq")
    return [(key, record, orjson.loads(headers)) for key, record, headers in rows]


def test_it_gets_everything_once_and_then_what_is_new(store: Store, tmp_path: Path) -> None:
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    put(store, *[make_article(number) for number in range(250)])
    assert feed(store, sink) == []
    assert read(sink.path) == [f"{number}/1" for number in range(250)]
    assert sink.path.with_name("closed").exists()
    put(store, make_article(7, 2))
    assert feed(store, sink) == []
    assert read(sink.path)[250:] == ["7/2"]


def test_what_comes_while_it_runs_comes_to_it_soon(store: Store, tmp_path: Path) -> None:
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    with Sinks(store.path, [sink], print):
        put(store, make_article(1))
        wait_for(lambda: read(sink.path) == ["1/1"])
        put(store, make_article(2))
        wait_for(lambda: read(sink.path) == ["1/1", "2/1"])


def test_one_that_is_named_later_gets_what_was_before(store: Store, tmp_path: Path) -> None:
    first, second = (PlainFile(name=name, path=tmp_path / name) for name in ("first", "second"))
    put(store, make_article(1))
    feed(store, first)
    put(store, make_article(2))
    feed(store, first, second)
    assert read(first.path) == read(second.path) == ["1/1", "2/1"]


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        pytest.param((), ["1/1"], id="no copies by default"),
        pytest.param(("same_text",), ["1/1", "2/1"], id="those of one relation"),
        pytest.param(("same_text", "excerpt"), ["1/1", "2/1", "4/1"], id="those of two"),
        pytest.param(("contains",), ["1/1"], id="a relation of which there is none"),
    ],
)
def test_it_gets_the_copies_that_it_wants(
    store: Store, tmp_path: Path, relations: tuple[Relation, ...], expected: list[str]
) -> None:
    sink = PlainFile(name="desk", path=tmp_path / "desk", relations=relations)
    put(store, make_copy(2, "same_text"), make_copy(3, "near_copy"), make_copy(4, "excerpt"), make_article(1))
    assert feed(store, sink) == []
    assert sorted(read(sink.path)) == expected
    feed(store, sink)
    assert sorted(read(sink.path)) == expected


def test_a_store_that_is_new_to_a_sink_that_is_not_is_told(store: Store, tmp_path: Path) -> None:
    told: list[str] = []
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    put(store, make_article(1))
    feed(store, sink, say=told.append)
    feed(store, sink, say=told.append)
    assert told == []
    sink.path.unlink()
    put(store, make_article(2))
    feed(store, sink, say=told.append)
    assert told == [f"sink desk: {ANEW}"]
    assert read(sink.path) == ["2/1"]


def test_a_portion_is_bounded_in_bytes_too(store: Store, tmp_path: Path) -> None:
    put(store, *[make_article(number, text="harbour " * 200_000) for number in range(7)])
    sizes: list[int] = []

    class Measured(PlainSink):
        def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
            sizes.append(sum(len(item.letter.value) for item in batch))
            return super().write(batch)

    class MeasuredFile(PlainFile):
        def open(self, tell: Tell) -> Sink:  # noqa: ARG002
            return Measured(self)

    sink = MeasuredFile(name="desk", path=tmp_path / "desk")
    assert feed(store, sink) == []
    assert read(sink.path) == [f"{number}/1" for number in range(7)]
    assert max(sizes) <= 4 * 2**20 < sum(sizes)


def test_what_is_refused_is_a_dead_letter_once_and_the_sink_goes_on(store: Store, tmp_path: Path) -> None:
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    heavy = make_article(2, text="heavy")
    outcome = make_outcome(2, article_id=heavy.key, revision=1)
    put(store, make_article(1))
    put(store, heavy, outcome)
    put(store, make_article(3))
    assert feed(store, sink) == []
    assert read(sink.path) == ["1/1", "3/1"]
    ((key, value, headers),) = read_dead(store)
    assert (key, value) == (heavy.key, heavy.value)
    told = {
        INPUT: "a.jsonl:2", RAW_ID: f"{2:032x}", STAGE: "sink desk", REASON: "refused",
        DETAIL: "is too heavy", TOPIC: ARTICLES,
    }  # fmt: skip
    assert headers | told == headers
    store.database.execute("UPDATE sinks SET next = 0")  # as if it had been killed before it was noted
    assert feed(store, sink) == []
    assert read_dead(store) == [(heavy.key, heavy.value, headers)]
    other = PlainFile(name="other", path=tmp_path / "other")
    assert feed(store, other) == []
    assert [headers[STAGE] for _, _, headers in read_dead(store)] == ["sink desk", "sink other"]
    assert store.fetch("SELECT count(*) FROM outcomes") == [(1,)]


def test_one_that_is_away_is_waited_for_and_delays_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_FIRST", 0.01)
    (tmp_path / "far").mkdir()
    far, near = (PlainFile(name=name, path=tmp_path / name / "f") for name in ("far", "near"))
    (tmp_path / "near").mkdir()
    away = tmp_path / "far" / "away"
    away.touch()
    told: list[str] = []
    with Sinks(store.path, [far, near], told.append) as running:
        put(store, make_article(1))
        wait_for(lambda: read(near.path) == ["1/1"])
        put(store, make_article(2))
        wait_for(lambda: read(near.path) == ["1/1", "2/1"])
        time.sleep(0.2)
        assert read(far.path) == []
        assert told == ["sink far: the file has gone; waiting for it"]
        away.unlink()
        assert running.finish() == []
    assert read(far.path) == ["1/1", "2/1"]
    (again,) = told[1:]
    assert again.startswith("sink far: is there again after ")


def test_one_that_stays_away_is_given_up_and_goes_on_the_next_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.5)
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    put(store, make_article(1))
    (tmp_path / "away").touch()
    told: list[str] = []
    begun = time.monotonic()
    assert feed(store, sink, say=told.append) == ["desk"]
    assert 0.5 <= time.monotonic() - begun < 3
    assert told == [
        "sink desk: the file has gone; waiting for it",
        "sink desk: does not have everything; the next run goes on",
    ]
    (tmp_path / "away").unlink()
    assert feed(store, sink) == []
    assert read(sink.path) == ["1/1"]


def test_one_that_is_slow_is_not_given_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.5)
    sink = PlainFile(name="desk", path=tmp_path / "desk", seconds=0.3)
    put(store, *[make_article(number) for number in range(350)])
    assert feed(store, sink) == []
    assert len(read(sink.path)) == 350


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        receiver.always = answer(204, after=0.3)
        yield receiver


def make_webhook(folder: Path, receiver: Receiver, **keys: Any) -> WebhookSink:
    (folder / "secret").write_text(SECRET)
    return WebhookSink(name="desk", url=receiver.url, secret_file=str(folder / "secret"), **keys)


def read_next(store: Store) -> int:
    return sum(place for (place,) in store.fetch("SELECT next FROM sinks"))


@pytest.mark.slow
def test_one_that_takes_a_record_at_a_time_is_not_given_up_and_gets_none_twice(
    store: Store, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 1.0)
    put(store, *[make_article(number) for number in range(12)])
    assert feed(store, make_webhook(tmp_path, receiver, at_once=1)) == []
    assert [one.id for one in receiver.asked] == [f"article_{number:032x}_1" for number in range(12)]


@pytest.mark.slow
def test_one_that_is_given_up_goes_on_behind_what_it_has(
    store: Store, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 1.0)
    receiver.first(f"article_{5:032x}_1", [answer(204, after=3)])
    put(store, *[make_article(number) for number in range(9)])
    sink = make_webhook(tmp_path, receiver, at_once=1)
    assert feed(store, sink) == ["desk"]
    assert read_next(store) == 6  # numbers begin with 1
    assert feed(store, sink) == []
    names = [f"article_{number:032x}_1" for number in range(9)]
    assert sorted(one.id for one in receiver.asked) == sorted([*names, names[5]])


@pytest.mark.slow
def test_a_stop_between_slow_records_keeps_what_is_written_and_waits_for_none(
    store: Store, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.always = answer(204, after=0.2)
    receiver.first(f"article_{20:032x}_1", [answer(204, after=60)])
    put(store, *[make_article(number) for number in range(100)])
    with Sinks(store.path, [make_webhook(tmp_path, receiver, at_once=4)], print):
        wait_for(lambda: read_next(store) > 20)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.5
    assert read_next(store) == 21


def test_a_wrong_setting_is_told_before_anything_is_done(store: Store, tmp_path: Path) -> None:
    good = PlainFile(name="good", path=tmp_path / "good")
    wrong = PlainFile(name="wrong", path=tmp_path / "wrong", wrong=True)
    with pytest.raises(WrongUse, match="has no such folder"), Sinks(store.path, [good, wrong], print):
        pytest.fail("is not to be reached")


def test_an_error_of_a_sink_is_raised_and_not_lost(store: Store, tmp_path: Path) -> None:
    sink = PlainFile(name="desk", path=tmp_path / "none" / "desk")
    put(store, make_article(1))
    with Sinks(store.path, [sink], print) as running:
        wait_for(running.has_failed)
        with pytest.raises(FileNotFoundError):
            running.finish()


def test_stopping_does_not_wait_for_a_store_that_hangs(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STOP_SECONDS", 0.3)
    sink = PlainFile(name="desk", path=tmp_path / "desk", seconds=5)
    put(store, make_article(1))
    begun = time.monotonic()
    with Sinks(store.path, [sink], print):
        time.sleep(0.1)
    assert time.monotonic() - begun < 2


def test_a_runner_can_write_while_a_sink_is_busy(store: Store, tmp_path: Path) -> None:
    feeder = Feeder(store.path, PlainFile(name="desk", path=tmp_path / "desk", seconds=0.4), print)
    put(store, make_article(1))
    store.database.execute("PRAGMA busy_timeout = 50")
    feeder.start()
    time.sleep(0.1)
    put(store, make_article(2))
    feeder.finish()
    assert feeder.join(5)
    assert feeder.is_up_to_date


def test_an_older_store_gets_the_table(tmp_path: Path) -> None:
    (number,) = (number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE sinks" in script)
    path, article = tmp_path / "old.db", make_article(1)
    with closing(sqlite3.connect(path)) as database:
        database.executescript("".join(MIGRATIONS[:number]))
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {number}")
        database.execute(
            "INSERT INTO articles (key, record) VALUES (?, ?)", (article.key, article.value.decode())
        )
        database.commit()
    sink = PlainFile(name="desk", path=tmp_path / "desk")
    with Store(str(path)) as store:
        assert feed(store, sink) == []
    assert read(sink.path) == ["1/1"]


def test_the_pauses_grow_to_half_a_minute() -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) < 8

    def fail() -> Any:
        raise StoreAway("no")

    assert waiting.Waiting(print, pause).until_there(fail) is None
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
