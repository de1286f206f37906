"""Latency of a single push: from its send to its record on `news.articles.v1`, at 50 a second."""

import argparse
import json
import random
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.cluster.settings import KafkaSettings
from connectors.sources.line import read_line
from schemas.letter import ARTICLES, RAW, raw_letter
from tests.benchmarks.cluster import make_topics, run_broker, run_workers
from tests.faults.inputs import spread
from tests.news import make_article

WARM_UP = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--a-second", type=float, default=50)
    parser.add_argument("--data", help="not needed: the inputs are invented")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, run_broker(Path(folder)):
        settings = make_topics("latency")
        with run_workers([Path(folder) / "w"], 2):
            took = measure(settings, arguments.count + WARM_UP, 1 / arguments.a_second)[WARM_UP:]
        took.sort()
        shares = {share: 1000 * took[int(len(took) * share / 100)] for share in (50, 90, 99)}
        print(f"{len(took)} pushes, {arguments.a_second:g} a second, milliseconds from send to record: "
              + ", ".join(f"p{share} {value:.0f}" for share, value in shares.items())
              + f", most {1000 * took[-1]:.0f}")  # fmt: skip


def measure(settings: KafkaSettings, count: int, pause: float) -> list[float]:
    """Return the seconds of each push, in the order of sending."""
    sent: dict[str, float] = {}
    arrived: dict[str, float] = {}
    ready = threading.Event()

    def read() -> None:
        consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, fetch_max_wait_ms=100)
        topic = settings.topic(ARTICLES)
        consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
        consumer.seek_to_end()
        consumer.poll(100)
        ready.set()
        until = time.monotonic() + count * pause + 60
        while len(arrived) < count and time.monotonic() < until:
            for records in consumer.poll(200).values():
                for record in records:
                    arrived[json.loads(record.value)["url"]] = time.monotonic()
        consumer.close()

    reader = threading.Thread(target=read)
    reader.start()
    ready.wait()
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=0, compression_type="zstd")
    chance = random.Random(3)
    began = time.monotonic()
    for number in range(count):
        line = spread(json.dumps(make_article(chance, number)).encode())
        article = json.loads(line)
        letter = raw_letter(f"push:{number}", read_line(line, None, datetime.now(UTC)))
        time.sleep(max(0.0, began + number * pause - time.monotonic()))
        sent[article["url"]] = time.monotonic()
        headers = [(name, text.encode()) for name, text in letter.headers.items()]
        producer.send(settings.topic(RAW), letter.value, letter.key.encode(), headers)
    reader.join()
    producer.close()
    missing = [url for url in sent if url not in arrived]
    if missing:
        raise SystemExit(f"{len(missing)} of {count} pushes have no record after a minute")
    return [arrived[url] - sent[url] for url in sent]


if __name__ == "__main__":
    main()
