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
from schemas.ids import article_id
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
from streams.embedded.tables import APPLICATION_ID, MIGRATIONS
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


HARBOUR = article_id("https://quay.example/harbour", b"")


@pytest.mark.parametrize(
    ("url", "is_of_it"),
    [
        ("https://www.quay.example/harbour", True),
        ("HTTP://m.quay.example/harbour?utm_source=letter#top", True),
        (" https://quay.example:443/harbour ", True),
        ("https://quay.example/ferries/../ferry?amp=1&a=2", True),  # as it came once, spelled otherwise
        ("https://quay.example/harbour/", False),
        ("https://other.example/harbour", False),
        ("no address", False),
        (None, False),
    ],
)
def test_what_never_became_an_article_goes_with_that_of_its_address_however_it_is_spelled(
    tmp_path: Path, url: str | None, is_of_it: bool
) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        store.begin()
        store.keep_raw(make_raw(1), NOW)
        came = make_outcome(1, article_id=HARBOUR, url="https://quay.example/ferry?a=2&amp=1")
        store.append((came,), NOW)
        store.keep_raw(make_raw(2), NOW)
        large = Rejection(raw_id=name(2), stage="read", reason="too_large", content_base64="QUJD")
        early = make_outcome(2, "rejected", url=url, stage="read", reason="too_large")
        store.append((Letter(REJECTED, name(2), encode(large)), early), NOW)
        store.commit()
        ask(store.database, [Deletion(article_id=HARBOUR, asked_at=NOW)])
        store.begin()
        open_deletions(store).erase(NOW)
        store.commit()
        assert store.fetch("SELECT raw_id FROM raw") == ([] if is_of_it else [(name(2),)])
        kept = store.fetch("SELECT count(*) FROM rejected WHERE record LIKE '%QUJD%'")
        assert kept == [(0 if is_of_it else 1,)]


def test_an_older_store_knows_the_addresses_of_what_never_became_an_article(tmp_path: Path) -> None:
    path = str(tmp_path / "s.db")
    (number,) = (number for number, script in enumerate(MIGRATIONS) if "TABLE deletions" in script)
    early = make_outcome(1, "rejected", url="https://www.quay.example/harbour#top", reason="too_short")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("".join(MIGRATIONS[:number]))
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {number}")
        url = "https://www.quay.example/harbour#top"
        row = (1, b"1", name(1), url, None, "rejected", "2026-03-01T00:00:00Z", early.value.decode())
        database.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        database.execute("INSERT INTO raw (raw_id, at, letter) VALUES (?, '2026-03-01', x'00')", (name(1),))
    with Store(path) as store:
        ask(store.database, [Deletion(article_id=HARBOUR, asked_at=NOW)])
        store.begin()
        open_deletions(store).erase(NOW)
        store.commit()
        assert store.fetch("SELECT raw_id FROM raw") == []


def test_no_table_is_read_whole_for_an_article(tmp_path: Path) -> None:
    asked: list[str] = []
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2)
        store.begin()
        dead = make_outcome(3, "dead", url="https://host.example/1", stage="html", reason="crashed")
        store.append((Letter(DEAD, "host.example", b"bytes", dead.headers), dead), NOW)
        store.append((make_outcome(4, "unchanged", article_id=name(1), url="https://host.example/1"),), NOW)
        store.commit()
        store.database.set_trace_callback(asked.append)
        delete(store, 1)
        store.database.set_trace_callback(None)
        plans = {
            (query, plan[3])
            for query in asked
            if query.split()[0] in ("SELECT", "UPDATE", "DELETE")
            for plan in store.fetch(f"EXPLAIN QUERY PLAN {query}")
        }
    assert len(plans) > 10
    whole = {(query, plan) for query, plan in plans if plan.startswith("SCAN")}
    small = "SCAN deletions USING INDEX deletions_to_", "SCAN files", "SCAN (subquery"
    assert {plan for plan in whole if not plan[1].startswith(small)} == set()


def test_many_are_deleted_in_rounds_and_files_are_written_anew_after_the_last(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, *range(500))
        FileOutput(store, ARTICLES, path).close()
        before = path.read_bytes()
        with closing(connect(store.path)) as database:
            ask(database, [Deletion(article_id=name(number), asked_at=NOW) for number in range(450)])
        deletions, is_last, rounds = open_deletions(store), False, 0
        while not is_last:
            assert path.read_bytes() == before
            store.begin()
            is_last = deletions.erase(NOW)
            store.commit()
            rounds += 1
            left = store.fetch("SELECT count(*) FROM deletions WHERE erased_at IS NULL")
            assert left == [(max(0, 450 - 200 * rounds),)]
            assert store.fetch("SELECT count(*) FROM deletions WHERE done_at IS NOT NULL") == [(0,)]
        assert rounds == 3
        deletions.finish()
        assert store.fetch("SELECT count(*) FROM deletions WHERE done_at IS NULL") == [(0,)]
    kept = [make_article(number, text=f"Ferry {number}.").value for number in range(450, 500)]
    assert path.read_bytes().splitlines() == kept


def test_what_has_no_row_any_more_is_known_by_its_revisions(tmp_path: Path) -> None:
    with Store(str(tmp_path / "s.db")) as store:
        store.begin()
        for revision in (1, 2, 3):
            store.append((make_article(1, revision),), NOW)
        store.commit()
        delete(store, 1, 2)
        details = [
            read_account(store, name(number)).deletion["detail"]  # type: ignore[union-attr,index]
            for number in (1, 2)
        ]
    assert details[0].endswith("3 revisions)")
    assert details[1].endswith("nothing is known of it)")


def test_a_file_that_cannot_be_written_anew_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Store(str(tmp_path / "s.db")) as store:
        fill(store, 1, 2)
        FileOutput(store, ARTICLES, path).close()
        delete(store, 1)
        part_of(path).mkdir()
        for _ in range(2):
            with pytest.raises(OSError, match=r"a\.jsonl: holds what is deleted, .*\.part: Is a directory; "):
                open_deletions(store).finish()
        with pytest.raises(OSError, match=r"the deletion is noted: mend that, and `naba run`"):
            FileOutput(store, ARTICLES, path)
        part_of(path).rmdir()
        open_deletions(store).finish()
        assert store.fetch("SELECT count(*) FROM deletions WHERE done_at IS NULL") == [(0,)]
    assert path.read_bytes() == make_article(2, text="Ferry 2.").value + b"\n"


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
