"""A store ends the same however often its filler is killed: at any moment, and before it notes its place."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import orjson
import psycopg
import pytest

from connectors.sink import Sink
from connectors.sinks.jsonl import JsonlSink
from connectors.sinks.postgres import PostgresSink
from connectors.sinks.sqlite import SqliteSink
from connectors.sinks.waiting import Waiting
from schemas.letter import Letter
from tests.connectors.sinks import test_jsonl, test_postgres, test_sqlite
from tests.postgres import Postgres
from tests.revisions import checksum, divide, fold_stream, make_deletion, make_stream, receive

RECORDS, BATCH, KILLS = 10_000, 100, 20
MOST_TOLD = 10  # batches; nobody listens longer
FORK = multiprocessing.get_context("fork")
Row = tuple[str, str, bytes]  # table, article, record
Harm = Callable[[], None]
Serve = Callable[[Path], AbstractContextManager[Harm]]


@dataclass(frozen=True)
class Kind:
    """A store in a folder: how it is opened, what it holds, and what it has to hold after these letters."""

    open: Callable[[Path], Sink]
    read: Callable[[Path], Iterable[Row]]
    expect: Callable[[Sequence[Letter]], Iterable[Row]]
    serve: Serve = lambda _: nullcontext(lambda: None)  # keeps its server, and gives what kills that


def open_jsonl(folder: Path) -> Sink:
    path = str(folder / "news.jsonl")
    return JsonlSink(name="a", path=path, relations=("near_copy",), rotate_mb=0.3, compress="gzip").open(
        print
    )


def read_jsonl(folder: Path) -> Iterable[Row]:
    return [("", orjson.loads(line)["article_id"], line) for line in test_jsonl.read_lines(folder)]


def expect_revisions(letters: Sequence[Letter]) -> Iterable[Row]:
    return {letter.value: ("", letter.key, letter.value) for letter in letters}.values()


def open_sqlite(folder: Path) -> Sink:
    return SqliteSink(name="a", path=str(folder / "news.db"), relations=("near_copy",)).open(print)


def read_sqlite(folder: Path) -> Iterable[Row]:
    test_sqlite.check_index(folder)
    return [(table, name, record) for name, (table, record) in test_sqlite.read_records(folder).items()]


def expect_newest(letters: Sequence[Letter]) -> Iterable[Row]:
    return [(table, name, record) for name, (table, record) in fold_stream(letters).items()]


@contextmanager
def serve_postgres(folder: Path) -> Iterator[Harm]:
    server = Postgres("fsync=off")
    (folder / "dsn").write_text(server.dsn)

    def harm() -> None:
        server.kill()
        time.sleep(0.1)
        server.start()

    try:
        server.start()
        yield harm
    finally:
        server.remove()


def open_postgres(folder: Path) -> Sink:
    dsn = (folder / "dsn").read_text()
    return PostgresSink(name="a", dsn=dsn, relations=("near_copy",)).open(print)


def read_postgres(folder: Path) -> Iterable[Row]:
    with psycopg.connect((folder / "dsn").read_text()) as connection:
        return test_postgres.held_by(connection, "public")


KINDS = {
    "jsonl": Kind(open_jsonl, read_jsonl, expect_revisions),
    "sqlite": Kind(open_sqlite, read_sqlite, expect_newest),
    "postgres": Kind(open_postgres, read_postgres, test_postgres.expected, serve_postgres),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_killed_twenty_times_it_ends_the_same(tmp_path: Path, name: str) -> None:
    kind, chance = KINDS[name], random.Random(name)
    letters = make_letters()
    with kind.serve(tmp_path) as harm:
        for turn in range(KILLS):
            # Every other one dies by itself, when a batch is written and its place is not noted.
            told, tells = FORK.Pipe(duplex=False)
            dies_after = chance.randrange(4) if turn % 2 else None
            child = FORK.Process(target=write_all, args=(kind, tmp_path, letters, tells, dies_after))
            child.start()
            if dies_after is None:
                for _ in range(chance.randrange(6)):
                    assert told.poll(30)
                    told.recv()
                time.sleep(chance.uniform(0, 0.05))
                if turn % 8 == 4:
                    harm()
                child.kill()
            child.join(30)
            assert child.exitcode == -signal.SIGKILL
        assert read_position(tmp_path) < len(letters)
        write_all(kind, tmp_path, letters, tells, None)
        assert read_position(tmp_path) == len(letters)

        deleted = {letter.key for letter in letters if not letter.value}
        held = list(kind.read(tmp_path))
        expected = list(kind.expect([letter for letter in letters if letter.key not in deleted]))
        assert len(held) == len(expected) > RECORDS / 2
        assert checksum(held) == checksum(expected)


def make_letters() -> list[Letter]:
    """Return articles with revisions and redeliveries, copies, and now and then a deletion."""
    letters = list(make_stream(RECORDS, 1))
    for place in range(999, RECORDS, 1000):
        letters.insert(place, make_deletion(int(letters[place // 2].key, 16)))
    return letters


def read_position(folder: Path) -> int:
    path = folder / "position"
    return int(path.read_text()) if path.exists() else 0


def write_all(
    kind: Kind, folder: Path, letters: Sequence[Letter], tells: Connection, dies_after: int | None
) -> None:
    """Write from the noted place to the end, and note and tell the place behind each batch."""
    position = read_position(folder)
    waiting = Waiting(print, pause_shortly)
    sink = waiting.until_there(partial(kind.open, folder))
    assert sink is not None
    with closing(sink):
        for number, batch in enumerate(divide(receive(letters[position:], since=position), BATCH)):
            refused = waiting.until_there(partial(sink.write, batch))
            assert refused is not None
            assert list(refused) == []
            if number == dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
            position += len(batch)
            (folder / "position.part").write_text(str(position))
            (folder / "position.part").rename(folder / "position")
            if number < MOST_TOLD:
                tells.send(position)


def pause_shortly(_seconds: float) -> bool:
    time.sleep(0.05)
    return True
