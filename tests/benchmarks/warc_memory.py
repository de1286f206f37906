"""Memory and speed of reading archives: one of N captures, one of ten times as many.

Each is read in a fresh process by the source, and once more by a bare loop of fastwarc that decodes
the same payloads and makes no letters; `records` is the same of the source: reading, no letters.
Bar: the peak of the large archive is not over 1.10 of that of the small one.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from connectors.archives.archive import read_archive
from connectors.archives.records import Record, read_records
from tests.archives import Archive, make_page

_PER_CAPTURE = 300  # sentences more in each of four paragraphs: 20 kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="taken as by all benchmarks, and not needed")
    parser.add_argument("--captures", type=int, default=2_000)
    parser.add_argument(
        "--read", choices=("source", "records", "bare"), help="read one archive: what the children do"
    )
    parser.add_argument("--archive", type=Path)
    arguments = parser.parse_args()
    if arguments.read:
        read_one(arguments.archive, arguments.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        peaks: dict[tuple[str, int], float] = {}
        speeds: dict[tuple[str, int], float] = {}
        for count in (arguments.captures, 10 * arguments.captures):
            path = write_archive(Path(folder) / f"{count}.warc.gz", count)
            for way in ("source", "records", "bare"):
                command = [sys.executable, "-m", "tests.benchmarks.warc_memory", "--read", way]
                told = subprocess.check_output([*command, "--archive", str(path)], text=True).split()
                read, peaks[way, count], speeds[way, count] = int(told[0]), float(told[1]), float(told[2])
                print(
                    f"{way:7} {read:6} captures of {count}, {path.stat().st_size / 1e6:6.1f} MB stored: "
                    f"peak {peaks[way, count]:.1f} MB, {speeds[way, count]:.0f} a second"
                )
        few, many = arguments.captures, 10 * arguments.captures
        print(f"memory, ten times as many: ratio {peaks['source', many] / peaks['source', few]:.3f}")
        for way in ("source", "records"):
            print(
                f"speed of {way} beside the bare loop: ratio {speeds[way, many] / speeds['bare', many]:.2f}"
            )


def write_archive(path: Path, count: int) -> Path:
    """Write an archive of so many captures, a thousand at a time: it need not fit into memory."""
    with path.open("wb") as stream:
        for start in range(0, count, 1_000):
            archive = Archive()
            for number in range(start, min(start + 1_000, count)):
                archive.ask(number)
                archive.respond(number, make_page(number, " Nobody was late." * _PER_CAPTURE))
            stream.write(archive.content)
    return path


def read_one(path: Path, way: str) -> None:
    """Print how many captures were read, the peak of this process in megabytes, and captures a second.

    A second is one of the processor: what else runs beside it does not count.
    """
    began, count = time.process_time(), 0
    if way == "bare":
        records = ArchiveIterator(str(path), record_types=WarcRecordType.response, auto_decode="all")
        for record in records:
            count += bool(record.reader.read())
    elif way == "records":
        for found in read_records(str(path)):
            if isinstance(found, Record):
                count += b"\r\nWARC-Type: response\r\n" in found.head and bool(found.read(found.length))
                found.finish()
    else:
        for _ in read_archive(str(path), str(path), "old"):
            count += 1
    seconds = time.process_time() - began
    # Not of getrusage: that begins with what the parent had.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(count, int(peak[1]) / 1e3 if peak else 0, count / seconds)


if __name__ == "__main__":
    main()
