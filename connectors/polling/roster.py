"""Which sources there are: those of the settings, and those that `naba sources add` named."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from connectors.polling.standing import Standing, read_standings
from connectors.sources.kinds import Kind
from connectors.transaction import transact
from schemas.wrong_use import WrongUse


@dataclass(frozen=True, slots=True)
class Listed:
    """A source, how it is doing, and whether the settings file names it (else a verb has added it)."""

    source: Kind
    standing: Standing
    in_settings: bool


def read_roster(database: sqlite3.Connection, named: Sequence[Kind]) -> dict[str, Listed]:
    """Return all sources by name; one of the settings goes before an added one of its name."""
    standings = {standing.name: standing for standing in read_standings(database)}
    added = {
        name: msgspec.json.decode(standing.settings, type=Kind)
        for name, standing in standings.items()
        if standing.settings
    }
    sources: dict[str, Kind] = added | {source.name: source for source in named}
    own = {source.name for source in named}
    return {
        name: Listed(source, standings.get(name) or Standing(name=name), name in own)
        for name, source in sources.items()
    }


def count_orders(database: sqlite3.Connection) -> int:
    """Return a number that is another one when a verb has changed which sources there are."""
    (number,) = database.execute("SELECT number FROM source_orders").fetchone()
    return int(number)


def add_sources(database: sqlite3.Connection, sources: Sequence[Kind]) -> None:
    """Add sources beside those of the settings, or give added ones of their names another form.

    Raises WrongUse for one that the settings could not hold either.
    """
    for source in sources:
        try:
            msgspec.convert(msgspec.to_builtins(source), Kind)
        except msgspec.ValidationError as error:
            raise WrongUse(f"{source.name}: {error}") from None
    with transact(database):
        database.executemany(
            "INSERT INTO sources (name, settings) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET settings = excluded.settings",
            [(source.name, msgspec.json.encode(source).decode()) for source in sources],
        )
        _count_order(database)


def remove_source(database: sqlite3.Connection, name: str) -> None:
    """Take out a source that was added, and what is known of it; its articles and their addresses stay.

    Raises WrongUse for a name that was not added.
    """
    with transact(database):
        _require(database, name, "settings IS NOT NULL", "was not added by `naba sources add`")
        for table in ("documents", "items", "source_days"):
            database.execute(f"DELETE FROM {table} WHERE source = ?", (name,))
        # What it has brought is known for ever; what it has only named may be named by another.
        database.execute("DELETE FROM story_pages WHERE source = ? AND taken_at IS NULL", (name,))
        database.execute("UPDATE story_pages SET next_at = NULL WHERE source = ?", (name,))
        database.execute("DELETE FROM sources WHERE name = ?", (name,))
        _count_order(database)


def pause_source(database: sqlite3.Connection, name: str, *, paused: bool) -> None:
    """Let nothing of a source be asked for, or let it again."""
    with transact(database):
        database.execute(
            "INSERT INTO sources (name, paused) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET paused = excluded.paused",
            (name, paused),
        )
        _count_order(database)


def _require(database: sqlite3.Connection, name: str, condition: str, otherwise: str) -> None:
    found = database.execute(f"SELECT 1 FROM sources WHERE name = ? AND {condition}", (name,)).fetchone()
    if found is None:
        raise WrongUse(f"{name}: {otherwise}")


def _count_order(database: sqlite3.Connection) -> None:
    database.execute("UPDATE source_orders SET number = number + 1")
