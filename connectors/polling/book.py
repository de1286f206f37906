"""What is known of sources, asked and changed in one thread of its own: the loop never waits for a disk."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from connectors.polling.tables import connect
from connectors.transaction import transact

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class _Order:
    write: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Book:
    """A store's tables of sources. Orders that wait at the same time become durable together."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="naba-book")
        self._orders: list[_Order] = []
        self._lock = threading.Lock()  # of the orders
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
            return order(database, *values, **named)

        loop = asyncio.get_running_loop()
        waiting = _Order(write, loop.create_future())
        with self._lock:
            self._orders.append(waiting)
            is_first = len(self._orders) == 1
        if is_first:
            self._thread.submit(self._write_all, loop)
        result: T = await waiting.future
        return result

    def close(self) -> None:
        """Let what was begun be finished, and close the file."""
        self._thread.shutdown(wait=True)
        self.database.close()

    def _write_all(self, loop: asyncio.AbstractEventLoop) -> None:
        # Each waits for the disk; a hundred that come while it is busy wait for it once.
        with self._lock:
            orders, self._orders = self._orders, []
        try:
            with transact(self.database):
                for order in orders:
                    self._write(order)
        except BaseException as error:  # of the disk: it is everybody's
            for order in orders:
                order.error = error
        loop.call_soon_threadsafe(_tell, orders)

    def _write(self, order: _Order) -> None:
        self.database.execute("SAVEPOINT one")
        try:
            order.result = order.write(self.database)
        except Exception as error:
            order.error = error
            self.database.execute("ROLLBACK TO one")
        self.database.execute("RELEASE one")


def _tell(orders: list[_Order]) -> None:
    for order in orders:
        if order.future.done():
            continue  # who asked was cancelled
        if order.error is not None:
            order.future.set_exception(order.error)
        else:
            order.future.set_result(order.result)
