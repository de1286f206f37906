"""Memory of a worker: after 5,000 records and after 50,000, and with a full backlog of large pages.

Told is the proportional set size (what processes share is divided among them) of everything that
`naba worker` started, and of its Faust process, which holds what is under way.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from itertools import product
from pathlib import Path

import psutil

from tests.benchmarks.cluster import make_topics, push, run_broker, run_workers, wait_until_done
from tests.faults.inputs import make_lines

WORDS = ["".join(parts) for parts in product(("bar", "del", "fin"), ("gor", "hul"), ("kep", "lor", "mid"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--pages", type=int, default=3_000, help="large pages of the backlog")
    parser.add_argument("--data", help="not needed: the inputs are invented")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, run_broker(Path(folder)):
        here = Path(folder)
        settings = make_topics("memory")
        lines = make_lines(arguments.records)
        early = arguments.records // 10
        with run_workers([here / "w"], 2) as (worker,):
            for name, part in (("early", lines[:early]), ("late", lines[early:])):
                (here / f"{name}.jsonl").write_bytes(b"\n".join(part))
                push(here / f"{name}.jsonl")
                wait_until_done(settings)
                time.sleep(2)
                told = weigh(worker.pid)
                print(f"after {early if name == 'early' else len(lines):6,} records: {tell(told)}")
                if name == "early":
                    before = told
            print(f"ratio {told[0] / before[0]:.3f}, of the Faust process {told[1] / before[1]:.3f}")

        settings = make_topics("backlog")
        with (here / "large.jsonl").open("w") as stream:
            for number in range(arguments.pages):
                html = make_large(number)
                line = {"url": f"https://wire{number % 40}.example/{number}", "html": html}
                stream.write(json.dumps(line) + "\n")
        push(here / "large.jsonl")
        with run_workers([here / "l"], 2) as (worker,):
            peak = Peak(worker.pid)
            wait_until_done(settings)
            print(f"{arguments.pages:,} pages of {len(html) // 1000} kB waiting: at most {tell(peak.stop())}")


def make_large(number: int) -> str:
    """Return a page of 300 kB, most of it scripts as on real ones, different from every other."""
    chance = random.Random(number)
    words = [chance.choice(WORDS) for _ in range(300)]
    text = "".join(f"<p>{' '.join(words[at : at + 60])}.</p>" for at in range(0, 300, 60))
    script = "".join(f"var item{number}_{n} = {{id: {n * number}, name: 'part {n}'}};" for n in range(6_000))
    body = f"<article>{text} <p>Number {number}.</p></article>"
    return f"<html><script>{script}</script><body>{body}</body></html>"


def weigh(pid: int) -> tuple[float, float]:
    """Return the MB of the whole worker, and of its Faust process."""
    whole, faust = 0.0, 0.0
    top = psutil.Process(pid)
    for process in [top, *top.children(recursive=True)]:
        try:
            size = process.memory_full_info().pss / 1e6
            faust += size if "streams.app.start" in process.cmdline() else 0
        except psutil.NoSuchProcess:
            continue
        whole += size
    return whole, faust


def tell(sizes: tuple[float, float]) -> str:
    return f"{sizes[0]:.0f} MB, the Faust process {sizes[1]:.0f} MB"


class Peak:
    """The most that a worker took, looked at four times a second."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._over = pid, (0.0, 0.0), threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> tuple[float, float]:
        self._over.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            whole, faust = weigh(self._pid)
            self._most = max(self._most[0], whole), max(self._most[1], faust)


if __name__ == "__main__":
    main()
