"""Postgres filled from topics: each article once and in its newest revision, whatever is in it."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Composed, Identifier

from connectors.sink import Received, Sink, StoreAway
from connectors.sinks.columns import ARTICLE_COLUMNS
from connectors.sinks.postgres import PostgresSink
from connectors.sinks.postgres_store import PostgresStore
from connectors.sinks.search_words import fold_words
from schemas.letter import ARTICLES, DUPLICATES, Letter
from schemas.wrong_use import WrongUse
from tests.hostile_texts import HOSTILE, paint
from tests.postgres import OwnPostgres
from tests.revisions import divide, fold_stream, make_deletion, make_story, make_stream, receive

COPY: dict[str, Any] = {"duplicate_of": f"{9:032x}", "relation": "near_copy", "overlap": 0.9}
Ask = Callable[..., list[tuple[Any, ...]]]
OpenSink = Callable[..., Sink]


@pytest.fixture
def open_sink(postgres: str, schema: str) -> Iterator[OpenSink]:
    """What opens a sink on the test's own schema."""
    with ExitStack() as opened:

        def open_one(**keys: Any) -> Sink:
            given = {
                "name": "newsroom",
                "dsn": postgres,
                "schema": schema,
                "relations": ("near_copy",),
                **keys,
            }
            return opened.enter_context(closing(PostgresSink(**given).open(print)))

        yield open_one


@pytest.fixture
def ask(postgres: str, schema: str) -> Iterator[Ask]:
    """What asks the server; `s` is the test's own schema."""
    with psycopg.connect(postgres, autocommit=True) as connection:

        def ask_one(query: str, *values: Any) -> list[tuple[Any, ...]]:
            words: Composed = SQL(query).format(s=Identifier(schema))
            cursor = connection.execute(words, values or None)
            return cursor.fetchall() if cursor.description else []

        yield ask_one


def rows_of(ask: Ask) -> set[tuple[str, str, int]]:
    """Return table, end of the id and revision of every row."""
    return {
        (table, name.lstrip("0"), revision)
        for table in ("articles", "duplicates")
        for name, revision in ask(f"SELECT article_id, revision FROM {{s}}.{table}")
    }


@pytest.mark.slow
@pytest.mark.parametrize("size", [pytest.param(100, id="in_one_batch"), pytest.param(1, id="one_by_one")])
@pytest.mark.parametrize(
    ("letters", "rows"),
    [
        pytest.param([make_story(1), make_story(1, 2)], {("articles", "1", 2)}, id="a_revision"),
        pytest.param([make_story(1, 2), make_story(1)], {("articles", "1", 2)}, id="an_older_one_comes_late"),
        pytest.param([make_story(1, **COPY)], {("duplicates", "1", 1)}, id="a_copy"),
        pytest.param(
            [make_story(1, **COPY), make_story(1, 2), make_story(1, **COPY)],
            {("articles", "1", 2)},
            id="a_copy_goes_its_own_way",
        ),
        pytest.param(
            [make_story(1, 2), make_story(1, **COPY)], {("articles", "1", 2)}, id="the_copy_comes_late"
        ),
        pytest.param(
            [make_story(1), make_story(1, 2, **COPY)], {("duplicates", "1", 2)}, id="becomes_a_copy"
        ),
        pytest.param(
            [make_story(1, 2, **COPY), make_story(1, 2)],
            {("articles", "1", 2)},
            id="an_article_before_a_copy",
        ),
        pytest.param(
            [make_story(1), make_story(2, **COPY), make_deletion(1), make_deletion(2), make_deletion(3)],
            set(),
            id="deletions",
        ),
        pytest.param(
            [make_deletion(1), make_story(1, 5, **COPY), make_story(1, 6), make_story(2)],
            {("articles", "2", 1)},
            id="what_was_deleted_stays_away",
        ),
    ],
)
def test_each_article_is_one_row_of_its_newest_revision(
    letters: list[Letter], rows: set[Any], size: int, open_sink: OpenSink, ask: Ask
) -> None:
    sink = open_sink()
    for _ in range(2):  # and all of it again
        for batch in divide(receive(letters), size):
            assert sink.write(batch) == []
    assert rows_of(ask) == rows
    deleted = {letter.key for letter in letters if not letter.value}
    assert {name for name, _at in ask("SELECT * FROM {s}.deletions")} == deleted


