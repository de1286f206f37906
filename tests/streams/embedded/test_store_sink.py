"""A store filled from topics answers as the one of an embedded run does."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest
from click.testing import CliRunner

from connectors.sink import Received
from connectors.sources.files import FilesSource
from schemas.letter import ARTICLES, DEAD, INPUT, OUTCOMES, RAW, RAW_ID, REJECTED, TOPIC, Letter, raw_letter
from schemas.outcome import Ending
from schemas.raw import RawArticle
from streams.embedded.ledger import Account, read_account
from streams.embedded.store import Store
from streams.embedded.store_sink import StoreSink
from streams.embedded.tables import StoreError
from streams.policy.policy import Policies, Policy
from streams.settings import Settings, StoreSettings
from streams.verbs.rules import rules
from streams.verbs.run import run_source
from tests.letters import make_article, make_outcome, make_raw

PARTITIONS = 3
NOW = datetime.now(UTC)


def receive(letters: Sequence[Letter], start: int = 0) -> list[Received]:
    """Return the letters as they come from topics: the later, the later sent, in any partition."""
    return [
        Received(letter, crc32(letter.key.encode()) % PARTITIONS, at, NOW + timedelta(milliseconds=at))
        for at, letter in enumerate(letters, start)
    ]


def fill(path: Path, *batches: list[Received], ids: dict[str, str] | None = None) -> list[str]:
    """Fill the store of that path, and return what was told."""
    told: list[str] = []
    with Store(str(path), cluster="test") as store:
        sink = StoreSink(store, StoreSettings(), ids or {}, told.append)
        for batch in batches:
            sink.write(batch)
    return told


def dump(path: Path) -> dict[str, list[Any]]:
    """Return what the tables hold; the order of rows in them is nothing that anybody is promised."""
    columns = {"outcomes": "record", "articles": "record", "duplicates": "record", "raw": "raw_id"}
    columns |= {"rejected": "key, record", "dead": "key, record, headers"}
    with Store(str(path), write=False) as store:
        return {table: sorted(store.fetch(f"SELECT {columns[table]} FROM {table}")) for table in columns}


@pytest.fixture
def embedded(tmp_path: Path, write_inputs: Callable[[int], Path]) -> tuple[Path, list[Letter]]:
    """An embedded run's store, and all its letters: those that its source gave, and what followed."""
    inputs, settings = write_inputs(150), Settings(db=str(tmp_path / "run.db"))
    short = tmp_path / "short.txt"
    short.write_text("Too short.")
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(inputs.read_bytes())[:20_000])
    paths = [str(inputs), str(short), str(broken)]
    letters = list(FilesSource(paths).poll())
    run_source(FilesSource(paths), settings, {}, 1, letters.extend)
    return tmp_path / "run.db", letters


def ask(path: Path, asked: str) -> Account | None:
    with Store(str(path), write=False) as store:
        account = read_account(store, asked)
    if account is not None:
        for delivery in account.deliveries:
            del delivery["at"]  # when it was written, and when it was sent
    return account


@pytest.mark.slow
def test_why_answers_as_after_an_embedded_run(tmp_path: Path, embedded: tuple[Path, list[Letter]]) -> None:
    run, letters = embedded
    received = receive(letters)
    # Twice, and by partitions: nothing comes in the order in which it happened.
    by_partition = sorted(received, key=lambda item: (item.partition, item.letter.topic))
    assert fill(tmp_path / "sink.db", by_partition[:100], by_partition[100:], by_partition[:300]) == []
    assert dump(tmp_path / "sink.db") == dump(run)
    outcomes = [orjson.loads(letter.value) for letter in letters if letter.topic == OUTCOMES]
    assert b"" in [letter.value for letter in letters if letter.topic == DEAD]
    assert {outcome["outcome"] for outcome in outcomes} >= {
        "published",
        "revised",
        "duplicate",
        "dead",
        "rejected",
    }
    for outcome in outcomes:
        for asked in (outcome["input"], outcome["url"], outcome["raw_id"], outcome["article_id"]):
            if asked:
                assert ask(tmp_path / "sink.db", asked) == ask(run, asked) is not None


