"""What is known of sources, asked and changed in one thread of its own: the loop never waits for a disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from connectors.polling.tables import connect, transact

P = ParamSpec("P")
T = TypeVar("T")


class Book:
    """A store's tables of sources. Questions and changes are answered in their order."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="naba-book")
        self.database = connect(path)

    async def ask(
        self, question: Callable[Concatenate[sqlite3.Connection, P], T], *values: P.args, **named: P.kwargs
    ) -> T:
        """Return what `question` reads."""
        asked = partial(question, self.database, *values, **named)
        return await asyncio.get_running_loop().run_in_executor(self._thread, asked)

    async def change(
        self, order: Callable[Concatenate[sqlite3.Connection, P], T], *values: P.args, **named: P.kwargs
    ) -> T:
        """Return what `order` returns once what it has written is durable, all of it or nothing."""

        def write(database: sqlite3.Connection) -> T:
            with transact(database):
                return order(database, *values, **named)

        return await self.ask(write)

    def close(self) -> None:
        """Let what was begun be finished, and close the file."""
        self._thread.shutdown(wait=True)
        self.database.close()