def test_the_columns_are_the_records_fields_and_record_is_all_of_it(open_sink: OpenSink, ask: Ask) -> None:
    moment = datetime(2026, 3, 8, 7, 20, tzinfo=UTC)
    story = make_story(
        1, published_at=moment, authors=("ليان الساحلي", 'a "b", {c}'), tags=(), language="ar", **COPY
    )
    open_sink().write(receive([story]))
    found = ask(
        "SELECT published_at, authors, tags, language, modified_at, duplicate_of, relation, overlap, record "
        "FROM {s}.duplicates"
    )
    record = orjson.loads(story.value)
    assert found == [
        (moment, ["ليان الساحلي", 'a "b", {c}'], [], "ar", None, f"{9:032x}", "near_copy", 0.9, record)
    ]


def test_a_copy_that_is_of_no_wanted_relation_any_more_leaves_the_store(
    open_sink: OpenSink, ask: Ask
) -> None:
    sink = open_sink()
    other = make_story(1, 2, **{**COPY, "relation": "excerpt"})
    sink.write(receive([make_story(1, **COPY), make_story(2)]))
    assert sink.write(receive([other])) == []
    assert rows_of(ask) == {("articles", "2", 1)}
    sink.write(receive([make_story(1, **COPY)]))
    sink.write(receive([other]))
    assert rows_of(ask) == {("articles", "2", 1)}
    sink.write(receive([make_story(1, 3, **COPY)]))
    assert rows_of(ask) == {("articles", "2", 1), ("duplicates", "1", 3)}


def test_whether_the_store_was_made_is_known(open_sink: OpenSink, ask: Ask) -> None:
    assert open_sink().is_new
    assert not open_sink().is_new
    ask("DROP SCHEMA {s} CASCADE")
    assert open_sink().is_new


def test_only_who_wants_copies_reads_their_topic(open_sink: OpenSink) -> None:
    assert open_sink().topics == (ARTICLES, DUPLICATES)
    assert open_sink(relations=()).topics == (ARTICLES,)


# What could be read as more than a text on its way to Postgres.
OF_POSTGRES = {
    "dollars": "$$; DROP TABLE articles; $1 %s %(a)s {0} :a",
    "copy": "\\.\n\\N\t\\\\x",
    "array": '{NULL,"a\\"}',
    "nul": "a\0b",
    "controls": "\x01\x7f\x80",
    "empty": "",
    "long": "h" * 100_000,
}


@pytest.mark.slow
def test_hostile_content_comes_back_as_it_was_and_does_nothing(open_sink: OpenSink, ask: Ask) -> None:
    texts = [*HOSTILE.values(), *OF_POSTGRES.values()]
    letters = [make_story(number, 1, **paint(text)) for number, text in enumerate(texts)]
    letters.append(make_story(99, text="ميناء " * 500_000))
    assert open_sink().write(receive(letters)) == []
    fields = [column.name for column in ARTICLE_COLUMNS if column.kind in ("text", "list")]
    names = SQL(", ").join(map(Identifier, (*fields, "record"))).as_string()
    found = ask(f"SELECT {names} FROM {{s}}.articles ORDER BY article_id")
    assert [row[-1] for row in found] == [orjson.loads(letter.value) for letter in letters]
    for row in found:
        assert list(row[:-1]) == [row[-1][name] for name in fields]
    assert [row[-1]["text"] for row in found[:-1]] == [text.replace("\0", "\ufffd") for text in texts]