@pytest.mark.slow
def test_explain_shows_the_page_again_and_what_was_learned_then(
    tmp_path: Path, embedded: tuple[Path, list[Letter]]
) -> None:
    run, letters = embedded
    fill(tmp_path / "sink.db", receive(letters))
    cut = next(
        orjson.loads(letter.value)
        for letter in letters
        if letter.topic == ARTICLES and b'"rule":"learned.' in letter.value
    )
    before, then, after = split_explained(tmp_path / "sink.db", cut["url"])
    now = split_explained(run, cut["url"])
    assert (before, after) == (now[0], now[2])
    learned = [removal for removal in cut["removed"] if removal["rule"].startswith("learned.")]
    assert [line.rpartition(", ")[2] for line in then.splitlines() if ", learned." in line] == [
        f"{removal['rule']}]" for removal in learned
    ]
    assert "is with the workers" in then


@pytest.mark.parametrize("asked", [["learned"], ["adopt", "learned.host.example.0@1"]])
def test_what_hosts_have_taught_is_not_looked_for_here(tmp_path: Path, asked: list[str]) -> None:
    fill(tmp_path / "s.db")
    ended = CliRunner().invoke(rules, [*asked, "--db", str(tmp_path / "s.db")])
    assert "is with the workers" in str(ended.exception)


def split_explained(db: Path, asked: str) -> list[str]:
    """Return what `naba explain` prints before what was learned, of it, and behind it."""
    command = [sys.executable, "-m", "streams.cli", "explain", asked, "--db", str(db)]
    shown = subprocess.run(command, cwd=db.parent, capture_output=True, text=True, check=True).stdout
    return re.split(r"^(?:learned|conclude)\n", shown, flags=re.MULTILINE)


def test_a_store_is_filled_by_one_kind_of_filler(tmp_path: Path) -> None:
    with Store(str(tmp_path / "run.db")) as store:
        store.begin()
        store.append((make_outcome(1),), NOW)
        store.commit()
    with pytest.raises(StoreError, match="was filled by `naba run`"):
        Store(str(tmp_path / "run.db"), cluster="a")
    fill(tmp_path / "sink.db")
    with pytest.raises(StoreError, match="is filled by `naba sink store`"):
        Store(str(tmp_path / "sink.db"))
    with pytest.raises(StoreError, match="from another cluster"):
        Store(str(tmp_path / "sink.db"), cluster="b")


def test_a_letter_that_comes_again_is_one_row_and_the_offset_moves_with_it(tmp_path: Path) -> None:
    headers = {INPUT: "a.jsonl:3", RAW_ID: "3" * 32, TOPIC: RAW}
    dead = Letter(DEAD, "host.example", b"\x00 as it came \xff", headers)
    letters = [make_raw(1), make_article(1), make_article(1, 2), make_outcome(1), dead]
    assert fill(tmp_path / "s.db", receive(letters), receive(letters, 100)) == []
    with Store(str(tmp_path / "s.db"), write=False) as store:
        for table, count in (("raw", 1), ("articles", 2), ("outcomes", 1), ("dead", 1)):
            assert store.fetch(f"SELECT count(*) FROM {table}") == [(count,)]
        ((record, told),) = store.fetch("SELECT record, headers FROM dead")
        assert (record, json.loads(told)) == (dead.value, headers)
        nexts = store.fetch("SELECT max(next) FROM offsets WHERE topic = ?", OUTCOMES)
        assert nexts == [(104,)]


def test_a_delivery_that_another_program_wrote_is_kept_as_the_workers_name_it(tmp_path: Path) -> None:
    assert fill(tmp_path / "s.db", receive([Letter(RAW, "k", b"no headers, and no article")])) == []
    with Store(str(tmp_path / "s.db"), write=False) as store:
        assert store.fetch("SELECT count(*) FROM raw") == [(1,)]


