"""From an item's appearance in a feed to its clean record: a real site on loopback, a real `naba run`.

The feed is asked as often as `poll.floor` says (here a second), and the host's turns are kept
(`fetch.pause`): what is measured beyond their sum is naba's own. Beside it stands a plain loop that
asks as often, fetches the page with aiohttp and extracts it with trafilatura.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import aiohttp
import feedparser
import orjson
import trafilatura

from tests.site import Site

WARM_UP = 5
SETTINGS = """[fetch]
allow_private = true
pause = {pause}
[poll]
floor = 1
ceiling = 1
[[source]]
name = "harbour"
kind = "feed"
url = "{url}/feed.xml"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--data", help="not needed: the news are invented")
    arguments = parser.parse_args()
    for name, run in (("naba", run_naba), ("plain loop", run_loop)):
        took = sorted(run(arguments.items + WARM_UP, arguments.pause)[WARM_UP:])
        told = ", ".join(f"p{share} {took[int(len(took) * share / 100)]:.2f}" for share in (50, 90, 99))
        print(f"{name}: {len(took)} items, seconds from the feed to the record: {told}, most {took[-1]:.2f}")


def publish(site: Site, count: int, has: Callable[[str], bool]) -> list[float]:
    """Publish stories at moments by chance, and return the seconds until each is there."""
    chance, took = random.Random(4), list[float]()
    for number in range(count):
        time.sleep(chance.uniform(0.2, 1.2))
        url = site.publish(f"/news/{number}")
        began = time.monotonic()
        while not has(url):
            time.sleep(0.005)
            if time.monotonic() - began > 60:
                raise SystemExit(f"{url} has no record after a minute")
        took.append(time.monotonic() - began)
    return took


def run_naba(count: int, pause: float) -> list[float]:
    with tempfile.TemporaryDirectory() as folder, Site() as site:
        (Path(folder) / "naba.toml").write_text(SETTINGS.format(url=site.url, pause=pause))
        command = [sys.executable, "-m", "streams.cli", "run", "--out", "-"]
        arrived: set[str] = set()
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as running:

            def read() -> None:
                assert running.stdout is not None
                for line in running.stdout:
                    arrived.add(orjson.loads(line)["url"])

            reader = threading.Thread(target=read)
            reader.start()
            try:
                return publish(site, count, arrived.__contains__)
            finally:
                running.terminate()
                reader.join()


def run_loop(count: int, pause: float) -> list[float]:
    stop, arrived = threading.Event(), set[str]()
    with Site() as site:

        async def look() -> None:
            async with aiohttp.ClientSession() as session:
                while not stop.is_set():
                    async with session.get(f"{site.url}/feed.xml") as answer:
                        feed = feedparser.parse(BytesIO(await answer.read()))
                    await asyncio.sleep(pause)
                    for entry in feed.entries:
                        if entry.link not in arrived:
                            async with session.get(entry.link) as page:
                                trafilatura.extract(await page.read(), with_metadata=True)
                            arrived.add(entry.link)
                            await asyncio.sleep(pause)

        thread = threading.Thread(target=lambda: asyncio.run(look()))
        thread.start()
        try:
            return publish(site, count, arrived.__contains__)
        finally:
            stop.set()
            thread.join()


if __name__ == "__main__":
    main()