@pytest.mark.slow
def test_the_name_of_a_schema_is_a_name_whatever_is_in_it(database: str) -> None:
    names = ('a%s"b{0}$$; DROP TABLE articles; --é', "public", "Public")
    for number, name in enumerate(names):
        with closing(PostgresSink(name="n", dsn=database, schema=name).open(print)) as sink:
            sink.write(receive([make_story(number), make_story(7), make_deletion(7)]))
    with psycopg.connect(database) as connection:
        for number, name in enumerate(names):
            query = SQL("SELECT article_id FROM {}.articles").format(Identifier(name))
            assert connection.execute(query).fetchall() == [(f"{number:032x}",)]


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        pytest.param("ar", "كَتَبَ الطُّلّابُ رسالةً", "الطلاب رساله", id="harakat_in_the_text"),
        pytest.param("ar", "كتب الطلاب رسالة", "الطُّلّاب", id="harakat_in_the_query"),
        pytest.param("ar", "عادت المكتبة إلى «الميناء»، أمس؟", "الميناء امس", id="punctuation_and_hamza"),
        pytest.param("ar", "في المســاء", "المساء", id="tatweel"),
        pytest.param("ar", "زار المكتبات", "مكتبة", id="stem"),
        pytest.param("fa", "کتاب می\u200cخوانم ایران", "كتاب ايران", id="persian_letters"),
        pytest.param("en-GB", "The ferries were “late”.", "ferry late", id="english_stem"),
        pytest.param("und", "Ferries", "ferries", id="unknown_language"),
        pytest.param("el", "στα λιμάνια", "λιμάνι", id="greek_stem"),
    ],
)
def test_a_text_is_found_however_its_words_are_written(
    language: str, text: str, words: str, open_sink: OpenSink, ask: Ask
) -> None:
    open_sink().write(receive([make_story(1, language=language, text=text), make_story(2)]))
    query = "SELECT article_id FROM {s}.articles WHERE search @@ {s}.naba_query(%s, %s)"
    assert ask(query, language, words) == [(f"{1:032x}",)]
    assert ask(query, language, "lighthouse منارة") == []


def test_words_are_folded_as_those_of_other_stores_are(open_sink: OpenSink, ask: Ask) -> None:
    open_sink()
    # All of Arabic, all that is invisible, and nothing that divides words.
    points = [*range(0x0620, 0x066A), *range(0x066E, 0x06D4), *range(0x06D5, 0x0700), *range(0x200B, 0x2010),
              *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xAD, 0xFEFF]  # fmt: skip
    for point in points:
        given = f"a{chr(point)}b"
        assert ask("SELECT {s}.naba_fold(%s)", given) == [(fold_words(given),)] or chr(point) in "\u2065"


def spell(number: int) -> str:
    """Return a word of three letters, each of them four bytes long."""
    return "".join(chr(0x10428 + number // 40**place % 40) for place in range(3))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 3000 + " ferry", id="a_word_of_3000_bytes"),
        pytest.param("ferry " + " ".join(f"{spell(2 * n)}-{spell(2 * n + 1)}" for n in range(30_000)),
                     id="more_than_a_megabyte_of_words"),
        pytest.param("ferry " + " ".join(f"{n:x}.example/{n:x}" for n in range(20_000)), id="addresses"),
        pytest.param("ferry " + "\u064e" * 250_000, id="nothing_but_marks"),
        pytest.param("ferry " + "<" * 250_000, id="tags_without_end"),
    ],
)  # fmt: skip
def test_no_text_is_refused_for_its_index(text: str, open_sink: OpenSink, ask: Ask) -> None:
    letter = make_story(1, text=text, title=text[:150_000], language="en")
    assert open_sink().write(receive([letter])) == []
    assert ask("SELECT text = %s, search @@ {s}.naba_query('en', 'ferry') FROM {s}.articles", text) == [
        (True, True)
    ]


@pytest.mark.slow
def test_the_index_ends_with_the_first_200_000_characters(open_sink: OpenSink, ask: Ask) -> None:
    text = "tide " * 40_000 + "lighthouse"
    open_sink().write(receive([make_story(n, text=text[10 * n :], language="en") for n in range(2)]))
    found = ask("SELECT article_id FROM {s}.articles WHERE search @@ {s}.naba_query('en', 'lighthouse')")
    assert found == [(f"{1:032x}",)]


