"""SQLite: each article one row in its newest revision, found by its words, gone when deleted."""

import multiprocessing
import os
import random
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from connectors.sink import Refused, StoreAway
from connectors.sinks import sqlite_tables
from connectors.sinks.columns import ARTICLE_COLUMNS, DUPLICATE_COLUMNS
from connectors.sinks.search_words import INDEXED, fold_words
from connectors.sinks.sqlite import SqliteSink
from connectors.sinks.sqlite_tables import APPLICATION_ID, MIGRATIONS
from schemas.letter import ARTICLES, DUPLICATES, Letter
from schemas.wrong_use import WrongUse
from tests.hostile_texts import HOSTILE, paint
from tests.revisions import divide, fold_stream, make_deletion, make_story, make_stream, receive


def open_sink(folder: Path, name: str = "news.db") -> SqliteSink:
    return SqliteSink(name="desk", path=str(folder / name), relations=("same_text", "near_copy"))


def write(folder: Path, letters: Sequence[Letter]) -> Sequence[Refused]:
    with closing(open_sink(folder).open(print)) as sink:
        assert sink.topics == (ARTICLES, DUPLICATES)
        return sink.write(receive(letters))


def ask(folder: Path, query: str, *values: object) -> list[Any]:
    """Return the rows as a program sees them that has never heard of this one."""
    with closing(sqlite3.connect(f"file:{folder / 'news.db'}?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


def read_records(folder: Path) -> dict[str, tuple[str, bytes]]:
    return {
        name: (table, record.encode())
        for table in ("articles", "duplicates")
        for name, record in ask(folder, f"SELECT article_id, record FROM {table}")
    }


def search(folder: Path, words: str, table: str = "articles") -> list[str]:
    query = (
        f"SELECT {table}.title FROM search JOIN {table} ON {table}.seq = search.rowid "
        "WHERE search MATCH ? ORDER BY rank"
    )
    return [title for (title,) in ask(folder, query, fold_words(words))]


def check_index(folder: Path) -> None:
    """Fail where the index and the rows are not of the same articles."""
    with closing(sqlite3.connect(folder / "news.db")) as database:
        database.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    rows = ask(folder, "SELECT seq FROM articles UNION ALL SELECT seq FROM duplicates ORDER BY 1")
    assert ask(folder, "SELECT rowid FROM search ORDER BY 1") == rows


def copy_of(number: int, original: int, **fields: Any) -> Letter:
    return make_story(number, duplicate_of=f"{original:032x}", relation="near_copy", overlap=0.8, **fields)


def test_a_row_holds_what_the_record_says(tmp_path: Path) -> None:
    fields = {
        "title": "عودة سوق الخميس", "text": "عادت السوق.", "authors": ("ليان الساحلي", "Mara Kay"),
        "publisher": "المرفأ", "canonical_url": "https://harbour.example/a", "language": "ar",
    }  # fmt: skip
    letter = make_story(1, 3, **fields)
    write(tmp_path, [letter])
    names = [column.name for column in ARTICLE_COLUMNS]
    (row,) = ask(tmp_path, f"SELECT {', '.join(names)}, record FROM articles")
    found = dict(zip([*names, "record"], row, strict=True))
    record = orjson.loads(letter.value)
    assert found.pop("record").encode() == letter.value
    assert found == {
        name: orjson.dumps(record[name]).decode() if name in ("authors", "tags") else record[name]
        for name in names
    }
    assert found["fetched_at"] == "2026-03-01T00:00:00Z"
    assert ask(tmp_path, "SELECT value FROM articles, json_each(authors)") == [
        ("ليان الساحلي",),
        ("Mara Kay",),
    ]


@pytest.mark.parametrize("table", ["articles", "duplicates"])
def test_the_tables_have_the_columns_of_the_list(tmp_path: Path, table: str) -> None:
    write(tmp_path, [])
    columns = ARTICLE_COLUMNS if table == "articles" else DUPLICATE_COLUMNS
    found = {name for (name,) in ask(tmp_path, "SELECT name FROM pragma_table_info(?)", table)}
    assert found == {*(column.name for column in columns), "record", "seq"}
    assert ask(tmp_path, "SELECT name FROM pragma_table_info(?) WHERE pk", table) == [("article_id",)]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_in_whatever_order_letters_come_the_newest_revision_stays(
    tmp_path: Path, size: int, seed: int
) -> None:
    letters = list(make_stream(60, 1))
    expected = fold_stream(letters)
    random.Random(seed).shuffle(letters)
    with closing(open_sink(tmp_path).open(print)) as sink:
        for batch in divide(receive(letters), size):
            assert sink.write(batch) == []
        for batch in divide(receive(letters[:20]), size):
            sink.write(batch)
    assert read_records(tmp_path) == expected
    assert {table for table, _record in expected.values()} == {"articles", "duplicates"}
    check_index(tmp_path)


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_a_copy_whose_text_goes_its_own_way_becomes_an_article(tmp_path: Path, turned: bool) -> None:
    letters = [copy_of(1, 2, text="The ferry is late."), make_story(1, 2, text="The ferry has sunk.")]
    for letter in reversed(letters) if turned else letters:
        write(tmp_path, [letter])
    assert read_records(tmp_path) == {f"{1:032x}": ("articles", letters[1].value)}
    assert (search(tmp_path, "sunk"), search(tmp_path, "late")) == (["Ferry 1"], [])
    check_index(tmp_path)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in batches of their own"])
@pytest.mark.parametrize("turned", [False, True], ids=["deleted last", "deleted first"])
def test_a_deletion_leaves_nothing_but_a_note_of_it(tmp_path: Path, together: bool, turned: bool) -> None:
    letters = [
        make_story(1, text="secret tide"),
        copy_of(2, 1, text="secret tide"),
        make_story(3, text="tide"),
    ]
    deletions = [make_deletion(1), make_deletion(2), make_deletion(9)]
    order = [*deletions, *letters] if turned else [*letters, *deletions]
    with closing(open_sink(tmp_path).open(print)) as sink:
        for batch in [receive(order)] if together else divide(receive(order), 1):
            assert sink.write(batch) == []
    assert list(read_records(tmp_path)) == [f"{3:032x}"]
    noted = ask(tmp_path, "SELECT article_id FROM deletions ORDER BY 1")
    assert noted == [(f"{number:032x}",) for number in (1, 2, 9)]
    assert search(tmp_path, "secret") == search(tmp_path, "secret", "duplicates") == []
    check_index(tmp_path)


def holds(folder: Path, *texts: str) -> bool:
    """Return whether one of the texts stands in a file of the folder, as text or as a word of the index."""
    found = b"".join(path.read_bytes() for path in folder.iterdir())
    return any(text.encode() in found for text in texts)


def make_words(number: int, count: int) -> list[str]:
    """Return words of which none begins as another: the index writes only where one goes on differently."""
    return [f"{chr(97 + at % 26)}{chr(97 + at // 26)}{number}mouette{at}" for at in range(count)]


def test_no_word_of_a_deleted_article_is_in_the_file_any_more(tmp_path: Path) -> None:
    texts = [" ".join(make_words(number, 60)) for number in range(5)]
    ends = [f"{number}mouette59" for number in range(5)]
    with closing(open_sink(tmp_path).open(print)) as sink:
        for number, text in enumerate(texts):
            sink.write(receive([make_story(number, text=text), make_story(100 + number, text="tide")]))
        assert holds(tmp_path, *texts)
        assert holds(tmp_path, *ends)
        sink.write(receive([make_deletion(number) for number in range(5)]))
        assert not holds(tmp_path, *texts)
        assert not holds(tmp_path, *ends, "mouette")
    assert len(read_records(tmp_path)) == 5
    check_index(tmp_path)


def test_nor_is_any_revision_of_it(tmp_path: Path) -> None:
    first = " ".join(make_words(1, 3000))
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive([make_story(9), make_deletion(9)]))
        sink.write(receive([make_story(1, 1, text=first)]))
        sink.write(receive([make_story(1, 2, text="late")]))
        sink.write(receive([make_deletion(1)]))
        assert not holds(tmp_path, "mouette")


def test_what_a_reader_holds_of_a_deleted_article_goes_behind_it(tmp_path: Path) -> None:
    secret = "Mouette sur la jetée de Kelibia"
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive([make_story(1, text=secret)]))
        with closing(sqlite3.connect(tmp_path / "news.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
            begun = time.monotonic()
            sink.write(receive([make_deletion(1)]))
            assert time.monotonic() - begun < 2, "it is not waited for"
            assert holds(tmp_path, secret)
        sink.write(receive([make_story(2)]))
        assert not holds(tmp_path, secret)
    # The same behind one that was killed: it has left its log.
    write(tmp_path, [make_story(3, text=secret)])
    child = multiprocessing.get_context("spawn").Process(target=delete_and_die, args=(tmp_path,))
    child.start()
    child.join(30)
    assert holds(tmp_path, secret)
    write(tmp_path, [make_story(2)])
    assert not holds(tmp_path, secret)


def delete_and_die(folder: Path) -> None:
    """Delete article 3 while somebody reads, and end as one that was killed."""
    sink = open_sink(folder).open(print)
    reader = sqlite3.connect(folder / "news.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM articles").fetchone()
    sink.write(receive([make_deletion(3)]))
    os._exit(0)


def test_a_copy_that_is_of_no_wanted_relation_any_more_leaves_the_store(tmp_path: Path) -> None:
    other = make_story(1, 2, duplicate_of=f"{2:032x}", relation="excerpt", overlap=0.8, text="tide")
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive([copy_of(1, 2, text="tide"), make_story(2)]))
        assert sink.write(receive([other])) == []
        assert list(read_records(tmp_path)) == [f"{2:032x}"]
        sink.write(receive([copy_of(1, 2, text="tide"), other]))
        assert list(read_records(tmp_path)) == [f"{2:032x}"]
        back = copy_of(1, 2, revision=3, text="tide again")
        sink.write(receive([back]))
    assert read_records(tmp_path)[f"{1:032x}"] == ("duplicates", back.value)
    check_index(tmp_path)


@pytest.mark.parametrize("how", ["removed", "moved away", "another in its place"])
def test_a_file_that_is_taken_away_loses_nothing_of_what_comes(tmp_path: Path, how: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive([make_story(1)]))
        for path in list(tmp_path.glob("news.db*")):
            if how == "moved away":
                path.rename(tmp_path / "elsewhere" / path.name)
            else:
                path.unlink()
        if how == "another in its place":
            write(tmp_path, [make_story(9)])
        with pytest.raises(StoreAway, match=r"news\.db: was removed, or moved away$"):
            sink.write(receive([make_story(2)]))
        assert sink.write(receive([make_story(2)])) == []
    assert f"{2:032x}" in read_records(tmp_path)


ARABIC = "عَادَتْ سُوقُ الخَميس إِلى المَكـــتبة الكُبرى، وقال أحمد إنّ المرفأ مفتوحٌ"


@pytest.mark.parametrize(
    "words",
    [
        "المكتبة",
        "المكتبه",
        "الكبري",
        "الكبرى",
        "احمد",
        "أحمد",
        "اِحمد",
        "سوق",
        "سُوق",
        "الى",
        "المرفا",
        "مفتوح",
    ],
)
def test_arabic_is_found_in_whichever_spelling(tmp_path: Path, words: str) -> None:
    write(tmp_path, [make_story(1, text=ARABIC), make_story(2, text="Une mouette à l'été")])
    assert search(tmp_path, words) == ["Ferry 1"]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Une mouette à l'été", "ete", True),
        ("harbour", "HARBOUR", True),
        ("Straße", "strasse", False),  # as unicode61 has it
        ("كتاب", "كاتب", False),
        ("هذه", "هذا", False),
        ("har\u00adbour", "harbour", True),
        ("\u202bالمرفأ\u202c", "المرفا", True),
        ("می\u200cخواهم", "میخواهم", True),
    ],
)
def test_words_are_folded_so_far_and_no_further(tmp_path: Path, text: str, words: str, found: bool) -> None:
    write(tmp_path, [make_story(1, text=text)])
    assert bool(search(tmp_path, words)) == found


