"""The table of subscriptions at hubs: functions that read and write it within a transaction that is open."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from connectors.polling.tables import read_time, write_time
from connectors.websub.subscription import Subscription

# A step of the store's migrations: once released it is never changed, and another is appended.
SCHEMA = """
    CREATE TABLE subscriptions (        -- at hubs (WebSub): who tells of news at once
        callback TEXT PRIMARY KEY,      -- unguessable: the last part of the address that the hub calls
        source TEXT NOT NULL,
        base TEXT NOT NULL,             -- the address before it
        hub TEXT NOT NULL, topic TEXT NOT NULL,
        state TEXT NOT NULL,            -- none, new, asked, held, refused, leaving
        secret TEXT,                    -- signs what comes
        old_secret TEXT,                -- signed what comes late
        next_secret TEXT,               -- signs it once the hub has verified what it was asked
        asked_at TEXT, lease_until TEXT,
        next_at TEXT,                   -- when the hub is asked next; null: never
        tries INTEGER NOT NULL,         -- in a row that the hub has not verified
        why TEXT,
        content_at TEXT,                -- when news came last
        contents INTEGER NOT NULL,      -- how often they came so
        dropped INTEGER NOT NULL        -- what came without the right signature, or unreadable
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX subscriptions_of_sources ON subscriptions (source) WHERE state <> 'leaving';
"""

_NAMES = [field.name for field in fields(Subscription)]
_TIMES = {"asked_at", "lease_until", "next_at", "content_at"}
_ALL = f"SELECT {', '.join(_NAMES)} FROM subscriptions"


def read_subscription(database: sqlite3.Connection, callback: str) -> Subscription | None:
    """Return the subscription whose hub calls at `callback`, None where there is none."""
    return next(_read(database, "callback = ?", callback), None)


def read_subscription_of(database: sqlite3.Connection, source: str) -> Subscription | None:
    """Return the subscription of a source, None where its feed was never read."""
    return next(_read(database, "source = ? AND state <> 'leaving'", source), None)


def list_subscriptions(database: sqlite3.Connection) -> list[Subscription]:
    """Return all subscriptions, also those that are to end."""
    return list(_read(database, "1"))


def change_subscription(
    database: sqlite3.Connection, callback: str, change: Callable[[Subscription], Subscription | None]
) -> Subscription | None:
    """Return a subscription as `change` makes it of what it is now, None where it is forgotten."""
    known = read_subscription(database, callback)
    changed = change(known) if known else None
    if changed is None:
        forget_subscription(database, callback)
    elif changed != known:
        write_subscription(database, changed)
    return changed


def write_subscription(database: sqlite3.Connection, subscription: Subscription) -> None:
    """Note a subscription as it is now."""
    values = [getattr(subscription, name) for name in _NAMES]
    written = [
        write_time(value) if name in _TIMES and value is not None else value
        for name, value in zip(_NAMES, values, strict=True)
    ]
    marks = ", ".join("?" * len(_NAMES))
    database.execute(
        f"INSERT OR REPLACE INTO subscriptions ({', '.join(_NAMES)}) VALUES ({marks})",
        written,
    )


def forget_subscription(database: sqlite3.Connection, callback: str) -> None:
    """Forget a subscription."""
    database.execute("DELETE FROM subscriptions WHERE callback = ?", (callback,))


def _read(database: sqlite3.Connection, condition: str, *values: str) -> Iterator[Subscription]:
    for row in database.execute(f"{_ALL} WHERE {condition} ORDER BY source, callback", values).fetchall():
        named: dict[str, Any] = {
            name: read_time(value) if name in _TIMES else value
            for name, value in zip(_NAMES, row, strict=True)
        }
        yield Subscription(**named)