def test_what_the_server_refuses_is_named_and_the_rest_is_written(open_sink: OpenSink, ask: Ask) -> None:
    sink = open_sink()
    ask("ALTER TABLE {s}.articles ADD CHECK (title <> 'forbidden'), "
        "ADD UNIQUE (kicker) DEFERRABLE INITIALLY DEFERRED")  # fmt: skip
    letters = [make_story(number, title="forbidden" if number in (3, 4, 17) else "a") for number in range(20)]
    letters.append(make_story(5, 2, title="forbidden"))  # the revision before it stays
    letters.append(make_story(30, 2**63))
    letters.append(Letter(ARTICLES, "x", b'{"schema":"article.v1","article_id":"../x"}'))
    letters.append(Letter(ARTICLES, "../x", b""))
    letters.append(make_deletion(6))
    letters += [make_story(40, kicker="once"), make_story(41, kicker="once")]
    refused = {one.item.offset: one.detail for one in sink.write(receive(letters))}
    assert set(refused) == {3, 4, 17, 20, 21, 22, 23, 26}
    assert "articles_title_check" in refused[3]
    assert "out of range" in refused[21]
    written = [n for n in [*range(20), 40] if n not in (3, 4, 17, 6)]
    assert rows_of(ask) == {("articles", f"{n:x}".lstrip("0"), 1) for n in written}


CODES = [
    *(pytest.param(code, True, id=code) for code in ("22P02", "23514", "54000", "P0001")),
    *(
        pytest.param(code, False, id=code)
        for code in ("53100", "53200", "55P03", "57014", "57P01", "40001", "40P01", "58030", "25006", "42501",
                     "XX000", "XX001")
    ),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("code", "of_content"), CODES)
def test_only_errors_of_content_are_blamed_on_a_record(
    code: str, of_content: bool, open_sink: OpenSink, ask: Ask
) -> None:
    sink = open_sink()
    ask(
        "CREATE FUNCTION {s}.fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '{code}'; END $$"
    )
    ask("CREATE TRIGGER fail BEFORE INSERT ON {s}.articles FOR EACH ROW "
        "WHEN (NEW.article_id LIKE '%1') EXECUTE FUNCTION {s}.fail()")  # fmt: skip
    batch = receive([make_story(1), make_story(2)])
    if of_content:
        assert [(one.item, one.detail) for one in sink.write(batch)] == [(batch[0], "no room")]
        assert rows_of(ask) == {("articles", "2", 1)}
    else:
        with pytest.raises(StoreAway, match="no room"):
            sink.write(batch)
        assert rows_of(ask) == set()
        ask("DROP TRIGGER fail ON {s}.articles")
        assert sink.write(batch) == []
        assert rows_of(ask) == {("articles", "1", 1), ("articles", "2", 1)}


@pytest.mark.slow
def test_a_cut_connection_a_lock_and_a_server_that_only_reads_are_waited_for(
    postgres: str, schema: str, open_sink: OpenSink, ask: Ask
) -> None:
    sink = open_sink(dsn=make_conninfo(postgres, options="-c lock_timeout=100", application_name=schema))
    batch = receive([make_story(1)])
    assert ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", schema)
    with pytest.raises(StoreAway, match="terminat"):
        sink.write(batch)
    with psycopg.connect(postgres) as other:
        other.execute(SQL("LOCK TABLE {}.articles").format(Identifier(schema)))
        with pytest.raises(StoreAway, match="lock timeout"):
            sink.write(batch)
    assert sink.write(batch) == []
    reader = open_sink(dsn=make_conninfo(postgres, options="-c default_transaction_read_only=on"))
    with pytest.raises(StoreAway, match="read-only"):
        reader.write(receive([make_story(2)]))
    assert rows_of(ask) == {("articles", "1", 1)}


