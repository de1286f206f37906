"""Deletions in a store: each of its steps is done again where something was killed, and forgotten never."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.polling.tables import connect
from connectors.sink import Received
from connectors.sinks.rotated import part_of
from schemas.codec import encode
from schemas.deletion import Deletion, deletion_id
from schemas.letter import ARTICLES, DEAD, DUPLICATES, INPUT, RAW_ID, REJECTED, Letter
from schemas.outcome import Rejection
from streams.copies.index import Index
from streams.embedded import renewal
from streams.embedded.backlog import Backlog
from streams.embedded.deletions import Deletions, ask
from streams.embedded.ledger import read_account
from streams.embedded.outputs import FileOutput
from streams.embedded.store import Store
from streams.embedded.store_sink import StoreSink
from streams.settings import StoreSettings
from streams.steps.compare import CompareStep
from tests.letters import make_article, make_outcome, make_raw

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def name(number: int) -> str:
    return f"{number:032x}"


def fill(store: Store, *numbers: int) -> None:
    store.begin()
    for number in numbers:
        letters = (
            make_article(number, text=f"Ferry {number}."),
            make_outcome(number, article_id=name(number)),
        )
        store.keep_raw(make_raw(number), NOW)
        store.append(letters, NOW)
    store.commit()


def open_deletions(store: Store) -> Deletions:
    step = CompareStep()
    return Deletions(store, lambda letter, now: step(letter, store.rows, Index(), now))


def delete(store: Store, *numbers: int) -> None:
    with closing(connect(store.path)) as database:
        ask(database, [Deletion(article_id=name(number), asked_at=NOW) for number in numbers])
    store.begin()
    open_deletions(store).erase(NOW)
    store.commit()


def test_a_number_that_a_sink_is_behind_is_not_given_anew(tmp_path: Path) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2)
        with closing(Backlog(store.path, "desk", (ARTICLES,))) as backlog:
            backlog.move(backlog.read(10), ())
            delete(store, 2)
            (gone,) = backlog.read(10)
            assert (gone.letter.key, gone.letter.value) == (name(2), b"")
            backlog.move([gone], ())
            fill(store, 3)
            assert [item.letter.key for item in backlog.read(10)] == [name(3)]


def test_a_sink_that_is_new_never_sees_what_was_deleted(tmp_path: Path) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2)
        delete(store, 1)
        with closing(Backlog(store.path, "desk", (ARTICLES, DUPLICATES))) as backlog:
            found = backlog.read(10)
    assert [(item.letter.key, bool(item.letter.value)) for item in found] == [
        (name(2), True),
        (name(1), False),
    ]


def test_its_row_is_kept_for_ever(tmp_path: Path) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        delete(store, 1)
        store.forget(NOW, (NOW + timedelta(days=36_500)).date().isoformat())
        assert store.rows[name(1)].verdict == "deleted"
        assert list(store.rows.read_published("2000-01-01")) == []


def test_bytes_of_its_deliveries_go_and_those_of_others_stay(tmp_path: Path) -> None:
    def die(number: int, url: str) -> tuple[Letter, Letter]:
        outcome = make_outcome(number, "dead", url=url, stage="html", reason="crashed", detail="at 'Ferry'")
        return Letter(DEAD, "host.example", b"bytes", outcome.headers), outcome

    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2)
        store.begin()
        store.append((make_outcome(3, "unchanged", article_id=name(1), url="https://a.example/1"),), NOW)
        store.append(die(4, "https://a.example/1"), NOW)
        store.append(die(5, "https://a.example/5"), NOW)
        store.append((Letter(DEAD, name(1), b"refused by a sink", {INPUT: "a", RAW_ID: name(1)}),), NOW)
        large = Rejection(raw_id=name(3), stage="read", reason="too_large", content_base64="QUJD")
        store.append((Letter(REJECTED, name(3), encode(large)),), NOW)
        store.commit()
        delete(store, 1)
        dead = store.fetch("SELECT json_extract(headers, '$.\"naba-raw-id\"') FROM dead")
        assert dead == [(name(5),)]
        assert store.fetch("SELECT raw_id FROM raw") == [(name(2),)]
        details = store.fetch("SELECT raw_id FROM outcomes WHERE json_extract(record, '$.detail') != ''")
        assert details == [(name(5),)]
        assert store.fetch("SELECT count(*) FROM rejected WHERE record LIKE '%QUJD%'") == [(0,)]


@pytest.mark.parametrize("at", ["write_mark", "_note", "rename", "end"])
def test_a_file_is_whole_or_finished_wherever_its_renewal_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    path = tmp_path / "a.jsonl"

    def crash(*_given: object) -> None:
        raise OSError("no power")

    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2, 3)
        output = FileOutput(store, ARTICLES, path)
        delete(store, 2)
        if at == "write_mark":
            monkeypatch.setattr(Store, "write_mark", crash)
        elif at == "rename":
            monkeypatch.setattr(Path, "replace", crash)
        elif at == "_note":
            monkeypatch.setattr(renewal, "_note", crash)
        else:
            monkeypatch.setattr(renewal, "sync_folder", crash)
        with pytest.raises(OSError, match="no power"):
            output.renew()
        monkeypatch.undo()
    with Store(str(tmp_path / "s.db")) as store:
        output = FileOutput(store, ARTICLES, path)
        fill(store, 4)
        output.prepare()
        output.close()
    kept = [make_article(number, text=f"Ferry {number}.").value for number in (1, 3, 4)]
    assert path.read_bytes().splitlines() == kept
    assert not part_of(path).exists()


def test_what_reads_from_the_log_delays_only_the_end(tmp_path: Path) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1)
        with closing(sqlite3.connect(store.path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM articles").fetchall()
            delete(store, 1)
            open_deletions(store).finish()
            assert store.fetch("SELECT done_at FROM deletions") == [(None,)]
            assert open_deletions(store).is_due()
        open_deletions(store).finish()
        assert store.fetch("SELECT count(*) FROM deletions WHERE done_at IS NOT NULL") == [(1,)]
        assert not open_deletions(store).is_due()
        assert store.fetch("SELECT count(*) FROM articles WHERE record = ''") == [(1,)]


RECORD = Rejection(raw_id=deletion_id(name(1)), stage="delete", reason="deleted", detail="asked for")
STORY = [
    make_raw(1, "Ferry 1."),
    make_outcome(1, article_id=name(1)),
    make_article(1, text="Ferry 1."),
    Letter(ARTICLES, name(1), b""),
    Letter(REJECTED, RECORD.raw_id, encode(RECORD), {INPUT: f"delete:{name(1)}", RAW_ID: RECORD.raw_id}),
]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [3, 4, 2, 1, 0], [1, 3, 0, 2, 4], [4, 0, 3, 1, 2]])
@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one each"])
def test_a_store_of_topics_forgets_it_in_whatever_order_partitions_come(
    tmp_path: Path, order: list[int], at_once: bool
) -> None:
    later = datetime.now(UTC)
    items = [Received(STORY[at], 0, at, later + timedelta(seconds=place)) for place, at in enumerate(order)]
    with Store(str(tmp_path / "s.db"), cluster="test") as store:
        sink = StoreSink(store, StoreSettings(), {}, print)
        for batch in [items] if at_once else [[item] for item in items]:
            sink.write(batch)
        sink.write([Received(make_article(2), 0, 9, later)])
        assert [key for (key,) in store.fetch("SELECT key FROM articles")] == [name(2)]
        assert store.fetch("SELECT count(*) FROM raw") == [(0,)]
        account = read_account(store, name(1))
    assert account is not None
    assert account.deletion is not None
    assert account.deletion["detail"] == "asked for"
    assert b"Ferry 1." not in (tmp_path / "s.db").read_bytes()
