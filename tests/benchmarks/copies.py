"""Copies found among real reports of the same events, and what fingerprints and their index cost.

    python tests/benchmarks/copies.py --data DIR

DIR holds `near_duplicates/ecbplus.jsonl.gz` (topic, event, id, text). A pair is a copy where at least
half of the word 5-grams of the shorter text stand in the other. Found is what gets an edge, `contains`
included and `same_template` not. In a stream, an article has one edge at most: precision is the share
of edges whose pair is a copy, recall the share of articles with an earlier copy that got an edge.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from schemas.article import Article
from schemas.cleaned import Cleaned
from schemas.ids import hash_parts
from streams.copies import fingerprint as fingerprints
from streams.copies.compare import compare
from streams.copies.fingerprint import fingerprint, read_fingerprint
from streams.copies.index import Index, Keys
from streams.copies.relation import relate
from streams.copies.row import Row
from streams.copies.tokens import divide
from streams.fold import fold
from streams.measure import content_hash, text_key

Pair = tuple[int, int]
_SEEDS = 6
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def main() -> None:
    """Print precision and recall by seed, in pairs and in a stream, and speed and memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=100_000, help="articles in the index")
    options = parser.parse_args()
    with gzip.open(options.data / "near_duplicates/ecbplus.jsonl.gz") as lines:
        texts = [json.loads(line)["text"] for line in lines]

    judge(texts)
    measure_fingerprints(texts)
    measure_index(options.articles)


def judge(texts: list[str]) -> None:
    """Print what of the true copies is found, and what of the found is a true copy."""
    five, three = [list_grams(text, 5) for text in texts], [list_grams(text, 3) for text in texts]
    near = count_common(five)
    true = {pair for pair, share in share_of_shorter(five, near).items() if share >= 0.5}
    print(f"{len(texts)} texts, {len(true)} pairs are copies\n\njudged in pairs{'':8}precision  recall")
    for size, grams in ((3, three), (5, five)):
        found = {pair for pair, share in jaccard(grams).items() if share >= 0.5}
        print(f"  Jaccard {size}-grams ≥ .5 {score(found, true)}   what MinHash estimates")
    pairs: list[tuple[float, float]] = []
    streams: list[tuple[float, float, float]] = []
    for seed in range(_SEEDS):
        fingerprints._SEED = 1_000 + seed
        written = [fingerprint(text) for text in texts]
        sketches = [read_fingerprint(one) for one in written]
        edges = {pair: relate(sketches[pair[0]], sketches[pair[1]]) for pair in near}
        found = {pair for pair, edge in edges.items() if edge and edge[0] != "same_template"}
        print(f"  fingerprints, seed {seed}  {score(found, true)}")
        pairs.append((len(found & true) / len(found), len(found & true) / len(true)))
        streams.append(stream(texts, written, true, seed))
    print("\nin a stream, own order  precision  recall  copies in one family")
    for seed, (precision, recall, families) in enumerate(streams):
        print(f"  seed {seed:<18}  {precision:8.4f} {recall:8.4f} {families:8.4f}")
    worst = [min(values) for values in zip(*pairs, strict=True)]
    worst_stream = [min(values) for values in zip(*streams, strict=True)]
    print(f"worst of {_SEEDS} seeds: pairs P {worst[0]:.4f} R {worst[1]:.4f}, ", end="")
    print(f"stream P {worst_stream[0]:.4f} R {worst_stream[1]:.4f}   (bars: P .97, R .95)")


