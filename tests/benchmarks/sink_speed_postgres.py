"""The row of Postgres in `sink_speed.py`: the sink, and psycopg's `executemany` of the upsert by revision.

Both write into the tables that the sink makes, so that both pay for the same index.
"""

import atexit
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import orjson
import psycopg
from psycopg.sql import SQL, Identifier, Placeholder

from connectors.sink import Received
from connectors.sinks.columns import ARTICLE_COLUMNS
from connectors.sinks.postgres import PostgresSink
from tests.postgres import Postgres

NAMES = [*(column.name for column in ARTICLE_COLUMNS), "record"]


@cache
def start_postgres() -> str:
    """Return the dsn of a server that runs, and syncs as one does, until the program ends."""
    server = Postgres()
    atexit.register(server.remove)
    server.start()
    return server.dsn


def make_empty(folder: Path) -> str:
    """Return the name of a schema, its tables made; that of another folder has another one."""
    PostgresSink(name="a", dsn=start_postgres(), schema=folder.name).open(print).close()
    return folder.name


def write_postgres(folder: Path, batches: Sequence[Sequence[Received]]) -> None:
    """Write what the sink writes."""
    schema = make_empty(folder)
    with closing(PostgresSink(name="a", dsn=start_postgres(), schema=schema).open(print)) as sink:
        for batch in batches:
            sink.write(batch)


def write_postgres_rows(folder: Path, batches: Sequence[Sequence[Received]]) -> None:
    """Write the articles as a script would."""
    upsert = SQL(
        "INSERT INTO {}.articles AS a ({}) VALUES ({}) "
        "ON CONFLICT (article_id) DO UPDATE SET {} WHERE excluded.revision > a.revision"
    ).format(
        Identifier(make_empty(folder)),
        SQL(", ").join(map(Identifier, NAMES)),
        SQL(", ").join(map(Placeholder, NAMES)),
        SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in NAMES),
    )
    with psycopg.connect(start_postgres()) as connection:
        for batch in batches:
            rows = [
                orjson.loads(item.letter.value) | {"record": item.letter.value.decode()} for item in batch
            ]
            with connection.transaction():
                connection.cursor().executemany(upsert, rows)
