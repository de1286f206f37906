"""Where pushed letters are safe: what both runners promise a sender before it gets its 2xx."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.letter import Letter

_PATIENCE = 10.0


class Busy(Exception):
    """Nothing can be kept now; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was read of one request; `body` is the hash of what came, `key` what its sender calls it."""

    source: str
    key: str | None
    body: str
    letters: Sequence[Letter]


async def write_in_time(writing: Coroutine[Any, Any, None]) -> None:
    """Come back when the store has been written; raises Busy where it cannot be, or not within 10 s.

    What is late is written all the same: its sender comes again, and finds it done.
    """
    task = asyncio.ensure_future(writing)
    done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
    if not done:
        task.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody waits for it
        raise Busy("the store is locked", _PATIENCE)
    try:
        task.result()
    except sqlite3.OperationalError as error:  # the disk is full
        raise Busy(f"the store cannot be written: {error}", 3 * _PATIENCE) from None


class Keep(Protocol):
    """Keeps letters so that no crash takes them back."""

    def check(self) -> None:
        """Raise Busy where it is of no use to send anything now."""
        ...

    async def take(self, pushed: Pushed) -> None:
        """Come back when all is safe. Raises Busy, and KeyReused."""
        ...