def test_titles_are_found_and_texts_as_far_as_they_are_indexed(tmp_path: Path) -> None:
    text = "tide " * (INDEXED // 5 - 1) + "inside " + "outside"
    write(tmp_path, [make_story(1, title="Lighthouse", text=text)])
    assert [search(tmp_path, word) for word in ("lighthouse", "tide", "outside")] == [["Lighthouse"]] * 2 + [
        []
    ]
    assert ask(tmp_path, "SELECT length(text) FROM articles") == [(len(text),)]


@pytest.mark.parametrize("kind", ["article", "copy"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_texts_are_given_back_and_harm_nothing(tmp_path: Path, kind: str, text: str) -> None:
    folder = tmp_path / "sink"
    folder.mkdir()
    fields = paint(text)
    copied: dict[str, Any] = {"duplicate_of": f"{2:032x}", "relation": "near_copy"} if kind == "copy" else {}
    letter = make_story(1, **fields, **copied)
    assert write(folder, [letter, make_story(2)]) == []
    table = "duplicates" if kind == "copy" else "articles"
    names = [name for name, value in fields.items() if isinstance(value, str)]
    (row,) = ask(folder, f"SELECT {', '.join(names)}, authors FROM {table} WHERE article_id = ?", f"{1:032x}")
    assert row == (*[text] * len(names), orjson.dumps([text, text]).decode())
    assert read_records(folder)[f"{1:032x}"] == (table, letter.value)
    check_index(folder)
    assert {path.name for path in folder.iterdir()} <= {"news.db", "news.db-wal", "news.db-shm"}
    assert [path.name for path in tmp_path.iterdir()] == ["sink"]


@pytest.mark.slow
def test_a_text_of_five_megabytes_is_taken(tmp_path: Path) -> None:
    letters = [make_story(1, text="مد وجزر " * 340_000), make_story(2, text="x" * 5_000_000), make_story(3)]
    assert write(tmp_path, letters) == []
    assert {record for _table, record in read_records(tmp_path).values()} == {
        letter.value for letter in letters
    }


@pytest.mark.parametrize(
    ("letter", "detail"),
    [
        (Letter(ARTICLES, "k", b"no json"), "line 1"),
        (
            Letter(
                ARTICLES, "k", make_story(1).value.replace(b'"host"', b'"house"').replace(b'"text"', b'"x"')
            ),
            "text",
        ),
        (Letter(DUPLICATES, "k", make_story(1).value), "schema"),
        (
            Letter(
                ARTICLES, "k", make_story(1).value.replace(b'revision":1', b'revision":9223372036854775808')
            ),
            "int",
        ),
        (Letter(ARTICLES, "k", make_story(1).value.replace(b'revision":1', b'revision":0')), "revision"),
        (Letter(ARTICLES, "'; DELETE FROM articles; --", b""), "no article_id"),
        (make_story(1, host="refused.example"), "not from here"),
    ],
    ids=[
        "no JSON",
        "no text",
        "of another topic",
        "too large a number",
        "too small",
        "SQL as a key",
        "a trigger",
    ],
)
def test_what_is_refused_for_its_content_stops_nothing_else(
    tmp_path: Path, letter: Letter, detail: str
) -> None:
    write(tmp_path, [make_story(4)])
    with closing(sqlite3.connect(tmp_path / "news.db")) as database:
        database.execute(
            "CREATE TRIGGER t BEFORE INSERT ON articles WHEN new.host = 'refused.example' "
            "BEGIN SELECT RAISE(ABORT, 'not from here'); END"
        )
    refused = write(tmp_path, [make_story(5), make_story(6), letter, make_deletion(4), make_story(5, 2)])
    assert [(one.item.letter, detail in one.detail) for one in refused] == [(letter, True)]
    assert read_records(tmp_path) == {
        one.key: ("articles", one.value) for one in (make_story(5, 2), make_story(6))
    }
    check_index(tmp_path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_tables, "_BUSY", 0.05)


def test_a_locked_file_is_waited_for_and_nothing_is_written_by_half(tmp_path: Path, quick: None) -> None:
    letters = [make_story(number) for number in range(5)]
    with (
        closing(open_sink(tmp_path).open(print)) as sink,
        closing(sqlite3.connect(tmp_path / "news.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StoreAway, match=r"news\.db: database is locked"):
                sink.write(receive(letters))
        other.execute("ROLLBACK")
        assert sink.write(receive(letters)) == []
    assert len(read_records(tmp_path)) == 5


def test_a_disk_that_is_full_is_waited_for(tmp_path: Path) -> None:
    letters = [make_story(number, text="tide " * 2000) for number in range(30)]
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive(letters[:2]))
        database = sink._database  # type: ignore[attr-defined]
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreAway, match="full"):
            sink.write(receive(letters))
        assert sink.write(receive(letters)) == []  # opened again, without the limit
    assert len(read_records(tmp_path)) == 30


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.db").mkdir()
    with pytest.raises(WrongUse, match="is a folder"):
        open_sink(tmp_path).open(print)


def make_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript("CREATE TABLE tides (at TEXT); INSERT INTO tides VALUES ('06:12')")


def make_store(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA application_id = 0x6E616261")


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (make_other, "not one of this sink"),
        (make_store, "not one of this sink"),
        (make_newer, "newer naba"),
        (lambda path: path.write_bytes(b"my notes, in a file of my own\n" * 100), "no database"),
    ],
    ids=["another program's", "a store of naba's", "a newer one", "no database"],
)
def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path, make: Any, told: str) -> None:
    make(tmp_path / "news.db")
    before = (tmp_path / "news.db").read_bytes()
    with pytest.raises(WrongUse, match=told):
        open_sink(tmp_path).open(print)
    assert (tmp_path / "news.db").read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="folder does not exist"):
        open_sink(tmp_path / "missing").open(print)


def test_a_place_where_no_file_can_be_made_is_told_with_the_sinks_name() -> None:
    with pytest.raises(WrongUse, match=r"^sink desk: /proc/news\.db: unable to open database file$"):
        open_sink(Path("/proc")).open(print)


def test_a_folder_that_goes_away_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with closing(open_sink(folder).open(print)) as sink:
        sink.write(receive([make_story(1)]))
        folder.rename(tmp_path / "away")
        for told in ("was removed, or moved away", "folder does not exist"):
            with pytest.raises(StoreAway, match=told):
                sink.write(receive([make_story(2)]))
        (tmp_path / "away").rename(folder)
        assert sink.write(receive([make_story(2)])) == []
    assert len(read_records(folder)) == 2


def test_whether_the_store_was_made_is_known(tmp_path: Path) -> None:
    for expected in (True, False):
        with closing(open_sink(tmp_path).open(print)) as sink:
            assert sink.is_new is expected


def test_two_that_begin_at_once_and_write_at_once_do_no_harm(tmp_path: Path) -> None:
    letters = list(make_stream(80, 1))
    failed: list[BaseException] = []

    def fill(mine: Sequence[Letter]) -> None:
        try:
            with closing(open_sink(tmp_path).open(print)) as sink:
                for batch in divide(receive(mine), 10):
                    sink.write(batch)
        except (StoreAway, WrongUse) as error:
            failed.append(error)

    threads = [threading.Thread(target=fill, args=(part,)) for part in (letters, letters[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert read_records(tmp_path) == fold_stream(letters)
    check_index(tmp_path)


def test_what_is_written_is_durable_at_once_and_vacuum_changes_nothing(tmp_path: Path) -> None:
    with closing(open_sink(tmp_path).open(print)) as sink:
        sink.write(receive([make_story(number, text=f"tide{number}") for number in range(9)]))
        settings = {key: ask(tmp_path, f"PRAGMA {key}")[0][0] for key in ("journal_mode", "application_id")}
        assert settings == {"journal_mode": "wal", "application_id": APPLICATION_ID}
        assert sink._database.execute("PRAGMA synchronous").fetchone() == (2,)  # type: ignore[attr-defined]
        assert len(read_records(tmp_path)) == 9
    write(tmp_path, [make_deletion(number) for number in (0, 3, 5)])
    with closing(sqlite3.connect(tmp_path / "news.db", isolation_level=None)) as database:
        database.execute("VACUUM")
    assert search(tmp_path, "tide8") == ["Ferry 8"]
    check_index(tmp_path)


@pytest.mark.parametrize(
    "keys", [{"path": ""}, {"path": "a.db", "colour": "red"}, {"path": "a.db", "relations": ["x"]}]
)
def test_wrong_keys_are_told(keys: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "sqlite", "name": "desk", **keys}, SqliteSink)
