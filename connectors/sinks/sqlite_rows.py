"""The rows of articles and copies in SQLite: which are written, replaced and taken out."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import orjson

from connectors.sinks.columns import ARTICLE_COLUMNS, DUPLICATE_COLUMNS, Value, read_values
from connectors.sinks.newest import Changes, Newest, Rank
from connectors.sinks.search_words import INDEXED, fold_words
from schemas.article import Article
from schemas.record_event import write_time

_COLUMNS = {"articles": ARTICLE_COLUMNS, "duplicates": DUPLICATE_COLUMNS}


def write_changes(database: sqlite3.Connection, changes: Changes) -> None:
    """Write what is newer than the rows that are there, within the transaction of the caller.

    An article stands in one of the two tables, whichever order its letters had, and in none once it
    was deleted.
    """
    _delete(database, changes)
    _pass(database, changes)
    held = dict(_find(database, changes.newest))
    query = "SELECT article_id FROM deletions WHERE article_id IN (SELECT value FROM json_each(?))"
    deleted = {name for (name,) in database.execute(query, (json.dumps([*changes.newest]),))}
    written = {
        name: found
        for name, found in changes.newest.items()
        if name not in deleted and (name not in held or found.rank > held[name][0])
    }
    _remove(database, [held[name][1] for name in written if name in held])
    _insert(database, [*written.values()])


def _delete(database: sqlite3.Connection, changes: Changes) -> None:
    if not changes.deleted:
        return
    places = [seq for _name, (_rank, seq) in _find(database, changes.deleted)]
    _remove(database, places)
    if places:
        # A word that is taken out of the index stays in its file until this writes the whole anew.
        database.execute("INSERT INTO search (search) VALUES ('optimize')")
    noted = [(name, write_time(at)) for name, at in changes.deleted.items()]
    database.executemany("INSERT OR IGNORE INTO deletions VALUES (?, ?)", noted)


def _pass(database: sqlite3.Connection, changes: Changes) -> None:
    older = [
        seq
        for name, ((revision, _), seq) in _find(database, changes.passed)
        if revision < changes.passed[name]
    ]
    _remove(database, older)


def _find(database: sqlite3.Connection, names: Iterable[str]) -> Iterator[tuple[str, tuple[Rank, int]]]:
    """Yield which of these articles have a row, with its rank and its place in the index."""
    listed = json.dumps([*names])
    for table in _COLUMNS:
        query = (
            f"SELECT article_id, revision, seq FROM {table} "
            "WHERE article_id IN (SELECT value FROM json_each(?))"
        )
        for name, revision, seq in database.execute(query, (listed,)):
            yield name, ((revision, table == "articles"), seq)


def _remove(database: sqlite3.Connection, places: Iterable[int]) -> None:
    # In their order: at each step back the index writes out what it has gathered.
    ordered = [(seq,) for seq in sorted(places)]
    database.executemany("DELETE FROM search WHERE rowid = ?", ordered)
    for table in _COLUMNS:
        database.executemany(f"DELETE FROM {table} WHERE seq = ?", ordered)


def _insert(database: sqlite3.Connection, found: Sequence[Newest]) -> None:
    newest = [database.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] or 0 for table in _COLUMNS]
    numbered = [*enumerate(found, start=max(newest) + 1)]
    for table, columns in _COLUMNS.items():
        rows = [
            (*map(_write_value, read_values(one.story, columns)), one.item.letter.value.decode(), seq)
            for seq, one in numbered
            if isinstance(one.story, Article) == (table == "articles")
        ]
        names = ", ".join([*(column.name for column in columns), "record", "seq"])
        places = ", ".join("?" * (len(columns) + 2))
        database.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
    database.executemany(
        "INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)",
        [(seq, fold_words(one.story.title), fold_words(one.story.text[:INDEXED])) for seq, one in numbered],
    )


def _write_value(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return write_time(value.astimezone(UTC))
    if isinstance(value, tuple):
        return orjson.dumps(value).decode()
    return value