@pytest.mark.slow
def test_what_a_person_has_to_mend_is_wrong_use_at_the_start(database: str) -> None:
    def refuse(match: str, **keys: Any) -> None:
        with pytest.raises(WrongUse, match=match) as raised:
            PostgresSink(**{"name": "newsroom", "dsn": database, **keys}).open(print)
        assert "s3cret" not in str(raised.value)

    refuse("dsn", dsn="postgresql://naba:s3cret@[")
    refuse("dsn", dsn="s3cret")
    refuse("invalid port number", dsn="host=127.0.0.1 port=99999 password=s3cret")
    refuse("connect_timeout", dsn="host=127.0.0.1 connect_timeout=abc password=s3cret")
    refuse("invalid integer", dsn="host=127.0.0.1 port=often password=s3cret")
    refuse("does not exist", dsn=make_conninfo(database, dbname="nowhere", password="s3cret"))
    refuse("does not exist", dsn=make_conninfo(database, user="nobody-here"))
    refuse("pg_ours", schema="pg_ours")
    with psycopg.connect(database, autocommit=True) as owner:
        role = SQL("naba_test_{}").format(SQL(owner.info.dbname)).as_string()
        owner.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        as_guest = make_conninfo(database, user=role)
        try:
            refuse("permission denied", dsn=as_guest)
            refuse("permission denied", dsn=as_guest, schema="another")
            owner.execute("CREATE TABLE articles (a integer)")
            refuse('"articles" already exists')
            owner.execute("DROP TABLE articles")
            PostgresSink(name="n", dsn=database).open(print).close()
            owner.execute(
                SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(
                    Identifier(role)
                )
            )
            # Who finds the tables needs no right to make any.
            with closing(PostgresSink(name="n", dsn=as_guest).open(print)) as sink:
                assert sink.write(receive([make_story(1)])) == []
            owner.execute("INSERT INTO naba_versions VALUES (99)")
            refuse("newer naba")
        finally:
            owner.execute(SQL("DROP OWNED BY {}").format(Identifier(role)))
            owner.execute(SQL("DROP ROLE {}").format(Identifier(role)))


@pytest.mark.slow
def test_a_database_that_is_not_in_utf8_is_refused(postgres: str, database: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as server:
        name = Identifier(f"{psycopg.conninfo.conninfo_to_dict(database)['dbname']}_latin")
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' "
                           "LOCALE_PROVIDER libc").format(name))  # fmt: skip
        try:
            with pytest.raises(WrongUse, match="UTF-8"):
                PostgresSink(name="n", dsn=make_conninfo(postgres, dbname=f"{name.as_string()[1:-1]}")).open(
                    print
                )
        finally:
            server.execute(SQL("DROP DATABASE {}").format(name))


def test_nobody_there_is_away_at_the_start() -> None:
    with pytest.raises(StoreAway, match="refused"):
        PostgresSink(name="n", dsn="host=127.0.0.1 port=1").open(print)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"dsn": ""}, id="no_dsn"),
        pytest.param({"dsn": "a", "schema": ""}, id="no_schema"),
        pytest.param({"dsn": "a", "schema": "a\0"}, id="nul"),
        pytest.param({"dsn": "a", "schema": "م" * 32}, id="64_bytes"),
        pytest.param({"dsn": "a", "relations": ["alike"]}, id="no_such_relation"),
        pytest.param({"dsn": "a", "path": "b"}, id="key_of_another_kind"),
    ],
)
def test_settings_that_cannot_be_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "postgres", "name": "n", **keys}, PostgresSink)
    assert msgspec.convert({"kind": "postgres", "name": "n", "dsn": "a", "schema": "م"}, PostgresSink)


