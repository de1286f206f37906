"""`naba delete` in a store: nothing of the text is left in the folder, others stay, and it stays away."""

import fcntl
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.rotated import part_of
from schemas.deletion import Deletion
from streams.copies.index import Index
from streams.embedded.deletions import Deletions
from streams.embedded.store import Store
from streams.settings import Settings
from streams.steps.compare import CompareStep
from streams.verbs import delete as verb
from tests.news import make_article

pytestmark = pytest.mark.slow

WORD = "quonzibbles"  # in no other text
KILLS = 5
NOBODY = "f" * 32


def make_secret(number: int = 1004, **fields: Any) -> dict[str, Any]:
    """Return an article with a word that no other has, once in each sentence."""
    article = make_article(random.Random(number), number)
    return article | {"html": article["html"].replace("people", WORD)} | fields


def naba(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=60)


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streams.cli", *arguments]
    pipe = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, start_new_session=True)


def write_news(folder: Path, lines: list[bytes], name: str = "../news.jsonl") -> str:
    (folder / name).write_bytes(b"".join(line + b"\n" for line in lines))
    return name


def run_all(folder: Path, news: str) -> None:
    done = naba(folder, "run", news, "--workers", "1", "--out", "a.jsonl", "--outcomes", "o.jsonl")
    assert done.returncode == 0, done.stderr


