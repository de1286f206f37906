"""The sink that writes to Postgres: one transaction a batch, and a new connection once one has broken."""

from collections.abc import Sequence

import psycopg

from connectors.sink import Received, Refused, StoreAway, Tell
from connectors.sinks.newest import sum_up
from connectors.sinks.postgres_connection import end_after, open_tables, read_dsn
from connectors.sinks.postgres_rows import Rows
from connectors.sinks.postgres_tables import lock_schema
from connectors.sinks.postgres_trouble import is_of_content, tell_words
from connectors.sinks.wanted import list_topics
from schemas.article import Relation
from schemas.wrong_use import WrongUse

# For each transaction, where the server's own say is that it never ends, or that it may forget: not for
# the connection, which a pooler in between may give to somebody else. A constraint that waits for the
# end of the transaction would be broken by nobody in particular.
_LIMITS = """
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT set_config(name, wanted, true) FROM (VALUES
        ('lock_timeout', '0', '30s'), ('idle_in_transaction_session_timeout', '0', '60s'),
        ('synchronous_commit', 'off', 'on')) AS limits (name, unwanted, wanted)
    WHERE current_setting(name) = unwanted
"""
ANSWER = 300.0  # seconds for a batch, which is meant to take about one


class PostgresStore:
    """The tables of one schema."""

    def __init__(
        self,
        name: str,
        dsn: str,
        schema: str,
        relations: Sequence[Relation],
        tell: Tell,
        answer: float = ANSWER,
    ) -> None:
        """Connect, and make the tables; a server that takes more than `answer` seconds for a batch is away.

        Raises WrongUse where the dsn, a name or a right is wrong, StoreAway where the server is not there.
        """
        self.topics, self._relations = list_topics(relations), relations
        self._conninfo, self._schema, self._answer = read_dsn(dsn, name), schema, answer
        self._rows = Rows(schema)
        connection, self.is_new = open_tables(self._conninfo, schema, answer)
        self._connection: psycopg.Connection | None = connection
        if connection.execute("SELECT 1 WHERE current_setting('fsync') = 'off'").fetchone():
            tell("the server runs with fsync off: after a power cut it may not have what it took")

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Make the batch durable. Raises StoreAway where the server is away, full, read-only or busy."""
        try:
            if self._connection is None:
                self._connection, _ = open_tables(self._conninfo, self._schema, self._answer)
            with end_after(self._answer, self._connection), self._connection.transaction():
                self._connection.execute(_LIMITS)
                lock_schema(self._connection, self._schema)
                return self._write(self._connection, batch)
        except StoreAway:
            self.close()
            raise
        except (psycopg.Error, WrongUse) as error:
            self.close()
            # What only a person can mend was right at the start, and can be again.
            raise StoreAway(str(error) if isinstance(error, WrongUse) else tell_words(error)) from None

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self, connection: psycopg.Connection, batch: Sequence[Received]) -> list[Refused]:
        """Write what the server takes of a batch, and return the rest, found by halves."""
        changes = sum_up(batch, self._relations)
        try:
            with connection.transaction():
                self._rows.write(connection, changes)
        except psycopg.Error as error:
            if not is_of_content(error):
                raise
            if len(batch) == 1:
                return [Refused(batch[0], tell_words(error))]
        else:
            return changes.refused
        middle = len(batch) // 2
        return self._write(connection, batch[:middle]) + self._write(connection, batch[middle:])
