"""A connection to Postgres that ends by itself where nobody answers, and the tables of a schema behind it."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from connectors.sink import StoreAway
from connectors.sinks.postgres_tables import make_tables
from connectors.sinks.postgres_trouble import is_of_settings, is_refused, tell_words
from schemas.wrong_use import WrongUse

# It warns of what follows from an error, whenever it has raised one: the sink tells that one.
logging.getLogger("psycopg").setLevel(logging.ERROR)

# What the dsn does not say itself: a server that has vanished is noticed within a minute.
_DEFAULTS = {
    "connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}  # fmt: skip


def read_dsn(dsn: str, name: str) -> str:
    """Return what libpq is given: the dsn, `name` for the server's lists, and limits. Raises WrongUse."""
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        # Its own words would quote the dsn, with a password.
        raise WrongUse("dsn: is neither a postgresql:// URI nor key=value words") from None
    return make_conninfo("", **{"application_name": name, **_DEFAULTS, **given, "client_encoding": "UTF8"})


def open_tables(conninfo: str, schema: str, seconds: float) -> tuple[psycopg.Connection, bool]:
    """Return a connection to the tables, made where they are not there, and whether they were not.

    All of it within so many seconds.

    Raises WrongUse where only a person can mend it, StoreAway where the server is away or busy.
    """
    try:
        connection = psycopg.connect(conninfo, autocommit=True)
    except psycopg.Error as error:
        if is_refused(conninfo, error):
            raise WrongUse(tell_words(error)) from None
        raise StoreAway(tell_words(error)) from None
    with ExitStack() as undone:
        undone.callback(connection.close)
        # Whatever the server's default: a snapshot from before the lock would miss another sink's rows.
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            with end_after(seconds, connection):
                made = make_tables(connection, schema)
        except psycopg.Error as error:
            if is_of_settings(error):
                raise WrongUse(f"schema {schema}: {tell_words(error)}") from None
            raise StoreAway(tell_words(error)) from None
        undone.pop_all()
    return connection, made


@contextmanager
def end_after(seconds: float, connection: psycopg.Connection) -> Iterator[None]:
    """Cut the connection where the block takes so long, and raise StoreAway.

    No setting of libpq or the server ends a statement of a server that was stopped where it stood.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        line.shutdown(socket.SHUT_RDWR)

    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except psycopg.OperationalError:
            if over.is_set():
                raise StoreAway(f"no answer for {seconds:g} s") from None
            raise
        finally:
            timer.cancel()
            timer.join()
