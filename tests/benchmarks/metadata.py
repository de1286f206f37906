"""How often title, authors and day of real pages are right, beside trafilatura on the same pages.

    python tests/benchmarks/metadata.py --data DIR [--misses]

Needs `pages/publishers.jsonl.gz` under DIR: one page a line with `html`, `url` and the publisher's
own `title`, `authors` and `date`. Right means: the same title but for white space, the same set of
authors, the same day (the publisher's or the UTC day).
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml.html import HtmlElement
from trafilatura import load_html
from trafilatura.metadata import extract_metadata

from schemas.address import host_of
from schemas.raw import RawArticle
from streams.draft import Draft
from streams.metadata.read import read_metadata
from streams.pages.parse import parse

Found = tuple[str | None, set[str], str | None]
_FETCHED = datetime(2026, 11, 22, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--misses", action="store_true", help="print each wrong answer beside the right one")
    options = parser.parse_args()
    with gzip.open(options.data / "pages" / "publishers.jsonl.gz", "rt") as lines:
        pages = [json.loads(line) for line in lines]
    ours = Score("naba", _parse, _ours)
    theirs = Score("trafilatura", _load, _theirs)
    for page in pages:
        for score in (ours, theirs):
            score.judge(page, options.misses and score is ours)
    print(
        f"{len(pages)} pages".ljust(14)
        + "".join(f"{name:>10}" for name in ("title", "authors", "day", "ms/page"))
    )
    for score in (ours, theirs):
        print(score.line(len(pages)))
    if ours.exchanged:
        # Their pages write dd.mm.yyyy; the publisher's parser took it for mm.dd.
        print(f"day and month exchanged in the gold: {', '.join(ours.exchanged)}")
    print(f"cost: trafilatura / naba = {theirs.seconds / ours.seconds:.1f}")


class Score:
    """One reader's right answers and its CPU time."""

    def __init__(
        self, name: str, parse: Callable[[str], HtmlElement], read: Callable[[HtmlElement, str], Found]
    ) -> None:
        self.name, self.parse, self.read, self.seconds = name, parse, read, 0.0
        self.right = {"title": 0, "authors": 0, "day": 0}
        self.exchanged: list[str] = []  # pages whose gold reads the month as the day

    def judge(self, page: dict[str, Any], verbose: bool) -> None:
        tree = self.parse(page["html"])
        start = time.process_time()
        title, authors, day = self.read(tree, page["url"])
        self.seconds += time.process_time() - start
        days = _days(page["date"])
        verdicts = {
            "title": (_fold(title), _fold(page["title"])),
            "authors": ({_fold(name) for name in authors}, {_fold(name) for name in page["authors"]}),
            "day": (day, day if day in days else page["date"]),
        }
        for field, (found, wanted) in verdicts.items():
            self.right[field] += found == wanted
            if verbose and found != wanted:
                print(f"{page['id']}: {field}\n    found  {found!r}\n    wanted {wanted!r}")
        if day and day not in days and f"{day[:5]}{day[8:]}-{day[5:7]}" in days:
            self.exchanged.append(page["id"])

    def line(self, total: int) -> str:
        shares = "".join(f"{100 * right / total:9.1f}%" for right in self.right.values())
        return f"{self.name:<14}{shares}{1000 * self.seconds / total:10.2f}"


def _days(gold: str | None) -> set[str | None]:
    if not gold:
        return {None}
    moment = datetime.fromisoformat(gold)
    return {
        moment.date().isoformat(),
        (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat(),
    }


def _raw(url: str | None) -> RawArticle:
    return RawArticle(raw_id="0" * 32, source="bench", url=url, content_type="text/html", fetched_at=_FETCHED)


def _parse(markup: str) -> HtmlElement:
    tree = parse(Draft(raw=_raw(None), markup=markup)).tree
    assert tree is not None
    return tree


def _load(markup: str) -> HtmlElement:
    tree = load_html(markup)
    assert tree is not None
    return tree


def _ours(tree: HtmlElement, url: str) -> Found:
    metadata = read_metadata(Draft(raw=_raw(url), host=host_of(url), tree=tree)).metadata
    published = metadata.published.at if metadata.published else None
    return metadata.title, set(metadata.authors), published.date().isoformat() if published else None


def _theirs(tree: HtmlElement, url: str) -> Found:
    # What `bare_extraction(with_metadata=True)` calls for its metadata, without the time of the text.
    found = extract_metadata(tree, default_url=url)
    return found.title, {name for name in (found.author or "").split("; ") if name}, found.date


def _fold(text: str | None) -> str:
    return " ".join((text or "").replace("\u00ad", "").split())


if __name__ == "__main__":
    main()
