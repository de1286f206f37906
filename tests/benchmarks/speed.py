"""Pages a CPU second of the whole pipeline, beside the loop that a user would write.

Both read the same pages in the same run, in turns; the CPU of every process is counted (ours with
its children, store and output files). The user's loop: trafilatura with its metadata, then
langdetect on the full text.
"""

import argparse
import contextlib
import ctypes
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SETS = ("pages/article_bodies.jsonl.gz", "pages/publishers.jsonl.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=3, help="times that the pages are run through")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "pages.jsonl"
        count = write_inputs(arguments.data, inputs, arguments.copies)
        print(f"{count} pages, {inputs.stat().st_size / count / 1000:.0f} kB each, {os.cpu_count()} cores")
        one = Path(folder) / "one.jsonl"  # what it costs to start, models and child processes included
        one.write_text('{"text": "too short"}\n')
        ratios = []
        for turn in range(arguments.rounds):
            ours = measure(run_naba(inputs, folder))
            theirs = measure([sys.executable, __file__, "--loop", str(inputs)])
            idle = [measure(run_naba(one, folder)), measure([sys.executable, __file__, "--loop", str(one)])]
            ratios.append((theirs - idle[1]) / (ours - idle[0]))
            print(
                f"round {turn + 1}: naba {count / ours:.1f} pages a CPU second (start-up {idle[0]:.1f} s), "
                f"the loop {count / theirs:.1f} (start-up {idle[1]:.1f} s); "
                f"ratio {theirs / ours:.2f}, without start-up {ratios[-1]:.2f}"
            )
        print(f"ratio without start-up, median of {len(ratios)}: {sorted(ratios)[len(ratios) // 2]:.2f}")


def write_inputs(data: Path, inputs: Path, copies: int) -> int:
    pages = []
    for name in SETS:
        with gzip.open(data / name) as stream:
            pages += [json.loads(line) for line in stream]
    with inputs.open("w") as stream:
        for turn in range(copies):
            for number, page in enumerate(pages):
                # Another address each time, so that no page is passed over as known.
                line = {"url": f"{page['url']}?{turn}", "html": page["html"], "source": f"{turn}-{number}"}
                stream.write(json.dumps(line) + "\n")
    return copies * len(pages)


def measure(command: list[str]) -> float:
    """Return the CPU seconds of the command and of everything it started."""
    # What outlives its parent (the fork server, for a moment) becomes our child, to be waited for.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run_naba(inputs: Path, folder: str) -> list[str]:
    """Return the command of the main job on an empty store of its own."""
    here = Path(tempfile.mkdtemp(dir=folder))
    files = {"--db": "naba.db", "--out": "articles.jsonl", "--outcomes": "outcomes.jsonl"}
    options = [word for option, name in files.items() for word in (option, str(here / name))]
    return [sys.executable, "-m", "streams.cli", "run", str(inputs), *options]


def run_loop(inputs: str) -> None:
    # Loaded here, so that the runs of naba do not pay for it.
    import trafilatura
    from langdetect import DetectorFactory, detect_langs
    from trafilatura.settings import Document

    DetectorFactory.seed = 0
    detect_langs("warm up, please")
    for line in Path(inputs).read_text().splitlines():
        record = json.loads(line)
        document = trafilatura.bare_extraction(
            record.get("html", ""), url=record.get("url"), with_metadata=True
        )
        if isinstance(document, Document) and document.text:
            detect_langs(document.text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--loop"]:
        run_loop(sys.argv[2])
    else:
        main()
