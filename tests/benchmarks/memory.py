"""Memory of the children over many pages, beside what it is after the first two thousand.

The real pages of the data set go round and round through children as the settings make them; the
resident memory of each is read every hundred pages. Bar: never over 1.10 of the first value.
"""

import argparse
import gzip
import json
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import psutil

from connectors.sources.line import read_line
from schemas.letter import raw_letter
from streams.children.open import open_children
from streams.children.pool import Promise
from streams.settings import Settings

SETS = ("pages/article_bodies.jsonl.gz", "pages/publishers.jsonl.gz")
FIRST = 2_000
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    pages = []
    for name in SETS:
        with gzip.open(arguments.data / name) as stream:
            pages += [json.loads(line) for line in stream]
    letters = [
        raw_letter(
            page["id"],
            read_line(json.dumps({"url": page["url"], "html": page["html"]}).encode(), None, NOW),
        )
        for page in pages
    ]
    settings = Settings()
    peaks: dict[str, float] = {"first": 0.0, "later": 0.0}
    with open_children(settings, arguments.workers) as children:
        waiting: deque[Promise] = deque()
        for number in range(arguments.pages):
            letter = letters[number % len(letters)]
            waiting.append(children.submit(letter))
            if len(waiting) >= 16:
                waiting.popleft().result()
            if number % 100 == 99:
                largest = max(measure_children())
                key = "first" if number < FIRST else "later"
                peaks[key] = max(peaks[key], largest)
            if number % 2_000 == 1_999:
                print(f"{number + 1:6} pages: largest child {largest:.0f} MB")
        while waiting:
            waiting.popleft().result()
    print(f"largest child in the first {FIRST}: {peaks['first']:.0f} MB, later: {peaks['later']:.0f} MB")
    ratio, pages_per_child = peaks["later"] / peaks["first"], settings.clean.pages_per_child
    print(f"ratio {ratio:.3f} (children are renewed after {pages_per_child} pages)")


def measure_children() -> list[float]:
    """Return the resident megabytes of each child: the processes of the fork server."""
    return [
        child.memory_info().rss / 1e6 for server in psutil.Process().children() for child in server.children()
    ] or [0.0]


if __name__ == "__main__":
    main()
