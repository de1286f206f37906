"""`naba run` with sinks: each store holds what the run has published, whatever is killed or away."""

import base64
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connectors.sinks.sqlite import SqliteSink
from streams.cli import naba
from streams.embedded import sinks as module
from tests.news import make_article

KILLS = 10
INPUTS = 1000
ALL = '["same_text", "near_copy", "excerpt", "contains", "same_template"]'

pytestmark = pytest.mark.slow


def settle(folder: Path, *sinks: str, more: str = "") -> None:
    text = more + "".join(f"[[sink]]\n{sink}\n" for sink in sinks)
    (folder / "naba.toml").write_text(text, encoding="utf-8")


def prepare(folder: Path, name: str) -> Path:
    """Make the file of a sink, so that a test can hold it before a run does."""
    path = folder / f"{name}.db"
    SqliteSink(name=name, path=str(path)).open(print).close()
    return path


def sqlite_sink(name: str = "desk", relations: str = ALL) -> str:
    return f'name = "{name}"\nkind = "sqlite"\npath = "{name}.db"\nrelations = {relations}'


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "streams.cli", "run", *arguments]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)


def run(folder: Path, *arguments: str, seconds: float = 100) -> tuple[int, str]:
    """Return the exit code and what was said to the terminal."""
    running = start(folder, *arguments)
    _, told = running.communicate(timeout=seconds)
    return running.returncode, told


def write_lines(path: Path, numbers: range) -> None:
    chance = random.Random(numbers.start)
    path.write_text("".join(json.dumps(make_article(chance, number)) + "\n" for number in numbers))


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows; none where there is no such table yet."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path, timeout=30)) as database:
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


def read_rows(path: Path) -> dict[str, str]:
    """Return the records of a sink, articles and copies, by their ids."""
    rows = [ask(path, f"SELECT article_id, record FROM {table}") for table in ("articles", "duplicates")]
    found = dict(rows[0] + rows[1])
    assert len(found) == len(rows[0]) + len(rows[1]), "an article is in both tables"
    return found


def fold_store(folder: Path, *tables: str) -> dict[str, str]:
    """Return of each article of the store the newest record, by its id."""
    newest: dict[str, tuple[int, str]] = {}
    for table in tables or ("articles", "duplicates"):
        for key, record in ask(folder / "naba.db", f"SELECT key, record FROM {table} ORDER BY seq"):
            revision = json.loads(record)["revision"]
            newest[key] = max(newest.get(key, (0, "")), (revision, record))
    return {key: record for key, (_, record) in newest.items()}


def count_outcomes(folder: Path) -> int:
    (count,) = ask(folder / "naba.db", "SELECT count(*) FROM outcomes") or [(0,)]
    return int(count[0])


def has_more(folder: Path, before: int) -> bool:
    return count_outcomes(folder) > before


def wait_for(
    condition: Callable[[], object], running: subprocess.Popen[str] | None = None, seconds: float = 30
) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert running is None or running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a sink's file, as another program's transaction does that does not end."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield database
        if database.in_transaction:
            database.execute("ROLLBACK")


