"""Postgres: articles and copies as rows, each once and in its newest revision, with full-text search."""

from typing import Annotated, ClassVar

import msgspec

from connectors.sink import Sink, Tell
from connectors.sources.keys import Name
from schemas.article import Relation
from schemas.wrong_use import WrongUse

_LONGEST = 63  # bytes of a name; of a longer one Postgres takes the beginning


class PostgresSink(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="postgres"
):
    """`dsn` is a URI or `key=value` string as libpq reads it, `relations` the copies that it holds.

    What `dsn` leaves open comes from libpq's own variables and files (`PGPASSWORD`, `~/.pgpass`).
    """

    files: ClassVar[tuple[str, ...]] = ()

    name: Name
    relations: tuple[Relation, ...] = ()
    dsn: Annotated[str, msgspec.Meta(min_length=1)]
    schema: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]+$")] = "public"

    def __post_init__(self) -> None:
        """Refuse a name that Postgres would cut. Raises ValueError, which msgspec tells with the key."""
        if len(self.schema.encode()) > _LONGEST:
            raise ValueError(f"schema: a name in Postgres has at most {_LONGEST} bytes")

    def open(self, tell: Tell) -> Sink:
        """Return the sink, its tables made. Raises WrongUse, and StoreAway where the server is not there."""
        try:
            # Only here: psycopg comes with an extra, and not everybody has a Postgres.
            from connectors.sinks.postgres_store import PostgresStore
        except ImportError as error:
            if error.name != "psycopg" and "libpq" not in str(error):
                raise
            raise WrongUse(f"sink {self.name}: needs pip install 'naba[postgres]' ({error})") from None
        try:
            return PostgresStore(f"naba sink {self.name}", self.dsn, self.schema, self.relations, tell)
        except WrongUse as error:
            raise WrongUse(f"sink {self.name}: {error}") from None
