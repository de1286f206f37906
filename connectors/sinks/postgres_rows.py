"""The rows of articles and copies in Postgres: which are written, replaced and taken out."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from connectors.sinks.columns import ARTICLE_COLUMNS, DUPLICATE_COLUMNS, Column, Value, read_values
from connectors.sinks.newest import Changes
from schemas.article import Article

_Row = list[str | list[str] | None]
_TYPES = {
    "text": SQL("text"),
    "integer": SQL("bigint"),
    "real": SQL("double precision"),
    "time": SQL("timestamptz"),
    "list": SQL("text[]"),
}


class Rows:
    """The statements by which a schema's rows change."""

    def __init__(self, schema: str) -> None:
        # A % would be a placeholder of psycopg's.
        quoted = SQL(Identifier(schema).as_string().replace("%", "%%"))
        self._articles = _write_one(quoted, "articles", ARTICLE_COLUMNS)
        self._duplicates = _write_one(quoted, "duplicates", DUPLICATE_COLUMNS)
        self._pass = SQL("""
            WITH passed (article_id, revision) AS (VALUES (%s, %s::bigint)),
                article AS (DELETE FROM {0}.articles AS a USING passed AS p
                            WHERE a.article_id = p.article_id AND a.revision < p.revision)
            DELETE FROM {0}.duplicates AS c USING passed AS p
            WHERE c.article_id = p.article_id AND c.revision < p.revision
        """).format(quoted)
        self._delete = SQL("""
            WITH gone (article_id, at) AS (VALUES (%s, %s::timestamptz)),
                article AS (DELETE FROM {0}.articles AS a USING gone AS d WHERE a.article_id = d.article_id),
                copy AS (DELETE FROM {0}.duplicates AS c USING gone AS d WHERE c.article_id = d.article_id)
            INSERT INTO {0}.deletions (article_id, at) SELECT article_id, at FROM gone
            ON CONFLICT (article_id) DO NOTHING
        """).format(quoted)

    def write(self, connection: Connection, changes: Changes) -> None:
        """Write what is newer than the rows that are there, within the transaction of the caller.

        An article stands in one of the two tables, whichever order its letters had, and in none once it
        was deleted. Raises psycopg.Error.
        """
        articles: list[_Row] = []
        duplicates: list[_Row] = []
        for found in changes.newest.values():
            is_article = isinstance(found.story, Article)
            columns = ARTICLE_COLUMNS if is_article else DUPLICATE_COLUMNS
            values = [_write_value(value) for value in read_values(found.story, columns)]
            (articles if is_article else duplicates).append([*values, found.item.letter.value.decode()])
        passed: list[_Row] = [[name, str(revision)] for name, revision in changes.passed.items()]
        deleted: list[_Row] = [[name, at.isoformat()] for name, at in changes.deleted.items()]
        cursor = connection.cursor()
        for statement, rows in (
            (self._delete, deleted),
            (self._pass, passed),
            (self._articles, articles),
            (self._duplicates, duplicates),
        ):
            if rows:
                cursor.executemany(statement, rows)  # in a pipeline: nobody waits for each row


def _write_one(schema: SQL, table: str, columns: Sequence[Column]) -> Composed:
    other, beats = ("duplicates", SQL("<=")) if table == "articles" else ("articles", SQL("<"))
    names = [Identifier(column.name) for column in columns] + [Identifier("record")]
    types = [_TYPES[column.kind] for column in columns] + [SQL("jsonb")]
    # What is there already is looked for first: the conflict alone would find it after the text was indexed.
    return SQL("""
        WITH new ({names}) AS (VALUES ({places})),
            moved AS (DELETE FROM {schema}.{other} AS o USING new
                      WHERE o.article_id = new.article_id AND o.revision {beats} new.revision)
        INSERT INTO {schema}.{table} AS t ({names}) SELECT {names} FROM new
        WHERE NOT EXISTS (SELECT FROM {schema}.deletions AS d WHERE d.article_id = new.article_id)
            AND NOT EXISTS (SELECT FROM {schema}.{table} AS s
                            WHERE s.article_id = new.article_id AND s.revision >= new.revision)
            AND NOT EXISTS (SELECT FROM {schema}.{other} AS o
                            WHERE o.article_id = new.article_id AND NOT o.revision {beats} new.revision)
        ON CONFLICT (article_id) DO UPDATE SET {sets} WHERE excluded.revision > t.revision
    """).format(
        schema=schema,
        table=Identifier(table),
        other=Identifier(other),
        beats=beats,
        names=SQL(", ").join(names),
        places=SQL(", ").join(SQL("%s::{}").format(type) for type in types),
        sets=SQL(", ").join(SQL("{0} = excluded.{0}").format(name) for name in names[1:]),
    )


def _write_value(value: Value) -> str | list[str] | None:
    # As text, whose type the statement names: else each size of a number, and each null beside a time,
    # would be another statement to prepare.
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, str) else repr(value)
