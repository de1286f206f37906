"""Ten thousand feeds in one process by a simulated clock: how late looks are, and what they take of memory.

The collection is the real one with its tables on a disk; only the network is simulated: every feed
has a rate of its own, from an item a minute to an item a week, and answers 304 where nothing came.
"""

import argparse
import asyncio
import contextlib
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.page import Page
from connectors.polling.collection import Collection
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.settings import PollSettings
from connectors.polling.tables import SCHEMA
from connectors.sources.feed import FeedSource

START = 1_790_000_000.0
SHOWN = 10  # items that a feed lists


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Time passes at once where nothing but time is waited for."""

    def __init__(self) -> None:
        self.moment = 0.0
        self.jobs = 0
        super().__init__()
        self.wait, self._selector.select = self._selector.select, self.select  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.moment

    def select(self, timeout: float | None = None) -> list[Any]:
        waits_for_time = timeout and not self.jobs
        found: list[Any] = self.wait(0 if waits_for_time or timeout == 0 else 0.01)
        if waits_for_time and not found:
            self.moment += timeout or 0.0
        return found

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self.jobs += 1
        job = super().run_in_executor(executor, func, *args)
        job.add_done_callback(lambda _job: setattr(self, "jobs", self.jobs - 1))
        return job


class SimulatedSites:
    """Answers as feeds do whose items come at their rates; each answer takes a tenth of a second to ten."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.asked = 0
        self.at_once = self.most_at_once = 0

    async def fetch(self, url: str, *, etag: str | None = None, **_more: Any) -> Page:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(min(10.0, random.Random(f"{url} {self.asked}").expovariate(1.0) + 0.1))
        self.at_once -= 1
        every = 60 * 10_080 ** random.Random(url).random()
        newest = int(self._clock() / every)
        tag = f'"{newest}"'
        common = {
            "asked": url,
            "url": url,
            "etag": tag,
            "fetched_at": datetime.fromtimestamp(self._clock(), UTC),
        }
        if etag == tag:
            return Page(status=304, **common)  # type: ignore[arg-type]
        items = "".join(
            f"<item><guid isPermaLink='false'>{n}</guid><title>Tide {n}</title>"
            f"<description>The tide of {n}.</description></item>"
            for n in range(newest, newest - SHOWN, -1)
        )
        body = f"<rss version='2.0'><channel><title>Tides</title>{items}</channel></rss>".encode()
        return Page(status=200, body=body, content_type="application/rss+xml", **common)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--data", help="not needed: the feeds are invented")
    arguments = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        delays, sites = simulate(Path(folder), arguments.feeds, arguments.hours * 3600)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cuts = quantiles(delays, n=1000)
    print(
        f"{arguments.feeds} feeds, {arguments.hours:g} hours: {len(delays)} looks, "
        f"{sites.most_at_once} at once"
    )
    print(
        f"late by: p50 {cuts[499]:.2f} s, p99 {cuts[989]:.2f} s, p99.9 {cuts[998]:.2f} s, "
        f"most {max(delays):.2f} s"
    )
    print(f"memory: {(after - before) / 1024:.0f} MB, {(after - before) / arguments.feeds:.1f} KB a feed")
    print(f"real time: {time.monotonic() - began:.0f} s")


def simulate(folder: Path, feeds: int, seconds: float) -> tuple[list[float], SimulatedSites]:
    """Return by how many seconds each look was later than planned."""
    loop = SimulatedLoop()

    def clock() -> float:
        return START + loop.time()

    sites = SimulatedSites(clock)

    @asynccontextmanager
    async def open_sites(_own: Sequence[str]) -> AsyncIterator[Fetcher]:
        yield sites  # type: ignore[misc]

    with contextlib.closing(sqlite3.connect(folder / "naba.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(SCHEMA)
    collection = Collection(
        CollectionSettings(
            path=str(folder / "naba.db"),
            named=[FeedSource(name=f"f{n}", url=f"https://f{n}.example/feed") for n in range(feeds)],
            open_fetcher=open_sites,
            poll=PollSettings(),
            now=clock,
        )
    )
    delays: list[float] = []
    planned: dict[str, float] = {}
    looks = collection._looks
    add, look = looks.agenda.add, looks.look

    def note_plan(name: str, at: float) -> None:
        planned[name] = at
        add(name, at)

    async def note_look(name: str) -> None:
        delays.append(clock() - planned[name])
        await look(name)

    looks.agenda.add, looks.look = note_plan, note_look  # type: ignore[method-assign]

    async def run() -> None:
        running = asyncio.ensure_future(collection._run())
        while loop.time() < seconds:
            await asyncio.sleep(0.02)
            while (letter := collection._intake.outbox.take(0)) is not None:
                collection.commit(letter)
        collection.stop()
        await running

    asyncio.set_event_loop(loop)
    loop.run_until_complete(run())
    return delays, sites


if __name__ == "__main__":
    main()
