"""The same inputs embedded and on Kafka: the same answers, as far as they do not hang on an order.

One host's pages stand in one partition, so compare sees them in the order of input: then all is
the same, to the byte. Of two hosts either may come first. What is an article, its text, its
language and its revisions do not hang on that; which of two copies is the original does. Copies of
the whole are one family in any order. Parts are not: a flash that comes after the report is its
excerpt, one that comes before it is an article of its own, and the report another that contains it;
and since a text is compared with what is published alone, a third that shares something with both
may fall to either.
"""

import gzip
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings
from schemas.codec import decode
from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, REJECTED
from schemas.outcome import Outcome
from streams.embedded.store import TABLES, Store
from tests.faults.cluster import Cluster, part_of
from tests.faults.inputs import Delivery, make_lines
from tests.faults.log import Log
from tests.faults.row import Row

_RUN_SECONDS = 1200
_ADDRESS = re.compile(rb'"url": ?"https?://[^/"]+')
_PROCESSED = re.compile(rb'"processed_at":"[^"]*"')
# Of a record, what is told of the article that it was compared with.
_EDGE = ("schema", "duplicate_of", "relation", "overlap", "overlap_of", "precedes", "processed_at")
_TEXTS = ("published", "revised", "duplicate")  # outcomes that tell a text
_NEWS, _SHARES = 100, (1.0, 0.6, 0.25)  # real articles, and how much of each stands in its copy
_PARTS = ("excerpt", "contains")
_TOLD = 3  # examples of each difference