def test_ten_kills_leave_no_gap_and_nothing_twice(
    tmp_path: Path, write_inputs: Callable[[int], Path]
) -> None:
    inputs = write_inputs(INPUTS)
    lines = 'name = "lines"\nkind = "jsonl"\npath = "lines.jsonl"'
    settle(tmp_path, sqlite_sink(), sqlite_sink("only", "[]"), lines)
    desk = prepare(tmp_path, "desk")
    chance = random.Random(3)
    for kill in range(KILLS):
        before = count_outcomes(tmp_path)
        running = start(tmp_path, inputs.name, "--workers", "1", "--out", "out.jsonl")
        with ExitStack() as holding:
            if kill % 5 == 4:
                time.sleep(chance.uniform(0, 1.0))  # while it starts
            else:
                wait_for(partial(has_more, tmp_path, before), running)
            if kill % 2:  # one store is away: a portion is read and not written
                holding.enter_context(locked(desk))
                wait_for(partial(has_more, tmp_path, count_outcomes(tmp_path)), running)
                time.sleep(0.4)
            time.sleep(chance.uniform(0, 0.2))
            running.kill()
            running.communicate()
    before = count_outcomes(tmp_path)
    assert before < INPUTS, "more inputs are needed"
    assert run(tmp_path, inputs.name, "--workers", "2", "--out", "out.jsonl") == (0, "")
    assert count_outcomes(tmp_path) == INPUTS
    assert read_rows(tmp_path / "desk.db") == fold_store(tmp_path)
    assert read_rows(tmp_path / "only.db") == fold_store(tmp_path, "articles")
    assert len(ask(tmp_path / "desk.db", "SELECT 1 FROM duplicates")) > 20
    # Every revision has its one line, in the order of the run: the file is that of --out.
    assert (tmp_path / "lines.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()
    assert ask(tmp_path / "naba.db", "SELECT count(*) FROM dead") == [
        (ask(tmp_path / "naba.db", "SELECT count(*) FROM outcomes WHERE outcome = 'dead'")[0][0],)
    ]


def test_a_sink_that_is_named_later_gets_what_was_before(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", range(20))
    write_lines(tmp_path / "b.jsonl", range(20, 30))
    settle(tmp_path, sqlite_sink())
    assert run(tmp_path, "a.jsonl") == (0, "")
    settle(tmp_path, sqlite_sink(), sqlite_sink("second"))
    assert run(tmp_path, "b.jsonl") == (0, "")
    assert read_rows(tmp_path / "second.db") == read_rows(tmp_path / "desk.db") == fold_store(tmp_path)
    assert len(fold_store(tmp_path)) == 30


def test_a_store_that_is_away_is_waited_for_and_the_others_are_not_delayed(tmp_path: Path) -> None:
    write_lines(tmp_path / "b.jsonl", range(60))
    settle(tmp_path, sqlite_sink("far"), sqlite_sink("near"))
    with locked(prepare(tmp_path, "far")):
        running = start(tmp_path, "b.jsonl")
        wait_for(lambda: len(read_rows(tmp_path / "near.db")) == 60, running)
        time.sleep(6)  # longer than a lock is waited for by SQLite itself
        assert running.poll() is None, "it waits for the one that is away"
        assert count_outcomes(tmp_path) == 60
    _, told = running.communicate(timeout=60)
    assert running.returncode == 0
    assert read_rows(tmp_path / "far.db") == read_rows(tmp_path / "near.db") == fold_store(tmp_path)
    first, second = told.splitlines()
    assert first.startswith("naba: sink far: ")
    assert first.endswith("; waiting for it")
    assert second.startswith("naba: sink far: is there again after ")


def test_a_store_that_stays_away_ends_the_run_with_1_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 3.0)  # of a minute
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "b.jsonl", range(20))
    settle(tmp_path, sqlite_sink())
    with locked(prepare(tmp_path, "desk")):
        ended = CliRunner().invoke(naba, ["run", "b.jsonl", "--out", "out.jsonl"])
        assert ended.exit_code == 1
        assert ended.stderr.endswith("naba: sink desk: does not have everything; the next run goes on\n")
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 20
    assert run(tmp_path, "b.jsonl") == (0, "")
    assert read_rows(tmp_path / "desk.db") == fold_store(tmp_path)
    assert len(fold_store(tmp_path)) == 20


