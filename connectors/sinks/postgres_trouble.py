"""What an error of Postgres is to a sink: a record's content, the settings, or a server that is away."""

import re

import psycopg
from psycopg.pq import PGconn, Ping

# Classes of SQLSTATE (Postgres, appendix A): data exceptions, constraints, checks of views, limits, what a
# trigger raises. No internal error (XX): a full quota is one, and would bury every record.
_OF_CONTENT = ("22", "23", "44", "54", "P0")
# Rights, syntax and names, features, authorization, no such database or schema.
_OF_SETTINGS = ("42", "0A", "28", "3D", "3F")

# Of libpq and psycopg, where a value is looked at only on the way to the server.
_WRONG_VALUE = re.compile(r"invalid (port number|integer value)|could not parse network address")


def is_of_content(error: psycopg.Error) -> bool:
    """Return whether the server was there, and refused what was written for what was in it."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.DataError)  # the client itself found it, as U+0000
    return error.sqlstate.startswith(_OF_CONTENT)


def is_of_settings(error: psycopg.Error) -> bool:
    """Return whether only a person can mend it: rights, or tables of that name that are not ours."""
    return error.sqlstate is not None and error.sqlstate.startswith(_OF_SETTINGS)


def is_refused(conninfo: str, error: psycopg.Error) -> bool:
    """Return whether nobody is let in by this `conninfo`: for a name, a password, a value that is none.

    A failed connection has no SQLSTATE (libpq keeps it), so the server is asked whether it is ready.
    """
    words = str(error)
    if not isinstance(error, psycopg.OperationalError) or _WRONG_VALUE.search(words):
        return True
    if "too many" in words or "connection slots" in words or "timeout" in words:
        return False
    return PGconn.ping(conninfo.encode()) in (Ping.OK, Ping.NO_ATTEMPT)


def tell_words(error: psycopg.Error) -> str:
    """Return what the server says on one line, without the place in the statement."""
    said = error.diag.message_primary or str(error)
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return " ".join(f"{said}{detail}".split()) or type(error).__name__