@dataclass(slots=True)
class Told:
    """All records of a run by topic, sorted, their processing times blanked."""

    records: dict[str, list[bytes]] = field(default_factory=dict)

    def outcomes(self) -> dict[Delivery, Outcome]:
        """Return the outcome of each delivery; fails where one has two."""
        found = [decode(record, Outcome) for record in self.records[OUTCOMES]]
        by_delivery = {(outcome.input, outcome.raw_id): outcome for outcome in found}
        assert len(by_delivery) == len(found), f"{len(found)} outcomes of {len(by_delivery)} deliveries"
        return by_delivery

    def stories(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return articles and copies by id and revision, without what they were compared with."""
        stories = {}
        for record in self.records[ARTICLES] + self.records[DUPLICATES]:
            story = orjson.loads(record)
            for name in _EDGE:
                story.pop(name, None)
            stories[story["article_id"], story["revision"]] = story
        return stories

    def once(self) -> "Told":
        """Return the same without what stands on a topic twice, as a delivery does that came again."""
        return Told({topic: sorted(set(records)) for topic, records in self.records.items()})

    def verdicts(self) -> dict[str, Outcome]:
        """Return the newest outcome of each article that tells its text."""
        newest: dict[str, Outcome] = {}
        for outcome in self.outcomes().values():
            if outcome.outcome in _TEXTS and outcome.article_id and outcome.revision:
                before = newest.get(outcome.article_id)
                if before is None or (before.revision or 0) < outcome.revision:
                    newest[outcome.article_id] = outcome
        return newest

    def families(self) -> set[frozenset[str]]:
        """Return the articles that are copies of each other, directly or through others."""
        copies = (one for one in self.outcomes().values() if one.outcome == "duplicate")
        return _unite((one.article_id or "", one.duplicate_of or "") for one in copies)

    def edges(self) -> list[tuple[str, str, str]]:
        """Return (article, original, relation) of all that were told, also where they make no copy."""
        return [
            (one.article_id or "", one.duplicate_of, one.relation or "")
            for one in self.outcomes().values()
            if one.duplicate_of
        ]


def run_embedded(folder: Path, lines: Iterable[bytes]) -> Told:
    """Return what `naba run` tells of the lines, started in `folder`."""
    folder.mkdir(parents=True)
    (folder / "inputs.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    command = [sys.executable, "-m", "streams.cli", "run", "inputs.jsonl", "--outcomes", "o.jsonl"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_RUN_SECONDS)
    with Store(str(folder / "naba.db"), write=False) as store:
        return Told(
            {topic: _sort(bytes_of(record) for (record,) in store.fetch(f"SELECT record FROM {table}"))
             for topic, table in TABLES.items()}
        )  # fmt: skip


def run_on_kafka(cluster: Cluster, lines: Iterable[bytes], workers: int) -> Told:
    """Return what so many workers tell of the lines, pushed when all are ready."""
    cluster.start_workers(workers)
    push = cluster.push(list(lines))
    cluster.finish()
    assert push.wait() == 0, push.lines
    return read_topics(cluster)


def read_topics(cluster: Cluster) -> Told:
    """Return what stands on the topics now, with everything that stands there twice."""
    told = Told()
    for topic in TABLES:
        log = Log(cluster.kafka, cluster.kafka.topic(topic))
        told.records[topic] = _sort(record.value or b"" for record in log.read_all())
        log.close()
    return told


def compare_bytes(embedded: Told, kafka: Told) -> Iterator[str]:
    """Yield a sentence for each topic whose records are not the very same, each as often."""
    for topic in TABLES:
        one, other = Counter(embedded.records[topic]), Counter(kafka.records[topic])
        yield from _tell(f"{topic}: only embedded", one - other)
        yield from _tell(f"{topic}: only on Kafka", other - one)


def compare_answers(embedded: Told, kafka: Told) -> Iterator[str]:
    """Yield a sentence for each difference that no order between hosts explains."""
    one, other = embedded.outcomes(), kafka.outcomes()
    yield from _tell("deliveries with an outcome in one run alone", one.keys() ^ other.keys())
    yield from _tell(
        "deliveries told otherwise",
        [(key, _answer(one[key]), _answer(other[key])) for key in one.keys() & other.keys()
         if _answer(one[key]) != _answer(other[key])],
    )  # fmt: skip
    texts, others = embedded.stories(), kafka.stories()
    yield from _tell("revisions in one run alone", texts.keys() ^ others.keys())
    yield from _tell(
        "revisions with other fields",
        [(key, [name for name in texts[key] if texts[key][name] != others[key].get(name)])
         for key in texts.keys() & others.keys() if texts[key] != others[key]],
    )  # fmt: skip
    for topic in (REJECTED, DEAD):
        yield from _tell(
            f"{topic}: in one run alone", set(embedded.records[topic]) ^ set(kafka.records[topic])
        )


def compare_families(embedded: Told, kafka: Told) -> Iterator[str]:
    """Yield a sentence for families that are not the same, and for those without their one original."""
    yield from _tell("families of one run alone", map(sorted, embedded.families() ^ kafka.families()))
    yield from check_originals(kafka)


def compare_families_of_parts(embedded: Told, kafka: Told) -> Iterator[str]:
    """Yield a sentence for families of one run alone in which no text is a part of another."""
    edges = embedded.edges() + kafka.edges()
    related = _unite((article, original) for article, original, _ in edges)
    with_parts = {
        article
        for group in related
        if any(relation in _PARTS and article in group for article, _, relation in edges)
        for article in group
    }
    alone = [family for family in embedded.families() ^ kafka.families() if not family & with_parts]
    yield from _tell("families of one run alone, of whole copies", map(sorted, alone))
    yield from check_originals(kafka)


def check_originals(told: Told) -> Iterator[str]:
    """Yield a sentence for families of which not one member is published."""
    verdicts = told.verdicts()
    for family in told.families():
        public = [article for article in family if verdicts[article].outcome != "duplicate"]
        if len(public) != 1:
            yield f"{len(public)} of a family are published: {sorted(family)}"


def move_to_one_host(lines: Iterable[bytes]) -> list[bytes]:
    """Return the lines with all their addresses on one host, and different paths."""
    moved = []
    for number, line in enumerate(lines):
        host = _ADDRESS.search(line)
        path = re.sub(rb"\W", b"", host[0][-20:]) if host else b"%d" % number
        moved.append(_ADDRESS.sub(b'"url": "https://one.example/' + path, line))
    return moved


def read_real(data: Path) -> list[bytes]:
    """Return the samples, pages and some news of a folder of data as lines, with copies of the news.

    The copies are of the whole or of a part, on other sites, before their originals or behind them.
    """
    lines: list[dict[str, Any]] = [
        {"text": path.read_text()} for path in sorted((data / "samples").glob("*.txt"))
    ]
    for name in ("article_bodies", "publishers"):
        with gzip.open(data / "pages" / f"{name}.jsonl.gz") as pages:
            found = map(json.loads, pages)
            lines += [{"url": page["url"], "html": page["html"]} for page in found]
    with gzip.open(data / "arabic_news" / "articles.jsonl.gz") as news:
        texts = [json.loads(line)["text"] for line in islice(news, _NEWS)]
    for number, text in enumerate(texts):
        words = text.split()
        part = words[: int(len(words) * _SHARES[number % len(_SHARES)])]
        lines.append({"url": f"https://wire{number % 11}.example/{number}", "text": text})
        lines.append({"url": f"https://copies{number % 7}.example/{number}", "text": " ".join(part)})
    random.Random(3).shuffle(lines)
    return [json.dumps(line | {"fetched_at": "2026-03-01T00:00:00Z"}).encode() for line in lines]


def show_parity(broker: Broker, folder: Path, kafka: KafkaSettings, *, inputs: int, data: Path | None) -> Row:
    """Compare runs of one, two and four workers with the embedded one, and a run of one host with its."""
    row = Row("parity, 1, 2 and 4 workers")
    lines = make_lines(inputs)
    embedded = run_embedded(folder / "embedded", lines)
    for workers in (1, 2, 4):
        with Cluster(part_of(kafka, f"w{workers}"), folder / f"w{workers}") as cluster:
            told = run_on_kafka(cluster, lines, workers)
        row.inputs += inputs
        row.wrong += [f"{workers} workers: {one}" for one in compare_answers(embedded, told)]
        row.wrong += [f"{workers} workers: {one}" for one in compare_families(embedded, told)]
    _show_one_host(row, folder, kafka, lines)
    if data is not None:
        _show_real(row, folder, kafka, read_real(data))
    return row


def _show_one_host(row: Row, folder: Path, kafka: KafkaSettings, lines: list[bytes]) -> None:
    lines = move_to_one_host(lines)
    embedded = run_embedded(folder / "one-embedded", lines)
    with Cluster(part_of(kafka, "one"), folder / "one") as cluster:
        told = run_on_kafka(cluster, lines, 1)
    row.inputs += len(lines)
    row.wrong += [f"one host: {one}" for one in compare_bytes(embedded, told)]
    row.told.append(f"one host: {sum(map(len, told.records.values()))} records the same to the byte")


def _show_real(row: Row, folder: Path, kafka: KafkaSettings, lines: list[bytes]) -> None:
    embedded = run_embedded(folder / "real-embedded", lines)
    with Cluster(part_of(kafka, "real"), folder / "real") as cluster:
        told = run_on_kafka(cluster, lines, 2)
    row.inputs += len(lines)
    row.wrong += [f"real: {one}" for one in compare_answers(embedded, told)]
    row.wrong += [f"real: {one}" for one in compare_families_of_parts(embedded, told)]
    differ = embedded.families() ^ told.families()
    row.told.append(
        f"{len(lines)} samples, pages and news: {len(embedded.families())} families; "
        f"{len(differ)} of one run alone, where a part came before the whole"
    )


def bytes_of(record: str | bytes) -> bytes:
    return record.encode() if isinstance(record, str) else record


def _sort(records: Iterable[bytes]) -> list[bytes]:
    return sorted(_PROCESSED.sub(b'"processed_at":""', record) for record in records)


def _answer(outcome: Outcome) -> tuple[object, ...]:
    kind = "text" if outcome.outcome in _TEXTS else outcome.outcome
    return (
        kind, outcome.url, outcome.article_id, outcome.revision, outcome.language,
        outcome.stage, outcome.reason, outcome.detail,
    )  # fmt: skip


def _tell(what: str, found: Iterable[object]) -> Iterator[str]:
    found = list(found)
    if found:
        yield f"{len(found)} {what}, such as {'; '.join(str(one)[:400] for one in found[:_TOLD])}"


def _unite(edges: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    united: dict[str, set[str]] = {}
    for one, other in edges:
        family = united.get(one, {one}) | united.get(other, {other})
        united.update(dict.fromkeys(family, family))
    return {frozenset(family) for family in united.values()}
