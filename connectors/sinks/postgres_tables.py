"""The tables of a schema of articles, and the steps by which older ones become newer ones."""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from connectors.sinks.postgres_search import create_functions
from schemas.wrong_use import WrongUse

OLDEST = 140000  # the first server that has a stemmer for each of the languages
VERSION = 1

# `article_id` in the order of its bytes: quicker than any language's, and the same on every server.
_ARTICLE = """
    article_id text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL,
    url text, canonical_url text, host text NOT NULL, publisher text, language text NOT NULL,
    title text, kicker text, text text NOT NULL,
    authors text[] NOT NULL, section text, tags text[] NOT NULL,
    image text, licence text, word_count bigint NOT NULL,
    published_at timestamptz, modified_at timestamptz,
    fetched_at timestamptz NOT NULL, processed_at timestamptz,
    source text NOT NULL, raw_id text NOT NULL, content_hash text NOT NULL,
    record jsonb NOT NULL,
    search tsvector GENERATED ALWAYS AS ({schema}.naba_index(language, title, text)) STORED
"""


def lock_schema(connection: Connection, schema: str) -> None:
    """Keep every other sink out of the schema until the transaction ends.

    Two that write at once could leave an article in both tables: neither sees the other's row.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"naba {schema}"])


def make_tables(connection: Connection, schema: str) -> bool:
    """Make the tables, or what is new in them, and return whether there were none.

    Two that start at once do each step once.

    Raises WrongUse where the server or the tables are none of this version, and psycopg.Error.
    """
    if connection.info.server_version < OLDEST:
        raise WrongUse(f"Postgres {OLDEST // 10000} or newer is needed")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise WrongUse("the database does not keep its texts in UTF-8 (CREATE DATABASE … ENCODING 'UTF8')")
    with connection.transaction():
        lock_schema(connection, schema)
        version = _read_version(connection, schema)
        if version > VERSION:
            raise WrongUse(f"schema {schema}: made by a newer naba (version {version} of its tables)")
        if version < 1:
            for statement in _first_version(Identifier(schema)):
                connection.execute(statement)
        return version < 1


def _read_version(connection: Connection, schema: str) -> int:
    # Asked first, and made only where it is not there: whoever has tables needs no right to create any.
    found = connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema]).fetchone()
    if found is None:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    known = "SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'naba_versions'"
    if connection.execute(known, [schema]).fetchone() is None:
        return 0
    query = SQL("SELECT coalesce(max(version), 0) FROM {}.naba_versions").format(Identifier(schema))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _first_version(schema: Identifier) -> Iterator[Composed]:
    yield from create_functions(schema)
    article = SQL(_ARTICLE).format(schema=schema)
    yield SQL("CREATE TABLE {}.articles ({})").format(schema, article)
    yield SQL(
        "CREATE TABLE {}.duplicates ({}, duplicate_of text, relation text, overlap double precision)"
    ).format(schema, article)
    for table in ("articles", "duplicates"):
        yield SQL("CREATE INDEX ON {}.{} USING gin (search)").format(schema, Identifier(table))
        yield SQL("CREATE INDEX ON {}.{} (published_at)").format(schema, Identifier(table))
    yield SQL("CREATE INDEX ON {}.duplicates (duplicate_of)").format(schema)
    yield SQL(
        'CREATE TABLE {}.deletions (article_id text COLLATE "C" PRIMARY KEY, at timestamptz NOT NULL)'
    ).format(schema)
    yield SQL(
        "CREATE TABLE {}.naba_versions (version integer PRIMARY KEY, since timestamptz DEFAULT now())"
    ).format(schema)
    yield SQL("INSERT INTO {}.naba_versions VALUES (1)").format(schema)