def test_a_collection_feeds_its_sinks_and_ends_within_seconds(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    write_lines(tmp_path / "inbox" / "a.jsonl", range(10))
    source = '[[source]]\nname = "drop"\nkind = "files"\npath = "inbox"\nwatch = true\n'
    settle(tmp_path, sqlite_sink("far"), sqlite_sink("near"), more=source)
    with locked(prepare(tmp_path, "far")):
        running = start(tmp_path)
        wait_for(lambda: len(read_rows(tmp_path / "near.db")) == 10, running)
        write_lines(tmp_path / "inbox" / "b.jsonl", range(10, 20))
        wait_for(lambda: len(read_rows(tmp_path / "near.db")) == 20, running)
        begun = time.monotonic()
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
        assert time.monotonic() - begun < 10
        assert running.returncode == 0
    assert run(tmp_path, "--once") == (0, "")
    assert len(read_rows(tmp_path / "far.db")) == 20


def test_what_a_store_refuses_is_a_dead_letter_and_the_sink_goes_on(tmp_path: Path) -> None:
    taken: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            refuses = told["data"]["url"].endswith("/3")
            if not refuses:
                taken.append(told["data"]["url"])
            self.send_response(422 if refuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    write_lines(tmp_path / "a.jsonl", range(8))
    (tmp_path / "secret").write_text("whsec_" + base64.b64encode(bytes(range(32))).decode() + "\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = f'name = "hook"\nkind = "webhook"\nurl = "http://127.0.0.1:{server.server_port}/"'
    settle(tmp_path, f'{hook}\nsecret_file = "secret"', sqlite_sink())
    try:
        assert run(tmp_path, "a.jsonl") == (0, "")
        assert run(tmp_path, "a.jsonl") == (0, "")
    finally:
        server.shutdown()
        server.server_close()
    published = [json.loads(record) for record in fold_store(tmp_path, "articles").values()]
    refused = next(one for one in published if one["url"].endswith("/3"))
    assert sorted(taken) == sorted(one["url"] for one in published if one is not refused)
    assert len(read_rows(tmp_path / "desk.db")) == 8
    ((key, record, headers),) = ask(tmp_path / "naba.db", "SELECT key, record, headers FROM dead")
    assert key == refused["article_id"]
    assert json.loads(record) == refused
    told = json.loads(headers)
    assert (told["naba-stage"], told["naba-reason"]) == ("sink hook", "refused")
    assert "422" in told["naba-detail"]
    assert told["naba-input"].endswith("a.jsonl:4")
    assert told["naba-raw-id"] == refused["raw_id"]
    assert count_outcomes(tmp_path) == 8


@pytest.mark.parametrize(
    ("sinks", "told"),
    [
        pytest.param([sqlite_sink("mine")], "mine.db: ", id="a file of another program"),
        pytest.param([sqlite_sink("store")], "sink[0].name: store: `naba sink store`", id="a reserved name"),
        pytest.param(
            [sqlite_sink("a"), sqlite_sink("a")], "sink[1].name: a: another sink", id="a name of two"
        ),
        pytest.param(
            ['name = "a"\nkind = "sqlite"\npath = "a.db"\nfast = true'],
            "sink[0].fast: unknown key",
            id="an unknown key",
        ),
        pytest.param(['name = "a"\nkind = "pigeon"'], "sink[0].kind: ", id="an unknown kind"),
    ],
)
def test_a_wrong_sink_is_told_before_anything_is_taken_in(
    tmp_path: Path, sinks: list[str], told: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "mine.db")) as database:
        database.execute("CREATE TABLE mine (a)")
    write_lines(tmp_path / "a.jsonl", range(3))
    settle(tmp_path, *sinks)
    code, said = run(tmp_path, "a.jsonl")
    assert code == 2
    assert told in said
    assert count_outcomes(tmp_path) == 0


def test_what_a_sink_writes_is_not_read_as_news(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "a.jsonl", range(5))
    settle(tmp_path, 'name = "lines"\nkind = "jsonl"\npath = "in/lines.jsonl"')
    assert run(tmp_path, "in") == (0, "")
    assert run(tmp_path, "in") == (0, "")
    assert count_outcomes(tmp_path) == 5
    assert len((tmp_path / "in" / "lines.jsonl").read_bytes().splitlines()) == 5
