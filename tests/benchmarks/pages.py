"""Body text of real pages beside trafilatura's on the same pages: F1, precision, recall, CPU time.

    python tests/benchmarks/pages.py --data DIR [--stage extract] [--worst N]

Two measures. `article_bodies` is scored as its public benchmark does it: multisets of 4-grams of
words; true and false positives and false negatives of a page are divided by their sum, then added
up. `publishers` is scored by the mean of the pages' token F1 against the publisher's paragraphs, scripts
without spaces by the character.
"""

import argparse
import gzip
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import trafilatura

from schemas.address import host_of
from schemas.raw import RawArticle
from streams.cutting.rule import load_rules
from streams.draft import Draft
from streams.reject import Reject
from streams.steps.clean import CleanStep

Page = dict[str, Any]
Read = Callable[[Page], str]
Tokens = Callable[[str], Counter[Any]]

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def _words(text: str) -> list[str]:
    # Soft hyphens are no letters: some publishers set them into their gold, we drop them.
    return _WORD.findall(text.replace("\u00ad", ""))


def shingles(text: str) -> Counter[Any]:
    """Return the 4-grams of words with their counts; a shorter text is one gram."""
    words = _words(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


def tokens(text: str) -> Counter[Any]:
    """Return the words with their counts; of scripts without spaces, the characters."""
    return Counter(token for word in _words(text) for token in (word if _UNSPACED.search(word) else (word,)))


@dataclass
class Score:
    """What one reader got right, page by page: (true positives, false positives, false negatives)."""

    name: str
    read: Read
    pages: list[tuple[str, float, float, float]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, page: Page, gold: str, count: Tokens) -> None:
        """Read one page on the clock and score it."""
        before = time.process_time()
        text = self.read(page)
        self.seconds += time.process_time() - before
        found, wanted = count(text), count(gold)
        right = sum((found & wanted).values())
        self.pages.append((page["url"], right, found.total() - right, wanted.total() - right))

    def f1s(self) -> Iterator[float]:
        """Yield the F1 of each page."""
        for _, right, wrong, missed in self.pages:
            yield 2 * right / (2 * right + wrong + missed) if right else float(wrong + missed == 0)


def pooled(score: Score) -> tuple[float, float, float]:
    """Return F1, precision and recall over pages of equal weight, pooled before dividing."""
    right = wrong = missed = 0.0
    for _, r, w, m in score.pages:
        right, wrong, missed = right + r / (r + w + m), wrong + w / (r + w + m), missed + m / (r + w + m)
    precision, recall = right / (right + wrong), right / (right + missed)
    return 2 * precision * recall / (precision + recall), precision, recall


def averaged(score: Score) -> tuple[float, float, float]:
    """Return the means over pages of F1, precision and recall."""
    n = len(score.pages)
    precision = sum(r / (r + w) if r else 0.0 for _, r, w, _ in score.pages) / n
    recall = sum(r / (r + m) if r else 0.0 for _, r, _, m in score.pages) / n
    return sum(score.f1s()) / n, precision, recall


def read_pages(file: Path) -> list[Page]:
    """Return the pages of one file of lines."""
    with gzip.open(file) as lines:
        return [orjson.loads(line) for line in lines]


def naba_reader(last: str | None) -> Read:
    """Return our reader: the whole clean chain, or the chain up to the stage `last`."""
    stages = list(CleanStep(rules=load_rules()).stages())
    if last is not None:
        stages = stages[: [name for name, _ in stages].index(last) + 1]

    def read(page: Page) -> str:
        draft = Draft(
            raw=RawArticle(
                raw_id="0" * 32,
                source="benchmark",
                url=page["url"],
                content=page["html"],
                content_type="text/html; charset=utf-8",
                fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            ),
            host=host_of(page["url"]),
        )
        try:
            for _, stage in stages:
                draft = stage(draft)
        except Reject as reject:
            print(f"  rejected: {reject} {page['url']}")
            return ""
        return "\n".join(draft.lines)

    return read


def default_reader(page: Page) -> str:
    """Return what `trafilatura.extract` gives without the readers' comments."""
    return trafilatura.extract(page["html"], include_comments=False) or ""


def library_reader(page: Page) -> str:
    """Return what `trafilatura.extract` gives without any option."""
    return trafilatura.extract(page["html"]) or ""


def main() -> None:
    """Print one table a set, and with `--worst` the pages where we do worst."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stage", help="end the chain after this stage")
    parser.add_argument("--worst", type=int, default=0, help="list so many of our worst pages")
    options = parser.parse_args()
    folder = options.data / "pages"
    for file, gold, count, measure in (
        ("article_bodies", lambda page: page["body"], shingles, pooled),
        ("publishers", lambda page: "\n".join(page["paragraphs"]), tokens, averaged),
    ):
        pages = read_pages(folder / f"{file}.jsonl.gz")
        scores = [
            Score("naba", naba_reader(options.stage)),
            Score("trafilatura, no comments", default_reader),
            Score("trafilatura, no options", library_reader),
        ]
        for number, page in enumerate(pages):
            # In turn, so that no reader always finds the caches warm.
            for score in scores[number % 3 :] + scores[: number % 3]:
                score.add(page, gold(page), count)
        print(f"\n{file}: {len(pages)} pages\n{'':26}     F1      P      R   F1<.5   ms/page")
        for score in scores:
            f1, precision, recall = (100 * value for value in measure(score))
            poor = sum(value < 0.5 for value in score.f1s())
            spent = 1000 * score.seconds / len(pages)
            print(f"{score.name:26} {f1:6.2f} {precision:6.2f} {recall:6.2f} {poor:7} {spent:9.1f}")
        ranked = sorted(zip(scores[0].f1s(), scores[1].f1s(), scores[0].pages, strict=True))
        for ours, theirs, (url, right, wrong, missed) in ranked[: options.worst]:
            beside = f"(trafilatura {100 * theirs:5.1f})"
            print(f"  {100 * ours:5.1f} {beside} +{wrong:g} -{missed:g} of {right + missed:g}  {url}")


if __name__ == "__main__":
    main()