def read_lines(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [{key: value for key, value in line.items() if key != "processed_at"} for line in lines]


def find_word(folder: Path) -> list[str]:
    """Return the files of the folder in which the word of the deleted text stands."""
    return [path.name for path in folder.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]


def find_id(folder: Path) -> str:
    (article,) = {line["article_id"] for line in read_lines(folder / "a.jsonl") if WORD in line["text"]}
    return str(article)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


@pytest.fixture
def lines(make_lines: Callable[[int], list[bytes]]) -> list[bytes]:
    """News with two revisions of the article that is to be deleted between them."""
    first, second = make_secret(), make_secret(fetched_at="2026-03-02T00:00:00Z")
    second["html"] = second["html"].replace("were told", "were asked")
    news = make_lines(40)
    return [*news[:20], json.dumps(first).encode(), *news[20:], json.dumps(second).encode()]


def test_an_article_is_gone_from_every_file_and_no_other_is_touched(folder: Path, lines: list[bytes]) -> None:
    run_all(folder, write_news(folder, lines))
    before, outcomes, article = (
        read_lines(folder / "a.jsonl"),
        read_lines(folder / "o.jsonl"),
        find_id(folder),
    )
    assert {"a.jsonl", "naba.db"} <= set(find_word(folder))
    done = naba(folder, "delete", "--ids-file", "-", "--reason", "asked for", given=f"{article}\n{NOBODY}\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{article} deleted",
        f"{NOBODY} nothing is known of it; kept out from now on",
    ]
    assert "backups and archives of yours" in done.stderr
    assert find_word(folder) == []
    left = [line for line in before if line["article_id"] != article]
    assert len(left) == len(before) - 2
    assert read_lines(folder / "a.jsonl") == left
    assert read_lines(folder / "o.jsonl") == outcomes
    with closing(sqlite3.connect(folder / "naba.db")) as database:
        # What is compressed cannot be searched for.
        kept = {raw_id for (raw_id,) in database.execute("SELECT raw_id FROM raw")}
    gone = {line["raw_id"] for line in outcomes if line["article_id"] == article}
    assert gone
    assert kept == {line["raw_id"] for line in outcomes} - gone

    told = naba(folder, "why", article).stdout
    assert "deleted     deletion asked for at" in told
    assert "asked for (article" in told
    assert "published, revision 1" in told
    assert naba(folder, "why", make_secret()["url"]).stdout == told
    assert "nothing is known of it" in naba(folder, "why", NOBODY).stdout


def test_what_is_deleted_stays_away_and_a_copy_of_it_is_news(folder: Path, lines: list[bytes]) -> None:
    run_all(folder, write_news(folder, lines))
    article = find_id(folder)
    assert naba(folder, "delete", "--ids-file", "-", given=article).returncode == 0
    later = [
        make_secret(fetched_at="2026-03-05T00:00:00Z"),
        make_secret(fetched_at="2026-03-06T00:00:00Z", html=make_secret()["html"].replace("were", "are")),
    ]
    run_all(folder, write_news(folder, [json.dumps(one).encode() for one in later], "../later.jsonl"))
    run_all(folder, "../news.jsonl")  # the same deliveries: each has its outcome, and gets no other
    rejected = read_lines(folder / "o.jsonl")[len(lines) :]
    assert [(one["outcome"], one["stage"], one["reason"]) for one in rejected] == [
        ("rejected", "compare", "deleted"),
        ("rejected", "compare", "deleted"),
    ]
    assert {one["article_id"] for one in rejected} == {article}
    assert find_word(folder) == []
    with closing(sqlite3.connect(folder / "naba.db")) as database:
        kept = {raw_id for (raw_id,) in database.execute("SELECT raw_id FROM raw")}
    assert kept.isdisjoint(one["raw_id"] for one in rejected)

    copy = make_secret(url="https://copies.example/1", fetched_at="2026-03-07T00:00:00Z")
    run_all(folder, write_news(folder, [json.dumps(copy).encode()], "../copy.jsonl"))
    assert read_lines(folder / "o.jsonl")[-1]["outcome"] == "published"


def test_ids_that_are_none_are_all_told_and_nothing_is_done(folder: Path) -> None:
    with Store(str(folder / "naba.db")):
        pass
    article = "0123456789abcdef" * 2
    given = f"{article}\n\n{article[:-1]}\n../../etc\n{article.upper()}\n"
    done = naba(folder, "delete", "--ids-file", "-", given=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[1:]] == [
        "line 3",
        "line 4",
        "line 5",
    ]
    assert count(folder, "deletions") == 0
    assert naba(folder, "delete", "--ids-file", "none.txt").returncode == 2
    assert naba(folder, "delete", "--ids-file", "-", given="\n").returncode == 2
    done = naba(folder, "delete", "--ids-file", "-", "--db", "other.db", given=article)
    assert done.returncode == 2
    assert "no such store; --kafka deletes on the cluster" in done.stderr
    assert not (folder / "other.db").exists()


def test_a_file_that_was_moved_away_is_told_and_one_of_another_is_left_alone(
    folder: Path, lines: list[bytes]
) -> None:
    run_all(folder, write_news(folder, lines))
    article = find_id(folder)
    (folder / "a.jsonl").rename(folder.parent / "moved.jsonl")
    (folder / "a.jsonl").write_text("A list of ferries, of somebody else.\n")
    done = naba(folder, "delete", "--ids-file", "-", given=article)
    assert done.returncode == 0
    assert "a.jsonl: is not there any more" in done.stderr
    assert (folder / "a.jsonl").read_text() == "A list of ferries, of somebody else.\n"
    assert find_word(folder) == []


def count(folder: Path, table: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{folder / 'naba.db'}?mode=ro", uri=True)) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def has_runner(folder: Path) -> bool:
    with (folder / "naba.db-lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_runner_does_it_between_two_commits_while_it_waits_for_more(
    folder: Path, lines: list[bytes]
) -> None:
    run_all(folder, write_news(folder, lines))
    article, before = find_id(folder), read_lines(folder / "a.jsonl")
    command = [sys.executable, "-m", "streams.cli", "run", "-", "--out", "a.jsonl", "--outcomes", "o.jsonl"]
    running = subprocess.Popen([*command, "--workers", "1"], cwd=folder, stdin=subprocess.PIPE)
    assert running.stdin is not None
    try:
        wait_until(lambda: has_runner(folder))
        done = naba(folder, "delete", "--ids-file", "-", given=article)
        assert done.returncode == 0, done.stderr
        assert running.poll() is None
        assert find_word(folder) == []
        late, other = make_secret(fetched_at="2026-03-05T00:00:00Z"), make_article(random.Random(1), 777)
        running.stdin.write(json.dumps(late).encode() + b"\n" + json.dumps(other).encode() + b"\n")
        running.stdin.close()
        assert running.wait(40) == 0
    finally:
        running.kill()
        running.wait(10)
    left = [line for line in before if line["article_id"] != article]
    after = read_lines(folder / "a.jsonl")
    assert after[:-1] == left
    assert after[-1]["url"] == other["url"]
    ends = [line["reason"] or line["outcome"] for line in read_lines(folder / "o.jsonl")[-2:]]
    assert ends == ["deleted", "published"]
    assert find_word(folder) == []


def test_killed_in_the_middle_the_end_is_the_same(
    folder: Path, make_lines: Callable[[int], list[bytes]]
) -> None:
    secrets = [json.dumps(make_secret(1004 + 21 * number)).encode() for number in range(KILLS)]
    news = write_news(folder, [*secrets, *make_lines(300)])
    chance = random.Random(7)
    run = ("run", news, "--workers", "1", "--out", "a.jsonl", "--outcomes", "o.jsonl")
    running = start(folder, *run)
    wait_until(lambda: count(folder, "outcomes") > 20)
    ids = [line["article_id"] for line in read_lines(folder / "a.jsonl")[:KILLS]]
    for number, article in enumerate(ids):
        (folder / "ids").write_text(article)
        deleting = start(folder, "delete", "--ids-file", "ids")
        wait_until(partial(has_more, folder, number))
        time.sleep(chance.uniform(0, 0.4))
        # With a run, which may have done it by now or be in the midst of it, or the verb by itself.
        for process in (running, deleting):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        if number % 2:
            running = start(folder, *run)
            time.sleep(chance.uniform(0.3, 1))
    assert running.wait(60) in (0, -signal.SIGKILL)
    (folder / "ids").write_text("\n".join(ids))
    done = naba(folder, "delete", "--ids-file", "ids")
    assert done.returncode == 0, done.stderr
    assert find_word(folder) == []
    assert not part_of(folder / "a.jsonl").exists()
    run_all(folder, news)
    assert find_word(folder) == []
    outcomes = read_lines(folder / "o.jsonl")
    assert len(outcomes) == len({(one["input"], one["raw_id"]) for one in outcomes}) == KILLS + 300
    assert {one["outcome"] for one in outcomes} == {"published"}
    assert [line["article_id"] for line in read_lines(folder / "a.jsonl")] == [
        one["article_id"] for one in outcomes if one["article_id"] not in ids
    ]
    with Store(str(folder / "naba.db"), write=False) as store:
        gone = [key for (key,) in store.fetch("SELECT key FROM articles WHERE record = '' ORDER BY seq")]
        assert gone == ids
        assert store.fetch("SELECT count(*) FROM deletions WHERE done_at IS NOT NULL") == [(KILLS,)]


def has_more(folder: Path, deletions: int) -> bool:
    return count(folder, "deletions") > deletions


def test_sinks_of_the_settings_forget_it_with_the_next_run(folder: Path, lines: list[bytes]) -> None:
    (folder / "naba.toml").write_text(
        '[[sink]]\nname = "lines"\nkind = "jsonl"\npath = "sink.jsonl"\n'
        '[[sink]]\nname = "rows"\nkind = "sqlite"\npath = "sink.db"\n'
    )
    run_all(folder, write_news(folder, lines))
    assert {"sink.jsonl", "sink.db"} <= set(find_word(folder))
    article = find_id(folder)
    done = naba(folder, "delete", "--ids-file", "-", given=article)
    assert done.returncode == 0
    assert "sink rows: gets it with `naba run`" in done.stderr
    run_all(folder, "../news.jsonl")
    left = read_lines(folder / "a.jsonl")
    assert read_lines(folder / "sink.jsonl") == left
    with closing(sqlite3.connect(folder / "sink.db")) as database:
        rows = {name for (name,) in database.execute("SELECT article_id FROM articles")}
        found = database.execute("SELECT count(*) FROM search WHERE search MATCH ?", (WORD,)).fetchone()
    assert rows == {line["article_id"] for line in left}
    assert found == (0,)
    assert find_word(folder) == []


def test_one_that_the_rows_have_forgotten_is_told_as_deleted(folder: Path, lines: list[bytes]) -> None:
    run_all(folder, write_news(folder, lines))
    article = find_id(folder)
    with closing(sqlite3.connect(folder / "naba.db")) as database, database:
        database.execute("DELETE FROM rows")
    done = naba(folder, "delete", "--ids-file", "-", given=article)
    assert done.stdout == f"{article} deleted\n"
    assert f"(article {article}, 2 revisions)" in naba(folder, "why", article).stdout


def test_a_byte_order_mark_is_read_over_and_a_reason_that_is_no_text_is_refused(folder: Path) -> None:
    with Store(str(folder / "naba.db")):
        pass
    (folder / "ids").write_bytes(b"\xef\xbb\xbf" + NOBODY.encode() + b"\r\n")
    command = [sys.executable, "-m", "streams.cli", "delete", "--ids-file", "ids", "--reason"]
    done = subprocess.run([*command, b"x\xff"], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.endswith(b"Error: --reason: is no text in UTF-8\n")
    assert count(folder, "deletions") == 0
    done = subprocess.run([*command, "asked for"], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert naba(folder, "delete", "--ids-file", "-", given=f"\ufeff{NOBODY}").returncode == 0
    assert count(folder, "deletions") == 1


def test_the_verb_waits_as_long_as_a_runner_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verb, "_WAIT_SECONDS", 1.5)
    # Else it would try for seconds to get the store, and look too seldom for so short a wait.
    monkeypatch.setattr(verb, "_carry_out", lambda _path: None)
    path, now = str(folder / "naba.db"), datetime.now(UTC)
    wanted = [Deletion(article_id=f"{number:032x}", asked_at=now) for number in range(700)]
    step, done = CompareStep(), threading.Event()

    def run_slowly() -> None:
        with Store(path) as store:
            opened.set()
            deletions = Deletions(store, lambda letter, now: step(letter, store.rows, Index(), now))
            is_last = False
            while not is_last:
                time.sleep(0.8)
                store.begin()
                is_last = deletions.erase(now)
                store.commit()
            deletions.finish()
            done.wait(40)

    opened = threading.Event()
    runner = threading.Thread(target=run_slowly)
    runner.start()
    try:
        assert opened.wait(20)
        verb.delete_in_store(Settings(db=path), wanted)
        assert capsys.readouterr().out.count("kept out from now on") == len(wanted)
    finally:
        done.set()
        runner.join()