def stream(texts: list[str], written: list[str], true: set[Pair], seed: int) -> tuple[float, float, float]:
    """Return precision, recall and the share of true pairs in one family, texts in an order by seed."""
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    rows: dict[str, Row] = {}
    index = Index()
    ids = [hash_parts("benchmark", str(number)) for number in range(len(texts))]
    edges: list[Pair] = []
    for number in order:
        text = texts[number]
        article = Article(
            article_id=ids[number],
            text=text,
            content_hash=content_hash(None, None, text),
            fingerprint=written[number],
            source="benchmark",
            raw_id=ids[number],
            fetched_at=_NOW,
            versions={},
        )
        cleaned = Cleaned(
            input=str(number), article=article, uncut_hash=article.content_hash, text_key=text_key(text)
        )
        outcome = compare(cleaned, rows, index, now=_NOW).outcome
        if outcome.duplicate_of and outcome.relation != "same_template":
            edges.append((number, ids.index(outcome.duplicate_of)))
    place = {number: at for at, number in enumerate(order)}
    copies = {max(pair, key=lambda number: place[number]) for pair in true}
    right = sum(tuple(sorted(edge)) in true for edge in edges)
    family = join(len(texts), edges)
    together = sum(family[one] == family[other] for one, other in true)
    found = copies & {number for number, _ in edges}
    return right / len(edges), len(found) / len(copies), together / len(true)


def measure_fingerprints(texts: list[str]) -> None:
    """Print texts a second for 3 KB of English, and how long the fingerprints are."""
    whole = " ".join(texts)
    parts = [whole[start : start + 3_000] for start in range(0, min(len(whole), 900_000), 3_000)]
    seconds, written = float("inf"), [""]
    for _ in range(3):
        began = time.process_time()
        written = [fingerprint(part) for part in parts]
        seconds = min(seconds, time.process_time() - began)
    size = sum(map(len, written)) / len(written)
    print(f"\nfingerprint: {len(parts) / seconds:,.0f} texts of 3,000 characters a CPU second, ", end="")
    print(f"{size:,.0f} characters each")


def measure_index(articles: int) -> None:
    """Print look-ups with additions a second, and memory, as the index grows to `articles`."""
    random_numbers = np.random.default_rng(1)
    index = Index()
    step = max(1, articles // 5)
    print(f"\n{'articles':>10}{'find + add /s':>16}{'bytes an article':>18}")
    for start in range(0, articles, step):
        drawn = random_numbers.integers(0, 1 << 28, (step, 500), dtype=np.uint32)
        drawn.sort(axis=1)
        began = time.process_time()
        for number, hashes in enumerate(drawn, start):
            index.find_near(hashes[:256], int(hashes[256]), 0.495)
            keys = Keys(number, hashes[:128], int(hashes[128]))
            index.add(f"{number:032x}", f"2026-11-{1 + number * 28 // articles:02}", keys)
        seconds = time.process_time() - began
        print(f"{len(index):>10,}{step / seconds:>16,.0f}{index.nbytes / len(index):>18,.0f}")


def list_grams(text: str, size: int) -> frozenset[tuple[str, ...]]:
    """Return the distinct word n-grams of the comparison form."""
    tokens = divide(fold(text))
    return frozenset(tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))


def count_common(grams: list[frozenset[tuple[str, ...]]]) -> Counter[Pair]:
    """Return how many n-grams each pair shares, pairs that share none left out."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, own in enumerate(grams):
        for gram in own:
            holders[gram].append(number)
    return Counter(pair for numbers in holders.values() for pair in combinations(numbers, 2))


def share_of_shorter(grams: list[frozenset[tuple[str, ...]]], common: Counter[Pair]) -> dict[Pair, float]:
    """Return the share of the shorter text's n-grams that stand in the other."""
    return {pair: count / min(len(grams[pair[0]]), len(grams[pair[1]])) for pair, count in common.items()}


def jaccard(grams: list[frozenset[tuple[str, ...]]]) -> dict[Pair, float]:
    """Return the share of common n-grams among all of a pair's."""
    common = count_common(grams)
    return {
        pair: count / (len(grams[pair[0]]) + len(grams[pair[1]]) - count) for pair, count in common.items()
    }


def score(found: set[Pair], true: set[Pair]) -> str:
    """Return precision and recall as they are printed."""
    right = len(found & true)
    return f"{right / max(1, len(found)):8.4f} {right / len(true):8.4f}"


def join(count: int, edges: Iterable[Pair]) -> list[int]:
    """Return the family of each: the number of one member."""
    family = list(range(count))
    for one, other in edges:
        old, new = family[one], family[other]
        family = [new if member == old else member for member in family]
    return family


if __name__ == "__main__":
    main()
