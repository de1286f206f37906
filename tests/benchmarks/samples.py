"""Cleans the five sample articles and checks what became of each of their lines.

Usage: python tests/benchmarks/samples.py --data DIR

DIR has `samples/*.txt`. What an ideal cleaner does is written down below by line numbers. Prints a
table, names each line that ended elsewhere, and exits with 1 if there is one.
"""

import argparse
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from schemas.ids import raw_id
from schemas.raw import RawArticle
from streams.cutting.rule import load_rules
from streams.draft import Draft
from streams.steps.clean import CleanStep


@dataclass(frozen=True, kw_only=True)
class Ideal:
    """Line numbers from 1: the lines of each paragraph, and those that go elsewhere."""

    paragraphs: list[list[int]]
    title: int | None = None
    kicker: int | None = None
    captions: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    language: str = "ar"
    truncated: bool = False


def each(numbers: range | list[int]) -> list[list[int]]:
    return [[number] for number in numbers]


IDEALS = {
    "000": Ideal(paragraphs=each(range(1, 14))),
    "001": Ideal(
        paragraphs=[[1, 2, 3], [4], [5, 6], *each(range(8, 15)), *each(range(16, 19))], removed=[7, 15]
    ),
    "002": Ideal(paragraphs=each(range(4, 19)), kicker=1, title=2, truncated=True),
    "003": Ideal(paragraphs=each([3, *range(11, 43, 2)]), title=1, captions=[7], removed=[5, 9, 43]),
    "004": Ideal(paragraphs=each(range(1, 22)), removed=list(range(22, 28)), language="en"),
}


def clean(text: str, step: CleanStep) -> Draft:
    raw = RawArticle(
        raw_id=raw_id("samples", None, text.encode(), None),
        source="samples",
        content=text,
        content_type="text/plain",
        fetched_at=datetime.now(UTC),
    )
    draft = Draft(raw=raw)
    for _, stage in step.stages():
        draft = stage(draft)
    return draft


def faults(draft: Draft, text: str, ideal: Ideal) -> list[str]:
    """Return where the draft differs from the ideal, in words."""
    lines = [" ".join(line.split()) for line in text.split("\n")]

    def at(number: int | None) -> str | None:
        return lines[number - 1] if number else None

    expected = {
        "paragraphs": [" ".join(lines[n - 1] for n in group) for group in ideal.paragraphs],
        "title": at(ideal.title),
        "kicker": at(ideal.kicker),
        "captions": [lines[n - 1] for n in ideal.captions],
        "removed": sorted(lines[n - 1] for n in ideal.removed),
        "language": ideal.language,
        "truncated": ideal.truncated,
    }
    found = {
        "paragraphs": list(draft.lines),
        "title": draft.title,
        "kicker": draft.kicker,
        "captions": list(draft.captions),
        "removed": sorted(removal.text for removal in draft.removed),
        "language": draft.language,
        "truncated": draft.truncated,
    }
    return [
        f"{key}: {found[key]!r}, not {expected[key]!r}" for key in expected if found[key] != expected[key]
    ]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    step = CleanStep(rules=load_rules())
    wrong = 0
    columns = "{:8}{:>11}{:>9}{:>10}  {:9} {:6} {:7} {:10} {}"
    heads = (
        "sample",
        "paragraphs",
        "removed",
        "captions",
        "language",
        "title",
        "kicker",
        "truncated",
        "right",
    )
    print(columns.format(*heads))
    for file in sorted((options.data / "samples").glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        draft = clean(text, step)
        found = faults(draft, text, IDEALS[file.name[:3]])
        wrong += len(found)
        sizes = (len(draft.lines), len(draft.removed), len(draft.captions))
        flags = (draft.title, draft.kicker, draft.truncated, not found)
        told = ("yes" if flag else "no" for flag in flags)
        print(columns.format(file.name[:3], *sizes, draft.language, *told))
        for removal in draft.removed:
            print(f"{'':10}{removal.rule:26} {removal.text[:70]}")
        for fault in found:
            print(f"{'':10}WRONG {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
