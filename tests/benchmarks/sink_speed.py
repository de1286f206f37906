"""Records a second that each sink takes, beside the bare bulk loop of its client on the same records.

Both write the same batches to the same disk, in turns, and both have them durable before the next
one: a ratio of 1 means that ids, revisions, copies and deletions cost nothing. Bare loops: for
jsonl each record read and written by orjson, and fsynced (a copy of bytes that never looks into them
takes less than half of that); for sqlite `executemany` of an upsert by revision and of the same
full-text index.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from connectors.sink import Received
from connectors.sinks.columns import ARTICLE_COLUMNS
from connectors.sinks.jsonl import JsonlSink
from connectors.sinks.search_words import fold_words
from connectors.sinks.sqlite import SqliteSink
from connectors.sinks.sqlite_tables import open_tables
from schemas.letter import ARTICLES
from tests.benchmarks.sink_speed_postgres import start_postgres, write_postgres, write_postgres_rows
from tests.benchmarks.sink_speed_webhook import start_receiver, write_posts, write_webhook
from tests.revisions import divide, make_stream, receive

Batches = Sequence[Sequence[Received]]
Write = Callable[[Path, Batches], None]  # into an empty folder


@dataclass(frozen=True)
class Row:
    """A sink, and the loop that it is measured against."""

    kind: str
    sink: Write
    bare: Write
    prepare: Callable[[], object] = lambda: None  # before the first round


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--sentences", type=int, default=20, help="of a record's text")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kind", choices=[row.kind for row in ROWS], help="only this sink")
    parser.add_argument("--folder", type=Path, help="where to write, on the disk that is meant")
    arguments = parser.parse_args()
    # Without what comes again: a bare loop would write it twice.
    letters = [
        letter
        for letter in {
            letter.value: letter for letter in make_stream(arguments.records, arguments.sentences)
        }.values()
        if letter.topic == ARTICLES
    ]
    batches = list(divide(receive(letters), arguments.batch))
    size = sum(len(letter.value) for letter in letters)
    print(
        f"{len(letters)} records, {size / len(letters) / 1000:.1f} kB each, in batches of {arguments.batch}"
    )
    for row in ROWS:
        if arguments.kind in (None, row.kind):
            row.prepare()
            took: dict[str, list[float]] = {"sink": [], "bare": []}
            for turn in range(arguments.rounds):
                # Each is first in every second round.
                for name in ("sink", "bare") if turn % 2 else ("bare", "sink"):
                    took[name].append(measure(getattr(row, name), batches, arguments.folder))
            ratios = [bare / sink for bare, sink in zip(took["bare"], took["sink"], strict=True)]
            print(
                f"{row.kind}: {len(letters) / min(took['sink']):.0f} records a second, "
                f"bare {len(letters) / min(took['bare']):.0f} (the best of {arguments.rounds} rounds); "
                f"ratio {median(ratios):.2f} (median; {min(ratios):.2f} to {max(ratios):.2f})"
            )


def measure(write: Write, batches: Batches, folder: Path | None) -> float:
    """Return the seconds that it takes, from opening to closing."""
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        os.sync()
        begun = time.perf_counter()
        write(Path(empty), batches)
        return time.perf_counter() - begun


def write_jsonl(folder: Path, batches: Batches) -> None:
    with closing(JsonlSink(name="a", path=str(folder / "a.jsonl")).open(print)) as sink:
        for batch in batches:
            sink.write(batch)


def write_lines(folder: Path, batches: Batches) -> None:
    with (folder / "a.jsonl").open("wb") as file:
        for batch in batches:
            for item in batch:
                file.write(orjson.dumps(orjson.loads(item.letter.value)) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def write_sqlite(folder: Path, batches: Batches) -> None:
    with closing(SqliteSink(name="a", path=str(folder / "a.db")).open(print)) as sink:
        for batch in batches:
            sink.write(batch)


def write_rows(folder: Path, batches: Batches) -> None:
    names = [*(column.name for column in ARTICLE_COLUMNS), "record", "seq"]
    upsert = (
        f"INSERT INTO articles ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
        f"ON CONFLICT (article_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names)} "
        "WHERE excluded.revision > articles.revision"
    )
    index = "INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)"
    seq = 0
    with closing(open_tables(folder / "a.db")) as database:
        for batch in batches:
            rows, words = [], []
            for item in batch:
                seq += 1
                record = orjson.loads(item.letter.value)
                record |= {"record": item.letter.value.decode(), "seq": seq}
                record |= {name: orjson.dumps(record[name]).decode() for name in ("authors", "tags")}
                rows.append([record[name] for name in names])
                words.append((seq, fold_words(record["title"]), fold_words(record["text"])))
            database.execute("BEGIN IMMEDIATE")
            database.executemany(upsert, rows)
            database.executemany(index, words)
            database.execute("COMMIT")


ROWS = (
    Row("jsonl", write_jsonl, write_lines),
    Row("sqlite", write_sqlite, write_rows),
    Row("postgres", write_postgres, write_postgres_rows, start_postgres),
    Row("webhook", write_webhook, write_posts, start_receiver),
)

if __name__ == "__main__":
    main()
