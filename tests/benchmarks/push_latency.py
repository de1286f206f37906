"""From a push over HTTP to its 202, to its record in a file, and to its record on `news.articles.v1`.

Pushes come at a steady rate, each on its own, whether those before it are answered or not. Beside both
runners of naba stands what one would write instead: a handler of aiohttp that extracts with trafilatura,
asks langdetect, appends to a file, and answers.
"""

import argparse
import asyncio
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from kafka import KafkaConsumer, TopicPartition

from connectors.broker.ports import find_port
from schemas.letter import ARTICLES
from tests.benchmarks.cluster import CLI, make_topics, run_broker, run_workers
from tests.faults.inputs import spread
from tests.news import make_article

PLAIN = Path(__file__).with_name("plain_receiver.py")
WARM_UP = 100
PATIENCE = 60.0  # seconds for what was pushed to arrive
TOKEN = "harbour-7"
SOURCE = """[[source]]
name = "partners"
kind = "receive"
listen = "127.0.0.1:{port}"
token_file = "partner.token"
"""
Moments = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--a-second", type=float, default=50)
    parser.add_argument("--data", help="not needed: the inputs are invented")
    arguments = parser.parse_args()
    rate = arguments.a_second
    count = WARM_UP + int(arguments.seconds * rate)
    for name, run in (("naba run", run_embedded), ("naba collect", run_kafka), ("a handler", run_handler)):
        with tempfile.TemporaryDirectory() as folder:
            pushed, answered, arrived = run(Path(folder), count, 1 / rate)
        urls = list(pushed)[WARM_UP:]
        answer, record = tell(urls, pushed, answered), tell(urls, pushed, arrived)
        print(f"{name}: {len(urls)} pushes, {rate:g} a second, milliseconds to the answer: {answer}, "
              f"to the record: {record}", flush=True)  # fmt: skip


def tell(urls: list[str], since: Moments, until: Moments) -> str:
    took = sorted(1000 * (until[url] - since[url]) for url in urls)
    shares = {share: took[int(len(took) * share / 100)] for share in (50, 99)}
    return ", ".join(f"p{share} {value:.1f}" for share, value in shares.items())


async def push(port: int, count: int, pause: float) -> tuple[Moments, Moments]:
    """Push so many articles, and return when each was sent and when it was answered."""
    chance = random.Random(6)
    lines = [spread(json.dumps(make_article(chance, number)).encode()) for number in range(count)]
    pushed, answered = Moments(), Moments()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

    async def send(session: aiohttp.ClientSession, line: bytes) -> None:
        url = json.loads(line)["url"]
        pushed[url] = time.monotonic()
        async with session.post(f"http://127.0.0.1:{port}/articles", data=line) as answer:
            if answer.status != 202:
                raise SystemExit(f"{answer.status}: {await answer.text()}")
            await answer.read()
        answered[url] = time.monotonic()

    timeout = aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session, asyncio.TaskGroup() as all:
        began = time.monotonic()
        for number, line in enumerate(lines):
            await asyncio.sleep(max(0.0, began + number * pause - time.monotonic()))
            all.create_task(send(session, line))
    return pushed, answered


def measure(
    port: int, count: int, pause: float, read: Callable[[Moments, Callable[[], bool]], None]
) -> tuple[Moments, Moments, Moments]:
    """Return when each article was sent, answered, and seen by `read`, which runs until it is told to end."""
    arrived = Moments()
    until = time.monotonic() + count * pause + PATIENCE

    def is_done() -> bool:
        return len(arrived) >= count or time.monotonic() > until

    reader = threading.Thread(target=read, args=(arrived, is_done))
    reader.start()
    try:
        pushed, answered = asyncio.run(push(port, count, pause))
    finally:
        reader.join()
    if missing := pushed.keys() - arrived.keys():
        raise SystemExit(f"{len(missing)} of {count} pushes have no record after a minute")
    return pushed, answered, arrived


def follow(path: Path) -> Callable[[Moments, Callable[[], bool]], None]:
    """Return what notes when each record stands in a file."""

    def read(arrived: Moments, is_done: Callable[[], bool]) -> None:
        while not path.exists() and not is_done():
            time.sleep(0.01)
        rest = b""
        with path.open("rb") as file:
            while not is_done():
                if not (piece := file.read()):
                    time.sleep(0.002)
                    continue
                *lines, rest = (rest + piece).split(b"\n")
                now = time.monotonic()
                for line in lines:
                    arrived.setdefault(json.loads(line)["url"], now)

    return read


@contextmanager
def run_server(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run what listens on a port, from when it does."""
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as running:
        try:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)
            yield
        finally:
            running.terminate()
            running.wait(60)


@contextmanager
def run_verb(folder: Path, *arguments: str) -> Iterator[int]:
    """Yield the port of a verb that receives."""
    port = find_port()
    (folder / "naba.toml").write_text(SOURCE.format(port=port))
    (folder / "partner.token").write_text(TOKEN)
    with run_server([*CLI, *arguments], folder, port):
        yield port


def run_embedded(folder: Path, count: int, pause: float) -> tuple[Moments, Moments, Moments]:
    with run_verb(folder, "run", "--out", "articles.jsonl") as port:
        return measure(port, count, pause, follow(folder / "articles.jsonl"))


def run_kafka(folder: Path, count: int, pause: float) -> tuple[Moments, Moments, Moments]:
    with run_broker(folder):
        settings = make_topics("push")

        def read(arrived: Moments, is_done: Callable[[], bool]) -> None:
            consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, fetch_max_wait_ms=100)
            topic = settings.topic(ARTICLES)
            consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
            consumer.seek_to_beginning()
            while not is_done():
                for records in consumer.poll(200).values():
                    for record in records:
                        arrived.setdefault(json.loads(record.value)["url"], time.monotonic())
            consumer.close()

        with run_workers([folder / "w"], 2), run_verb(folder, "collect", "partners") as port:
            return measure(port, count, pause, read)


def run_handler(folder: Path, count: int, pause: float) -> tuple[Moments, Moments, Moments]:
    out = folder / "articles.jsonl"
    port = find_port()
    with run_server([sys.executable, str(PLAIN), str(port), str(out)], folder, port):
        return measure(port, count, pause, follow(out))


if __name__ == "__main__":
    main()