def test_what_is_no_record_is_told_and_passed_over(tmp_path: Path) -> None:
    foreign = [
        Letter(ARTICLES, "k", b"\xff"),
        Letter(ARTICLES, "k", b'{"schema":"article.v1","article_id":"' + b"a" * 32 + b'","revision":1}'),
        Letter(OUTCOMES, "k", b"[]"),
        Letter(DEAD, "k", b"no headers"),
        Letter(REJECTED, "k", b"{}"),
    ]
    gone = Letter(ARTICLES, "k", b"")
    told = fill(tmp_path / "s.db", receive([*foreign, gone, make_outcome(1)]))
    assert [line.partition(": ")[2][:11] for line in told] == ["passed over"] * len(foreign)
    assert {table: len(rows) for table, rows in dump(tmp_path / "s.db").items() if rows} == {"outcomes": 1}


def test_a_page_older_than_its_days_is_not_taken_up(tmp_path: Path) -> None:
    old, new = receive([make_raw(1), make_raw(2)])
    fill(tmp_path / "s.db", [replace(old, at=NOW - timedelta(days=15)), new])
    assert dump(tmp_path / "s.db")["raw"] == [(f"{2:032x}",)]


def test_a_topic_that_was_created_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    batch = receive([make_article(1), make_outcome(1)])
    ids = {ARTICLES: "one", OUTCOMES: "two"}
    assert fill(tmp_path / "s.db", batch, ids=ids) == []
    assert fill(tmp_path / "s.db", ids=ids) == []
    assert "created anew" in "".join(fill(tmp_path / "s.db", ids=ids | {OUTCOMES: "three"}))
    with Store(str(tmp_path / "s.db"), write=False) as store:
        assert store.fetch("SELECT topic FROM offsets") == [(ARTICLES,)]
    fill(tmp_path / "s.db", batch)
    assert len(dump(tmp_path / "s.db")["outcomes"]) == 1


def test_an_articles_deliveries_are_told_by_revision_where_their_times_disagree(tmp_path: Path) -> None:
    endings: list[tuple[Ending, int]] = [("published", 1), ("unchanged", 1), ("revised", 2), ("unchanged", 2)]
    outcomes = [
        make_outcome(number, ending, article_id="a" * 32, revision=revision)
        for number, (ending, revision) in enumerate(endings)
    ]
    fill(tmp_path / "s.db", receive([outcomes[place] for place in (1, 0, 3, 2)]))
    with Store(str(tmp_path / "s.db"), write=False) as store:
        account = read_account(store, "a" * 32)
    assert account is not None
    told = [(delivery["outcome"], delivery["revision"]) for delivery in account.deliveries]
    assert told == endings


def test_a_withdrawal_stays_where_its_time_puts_it_among_revisions(tmp_path: Path) -> None:
    endings: list[tuple[Ending, int | None]] = [("published", 1), ("revised", 2), ("rejected", None)]
    outcomes = [
        make_outcome(number, ending, article_id="a" * 32, revision=revision)
        for number, (ending, revision) in enumerate(endings)
    ]
    fill(tmp_path / "s.db", receive([outcomes[place] for place in (1, 2, 0)]))
    account = ask(tmp_path / "s.db", "a" * 32)
    assert account is not None
    told = [delivery["outcome"] for delivery in account.deliveries]
    assert told == ["published", "rejected", "revised"]


def test_a_page_is_kept_no_longer_than_its_policy_says(tmp_path: Path) -> None:
    raw = RawArticle(
        raw_id=f"{9:032x}", source="harbour", url="https://southport.example/1", content="<p>x</p>",
        content_type="text/html", fetched_at=NOW,
    )  # fmt: skip
    (page, other) = receive([raw_letter("a", raw), make_raw(1)])
    policies = Policies((Policy(hosts=("southport.example",), retention=3),))
    for age, kept in ((2, 2), (4, 1)):
        path = tmp_path / f"{age}.db"
        with Store(str(path), cluster="test") as store:
            sink = StoreSink(store, StoreSettings(), {}, print, policies)
            sink.write([replace(item, at=NOW - timedelta(days=age)) for item in (page, other)])
            ends = [(NOW - timedelta(days=age - 3)).strftime("%Y-%m-%dT%H:%M:%SZ")] * (kept - 1)
            assert store.fetch("SELECT until FROM raw WHERE until IS NOT NULL") == [(end,) for end in ends]
        assert len(dump(path)["raw"]) == kept