def test_the_client_is_loaded_when_a_sink_is_opened_and_asked_for_where_it_is_missing() -> None:
    script = (
        "import sys\n"
        "from connectors.sinks.postgres import PostgresSink\n"
        "assert 'psycopg' not in sys.modules\n"
        "sys.modules['psycopg'] = None\n"
        "PostgresSink(name='n', dsn='a').open(print)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert "WrongUse: sink n: needs pip install 'naba[postgres]'" in run.stderr


def test_those_that_start_at_once_make_the_tables_once(open_sink: OpenSink, ask: Ask) -> None:
    together(*[lambda: open_sink() for _ in range(4)])
    assert ask("SELECT version FROM {s}.naba_versions") == [(1,)]


@pytest.mark.slow
def test_two_that_write_at_once_leave_each_article_in_one_table(open_sink: OpenSink, ask: Ask) -> None:
    letters = [make_story(n % 20, 1 + n // 40, **(COPY if n % 3 else {})) for n in range(400)]

    def write(items: Sequence[Received], size: int) -> None:
        sink = open_sink()
        for batch in divide(items, size):
            assert sink.write(batch) == []

    together(lambda: write(receive(letters), 7), lambda: write(receive(letters)[::-1], 11))
    found = rows_of(ask)
    assert len(found) == 20
    assert {revision for _table, _name, revision in found} == {10}


@pytest.mark.slow
def test_a_stream_with_redeliveries_comes_to_what_it_comes_to(
    postgres: str, schema: str, open_sink: OpenSink
) -> None:
    letters = list(make_stream(3000))
    sink = open_sink()
    for batch in divide(receive(letters), 250):
        assert sink.write(batch) == []
    with psycopg.connect(postgres) as connection:
        assert held_by(connection, schema) == expected(letters)


@pytest.mark.slow
def test_a_server_that_is_stopped_killed_and_started_again_ends_with_the_same_rows(
    own_postgres: OwnPostgres,
) -> None:
    server = own_postgres("fsync=off")
    letters = list(make_stream(2000))
    done = 0
    away: list[str] = []

    def write() -> None:
        nonlocal done
        with closing(PostgresSink(name="n", dsn=server.dsn, relations=("near_copy",)).open(print)) as sink:
            for batch in divide(receive(letters), 50):
                away.extend(write_at_last(sink, batch))
                done += 1

    def harm() -> None:
        chance = random.Random(7)
        for number, end in enumerate((server.stop, server.kill, server.stop, server.kill, server.kill)):
            while done < 4 + 6 * number:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.05)
            end()
            time.sleep(0.1)
            server.start()

    together(write, harm)
    assert done == 40
    assert len(away) >= 5
    with psycopg.connect(server.dsn) as connection:
        assert held_by(connection, "public") == expected(letters)


@pytest.mark.slow
def test_a_server_without_a_free_connection_is_waited_for(own_postgres: OwnPostgres) -> None:
    server = own_postgres("max_connections=3", "superuser_reserved_connections=2", "fsync=off")
    with psycopg.connect(server.dsn) as owner:
        owner.execute("CREATE ROLE guest LOGIN")
        owner.commit()
        with pytest.raises(StoreAway, match="connection slots"):
            PostgresSink(name="n", dsn=make_conninfo(server.dsn, user="guest")).open(print)


@pytest.mark.slow
def test_a_server_without_room_or_an_answer_is_waited_for(own_postgres: OwnPostgres) -> None:
    server = own_postgres("fsync=off")
    store = PostgresStore("n", server.dsn, "public", (), print)
    noise = random.Random(1)
    batch = receive([make_story(n, text=noise.randbytes(2_000_000).hex()) for n in range(4)])
    server.stop()
    server.start(largest=17 << 20)  # a segment of the log has 16 MiB
    with pytest.raises(StoreAway, match="File too large"):
        write_at_last(store, batch, "connection")
    server.stop()
    server.start()
    write_at_last(store, batch)
    impatient = PostgresStore("n", server.dsn, "public", (), print, answer=1)
    server.freeze()
    with pytest.raises(StoreAway, match="no answer for 1 s"):
        impatient.write(batch[:1])
    server.freeze(thaw=True)
    write_at_last(impatient, batch[:1])
    write_at_last(store, batch)
    store.close()
    impatient.close()
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (4,)


def write_at_last(sink: Sink, batch: Sequence[Received], away: str = "") -> list[str]:
    """Write as a runner does, and return why it had to wait; raise where that is not what `away` says."""
    waited: list[str] = []
    until = time.monotonic() + 30
    while True:
        try:
            assert sink.write(batch) == []
        except StoreAway as error:
            if away not in str(error) or time.monotonic() > until:
                raise
            waited.append(str(error))
            time.sleep(0.02)
        else:
            return waited


def expected(letters: Sequence[Letter]) -> set[tuple[str, str, bytes]]:
    """Return what has to be held in the end."""
    return {
        (table, name, orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS))
        for name, (table, value) in fold_stream(letters).items()
    }


def held_by(connection: psycopg.Connection, schema: str) -> set[tuple[str, str, bytes]]:
    """Return table, id and record of every row."""
    return {
        (table, name, orjson.dumps(record, option=orjson.OPT_SORT_KEYS))
        for table in ("articles", "duplicates")
        for name, record in connection.execute(
            SQL("SELECT article_id, record FROM {}.{}").format(Identifier(schema), Identifier(table))
        )
    }


def together(*acts: Callable[[], object]) -> None:
    """Do all at once, and raise what one of them raised."""
    raised: list[BaseException] = []

    def guard(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guard, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not raised, raised
