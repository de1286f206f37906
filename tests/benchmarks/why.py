"""`naba why` on a ledger of a million deliveries: wall seconds of the whole command.

Beside it the same question asked of the outcomes file, as one would without a ledger (grep).
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from schemas.article import Article
from schemas.codec import encode
from schemas.ids import article_id, hash_parts
from schemas.letter import ARTICLES, INPUT, OUTCOMES, RAW_ID, Letter
from schemas.outcome import Outcome
from streams.embedded.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "The harbour office told the boats of the northern pier to wait for the tide, and they waited. " * 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not needed; taken so that all benchmarks are called alike")
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db, lines = Path(folder) / "naba.db", Path(folder) / "outcomes.jsonl"
        with Store(str(db)) as store, lines.open("wb") as stream:
            for number in range(arguments.rows):
                if number % 10_000 == 0:
                    store.commit()
                    store.begin()
                letters = make_letters(number)
                store.append(letters, NOW)
                stream.write(letters[1].value + b"\n")
            store.commit()
        print(f"{arguments.rows:,} deliveries, {db.stat().st_size / 1e6:.0f} MB")
        url = make_url(arguments.rows * 9 // 10)
        naba = [sys.executable, "-m", "streams.cli", "why", "--db", str(db)]
        ours = measure([*naba, url])
        unknown = measure([*naba, "https://pier.example/never"])
        grep = measure(["grep", "-F", url, str(lines)])
        print(f"naba why URL: {ours:.2f} s; of an unknown one {unknown:.2f} s; grep in the file {grep:.2f} s")


def make_url(number: int) -> str:
    return f"https://pier.example/{number}"


def make_letters(number: int) -> tuple[Letter, Letter]:
    """Return an article and its outcome."""
    url, raw_id = make_url(number), hash_parts("raw", str(number))
    article = Article(
        article_id=article_id(url, b""), url=url, title=f"Story {number}", text=TEXT, content_hash=raw_id,
        source="pier", raw_id=raw_id, fetched_at=NOW, versions={},
    )  # fmt: skip
    where = f"pier.jsonl:{number}"
    outcome = Outcome(
        input=where, url=url, raw_id=raw_id, outcome="published", article_id=article.article_id, revision=1
    )
    headers = {INPUT: where, RAW_ID: raw_id}
    return (
        Letter(ARTICLES, article.article_id, encode(article), headers),
        Letter(OUTCOMES, raw_id, encode(outcome), headers),
    )


def measure(command: list[str]) -> float:
    """Return the median wall seconds of five runs."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
