"""What do the rules cut, join, lift and flag in real articles? Counts by rule, with examples to read.

Usage: python tests/benchmarks/cuts.py --data DIR [--examples N] [--rule PREFIX]

DIR has `arabic_news/articles.jsonl.gz` (host, url, title, text) and `pages/*.jsonl.gz` (url, html).
"""

import argparse
import gzip
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from schemas.address import host_of
from schemas.ids import raw_id
from schemas.raw import RawArticle
from streams.cutting.cut import cut
from streams.cutting.prune import prune
from streams.cutting.rule import Rules, load_rules
from streams.draft import Draft
from streams.metadata.read import read_metadata
from streams.pages.decode import decode
from streams.pages.extract import extract
from streams.pages.parse import parse
from streams.reject import Reject
from streams.text.lift import lift
from streams.text.repair import repair
from streams.text.truncation import mark_truncated
from streams.text.unwrap import unwrap

WHEN = datetime(2020, 1, 1, tzinfo=UTC)


def read(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file) as lines:
        yield from map(orjson.loads, lines)


def drafts(data: Path, rules: Rules) -> Iterator[Draft]:
    """Yield the articles of DIR as they come to the stages that this measures."""
    for item in read(data / "arabic_news" / "articles.jsonl.gz"):
        yield replace(
            draft(item, item["text"], "text/plain"),
            lines=tuple(item["text"].split("\n")),
            title=item["title"],
        )
    for name in ("publishers", "article_bodies"):
        for item in read(data / "pages" / f"{name}.jsonl.gz"):
            try:
                parsed = parse(decode(draft(item, item["html"], "text/html")))
                yield extract(prune(read_metadata(parsed, zone=UTC), rules))
            except Reject as reject:
                print(f"{item['url']}: {reject}")


def draft(item: dict[str, str], content: str, kind: str) -> Draft:
    url = item.get("url")
    raw = RawArticle(
        raw_id=raw_id("benchmark", url, content.encode(), None),
        source="benchmark",
        url=url,
        content=content,
        content_type=kind,
        fetched_at=WHEN,
    )
    return Draft(raw=raw, host=host_of(url))


def main() -> None:
    """Print the counts and examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=10)
    parser.add_argument("--rule", default="", help="only the rules that begin with this")
    options = parser.parse_args()
    rules = load_rules()
    counts: Counter[str] = Counter()
    examples: defaultdict[str, list[str]] = defaultdict(list)

    def note(rule: str, example: str) -> None:
        counts[rule] += 1
        examples[rule].append(example)

    articles = lines = 0
    spent = 0.0
    for arrived in drafts(options.data, rules):
        started = time.process_time()
        repaired = repair(arrived)
        kept = cut(repaired, rules)
        joined = unwrap(kept)
        lifted = lift(joined)
        done = mark_truncated(lifted)
        spent += time.process_time() - started
        articles += 1
        lines += len(repaired.lines)
        for removal in done.removed:
            note(removal.rule, f"{arrived.host}: {removal.text}")
        whole = set(kept.lines)
        for line in joined.lines:
            if line not in whole:
                note("unwrap", f"{arrived.host}: {line}")
        for caption in done.captions[len(arrived.captions) :]:
            note("lift: caption", f"{arrived.host}: {caption}")
        for author in done.authors[len(arrived.authors) :]:
            note("lift: author", f"{arrived.host}: {author}")
        if done.kicker and done.kicker != arrived.kicker:
            note("lift: kicker", f"{arrived.host}: {done.kicker} / {done.title}")
        if done.truncated:
            note("truncated", f"{arrived.host}: … {done.lines[-1][-120:]}")
    print(f"{articles:,} articles, {lines:,} lines, {1e6 * spent / articles:,.0f} µs of CPU an article\n")
    chooser = random.Random(1)
    for rule, count in counts.most_common():
        if rule.startswith(options.rule):
            print(f"{count:6,}  {rule}")
            for example in chooser.sample(examples[rule], min(options.examples, count)):
                print(f"        {example[:200]}")


if __name__ == "__main__":
    main()
