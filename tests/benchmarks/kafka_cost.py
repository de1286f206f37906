"""CPU seconds a record on Kafka beside the embedded runner, on the same pages in one run.

Counted are all processes but the broker: the workers with their children and supervisors, and told
apart from them the push before and the sink behind. What a start costs is measured on one short
text and taken off both sides, as in speed.py.
"""

import argparse
import ctypes
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.cluster import CLI, make_topics, push, run_broker, run_workers, wait_until_done
from tests.benchmarks.speed import PR_SET_CHILD_SUBREAPER, run_naba, write_inputs


@dataclass
class Cost:
    """CPU seconds, and the seconds on the wall from the workers' readiness to the last commit."""

    push: float
    worker: float
    sink: float
    wall: float

    def less(self, start: "Cost") -> "Cost":
        return Cost(self.push - start.push, self.worker - start.worker, self.sink - start.sink, self.wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=6, help="times that the pages are run through")
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory() as folder, run_broker(Path(folder)):
        inputs, one = Path(folder) / "pages.jsonl", Path(folder) / "one.jsonl"
        count = write_inputs(arguments.data, inputs, arguments.copies)
        one.write_text('{"text": "too short"}\n')
        print(f"{count} pages, {inputs.stat().st_size / count / 1000:.0f} kB each, {os.cpu_count()} cores")
        ratios, wholes, doubles = [], [], []
        for turn in range(arguments.rounds):
            began = time.monotonic()
            embedded = measure(lambda: run(run_naba(inputs, folder)))
            wall = time.monotonic() - began
            embedded -= measure(lambda: run(run_naba(one, folder)))
            here = Path(folder) / f"round{turn}"
            single = run_on_kafka(here / "one", inputs, 1).less(run_on_kafka(here / "start", one, 1))
            double = run_on_kafka(here / "two", inputs, 2).less(run_on_kafka(here / "starts", one, 2))
            ratios.append(single.worker / embedded)
            wholes.append((single.push + single.worker + single.sink) / embedded)
            doubles.append(double.worker / single.worker)
            told = [1000 * cost / count for cost in (embedded, single.worker, single.push, single.sink)]
            print(
                f"round {turn + 1}: CPU ms a page: embedded {told[0]:.2f}, worker {told[1]:.2f}, push "
                f"{told[2]:.2f}, sink {told[3]:.2f}; worker to embedded {ratios[-1]:.3f}, all to embedded "
                f"{wholes[-1]:.3f}, two workers to one {doubles[-1]:.3f}; "
                f"wall: embedded {wall:.0f} s, one worker {single.wall:.0f} s, two {double.wall:.0f} s"
            )
        names = ("worker to embedded", "with push and sink", "two workers to one")
        for name, found in zip(names, (ratios, wholes, doubles), strict=True):
            print(f"{name}: median of {len(found)}: {sorted(found)[len(found) // 2]:.3f}")


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def measure(work: Callable[[], None]) -> float:
    """Return the CPU seconds of what `work` starts and ends, and of what outlived its parent."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    until = time.monotonic() + 2.0  # the fork server of a process that has ended takes a moment
    while time.monotonic() < until:
        ended, _ = os.waitpid(-1, os.WNOHANG)  # the broker is a child too, and goes on
        if not ended:
            time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run_on_kafka(here: Path, inputs: Path, workers: int) -> Cost:
    """Push, work, write files: each with its topics, folders and processes of its own."""
    here.mkdir(parents=True)
    settings = make_topics("-".join(here.parts[-2:]))
    walls = []

    def work() -> None:
        with run_workers([here / str(number) for number in range(workers)], 2 // workers):
            began = time.monotonic()
            wait_until_done(settings)
            walls.append(time.monotonic() - began)

    pushed, worked = measure(lambda: push(inputs)), measure(work)
    files = ["--out", str(here / "articles.jsonl"), "--outcomes", str(here / "outcomes.jsonl")]
    sunk = measure(lambda: run([*CLI, "sink", "files", *files, "--until-idle", "1"]))
    return Cost(push=pushed, worker=worked, sink=sunk, wall=walls[0])


if __name__ == "__main__":
    main()
