"""The store: one file that one runner has, and that others may read beside it."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import zstandard

from schemas.codec import encode
from schemas.letter import INPUT, OUTCOMES, RAW_ID, REJECTED, Letter
from schemas.outcome import Outcome, Rejection
from streams.copies.row import Row
from streams.embedded.store import Store
from streams.embedded.tables import APPLICATION_ID, MIGRATIONS, StoreError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def make_delivery(number: int) -> Letter:
    raw_id = f"{number:032x}"
    outcome = Outcome(input=f"a:{number}", raw_id=raw_id, outcome="dead")
    return Letter(OUTCOMES, raw_id, encode(outcome), {INPUT: f"a:{number}", RAW_ID: raw_id})


def make_row(article: str) -> Row:
    return Row(
        article_id=article, revision=1, verdict="published", content_hash=article, delivered_hash=article,
        uncut_hash=article, text_key=article, fingerprint="", since="2024-01-01", moment=NOW,
    )  # fmt: skip


def test_what_was_not_committed_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "naba.db")
    with Store(path) as store:
        store.begin()
        store.append((make_delivery(1),), NOW)
        store.commit()
        store.begin()
        store.append((make_delivery(2),), NOW)
    with Store(path) as store:
        assert [store.has(make_delivery(number)) for number in (1, 2)] == [True, False]
        assert store.seq == 1


@pytest.mark.slow
def test_a_second_runner_is_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "naba.db")
    with Store(path) as store:
        store.begin()
        store.append((make_delivery(1),), NOW)
        store.commit()
        with pytest.raises(StoreError, match="another runner"):
            Store(path)
        with Store(path, write=False) as reader:
            assert reader.has(make_delivery(1))


@pytest.mark.slow
def test_two_names_of_one_store_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "naba.db")
    with Store(str(tmp_path / "naba.db")), pytest.raises(StoreError, match="another runner"):
        Store(str(tmp_path / "link.db"))


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "naba.db"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(StoreError, match=r"naba\.db"):
        Store(str(path))


def test_a_row_is_kept_by_the_day_it_was_last_seen(tmp_path: Path) -> None:
    with Store(str(tmp_path / "naba.db")) as store:
        store.begin()
        for article in ("1" * 32, "2" * 32):
            store.rows[article] = make_row(article)
        store.commit()
        store.database.execute("UPDATE rows SET seen = '2024-01-01'")
        store.begin()
        store.rows["2" * 32] = make_row("2" * 32)
        store.rows.flush()
        store.forget(NOW, "2025-01-01")
        store.commit()
        assert list(store.rows) == ["2" * 32]


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("mine " * 1000)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        Store(str(text))
    assert text.read_text() == "mine " * 1000
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE mine (x)")
    before = other.read_bytes()
    with pytest.raises(StoreError, match="not one of naba"):
        Store(str(other))
    assert other.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "other.db"]


def test_a_store_of_a_newer_naba_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "naba.db")
    with Store(path) as store:
        store.database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer naba"):
        Store(path)


def test_reading_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        Store(str(tmp_path / "none.db"), write=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_raw_pages_are_kept_for_their_days_and_the_file_stops_growing(tmp_path: Path) -> None:
    path = tmp_path / "naba.db"
    with Store(str(path)) as store:
        sizes = []
        for day in range(40):
            now = NOW + timedelta(days=day)
            store.begin()
            for number in range(50):
                letter = make_delivery(1000 * day + number)
                content = b"".join(bytes([(number * i + day * i * i) % 251]) for i in range(2000))
                store.keep_raw(Letter(letter.topic, letter.key, content, letter.headers), now)
            store.forget(now - timedelta(days=14), "2025-01-01")
            store.commit()
            store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(path.stat().st_size)
        assert store.read_raw(f"{0:032x}") is None
        assert store.read_raw(f"{39_000:032x}") is not None
    assert sizes[-1] <= 1.05 * sizes[20]


def test_a_page_goes_when_its_policy_says_and_the_others_stay(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store(str(tmp_path / "naba.db")) as store:
        store.begin()
        for number, until in enumerate((None, now - timedelta(hours=1), now + timedelta(hours=1))):
            store.keep_raw(make_delivery(number), now - timedelta(days=3), until)
        store.forget(now - timedelta(days=14), "2025-01-01")
        store.commit()
        kept = [store.read_raw(f"{number:032x}") is not None for number in range(3)]
        assert kept == [True, False, True]
        store.begin()
        store.forget(now, "2025-01-01")
        store.commit()
        assert store.fetch("SELECT count(*) FROM raw") == [(0,)]


def test_the_start_of_what_was_too_large_goes_with_its_page(tmp_path: Path) -> None:
    with Store(str(tmp_path / "naba.db")) as store:
        store.begin()
        for number, days in ((1, 3), (2, 20)):
            letter = make_delivery(number)
            store.keep_raw(letter, NOW - timedelta(days=days))
            record = Rejection(
                raw_id=letter.headers[RAW_ID], stage="read", reason="too_large", content_base64="QUJD"
            )
            store.append((Letter(REJECTED, record.raw_id, encode(record)),), NOW)
        store.forget(NOW - timedelta(days=14), "2025-01-01")
        store.commit()
        kept = [orjson.loads(record) for (record,) in store.fetch("SELECT record FROM rejected ORDER BY seq")]
    assert [(one["reason"], one["content_base64"]) for one in kept] == [
        ("too_large", "QUJD"),
        ("too_large", None),
    ]


def test_a_store_of_before_policies_keeps_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "naba.db"
    with sqlite3.connect(path, isolation_level=None) as database:
        database.executescript("".join(MIGRATIONS[:2]))
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA user_version = 2")
        letter = zstandard.compress(b"a page")
        database.execute("INSERT INTO raw VALUES (?, ?, ?)", ("1" * 32, "2026-03-01T00:00:00Z", letter))
    with Store(str(path), write=False) as store:
        assert store.read_raw("1" * 32) == b"a page"
    with Store(str(path)) as store:
        store.begin()
        store.forget(NOW - timedelta(days=1), "2025-01-01")
        store.commit()
        assert store.read_raw("1" * 32) == b"a page"
