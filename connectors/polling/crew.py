"""Does what stands on an agenda when it is due, so many things at once."""

import asyncio
from collections.abc import Awaitable, Callable

from connectors.polling.agenda import Agenda

_LONGEST_WAIT = 5.0  # seconds: a clock that is set forward is noticed


class Crew:
    """`work` is called with each name whose time has come, once at a time; what it raises ends `run`."""

    def __init__(
        self, agenda: Agenda, work: Callable[[str], Awaitable[None]], most: int, now: Callable[[], float]
    ) -> None:
        self._agenda, self._work, self._most, self._now = agenda, work, most, now
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: dict[str, float] = {}  # came due while it was being done
        self._failure: BaseException | None = None

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is being done, and nothing is due."""
        next_at = self._agenda.next_at()
        return not self._running and (next_at is None or next_at > self._now())

    async def run(self) -> None:
        """Work for ever; when it is cancelled, what is being done is cancelled as well."""
        try:
            while self._failure is None:
                while (
                    len(self._running) < self._most and (name := self._agenda.take(self._now())) is not None
                ):
                    self._begin(name)
                next_at = self._agenda.next_at()
                full = len(self._running) >= self._most
                wait = _LONGEST_WAIT if next_at is None or full else max(0.0, next_at - self._now())
                await self._agenda.wait(min(wait, _LONGEST_WAIT))
            raise self._failure
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, name: str) -> None:
        if name in self._running:
            self._again.setdefault(name, self._now())
            return
        task = asyncio.ensure_future(self._work(name))
        self._running[name] = task
        task.add_done_callback(lambda done: self._finish(name, done))

    def _finish(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        if name in self._again:
            self._agenda.add(name, self._again.pop(name))
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
        self._agenda.wake()
