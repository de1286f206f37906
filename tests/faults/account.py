"""What became of everything that was pushed, by what stands on the topics."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson

from schemas.letter import ARTICLES, CLEAN, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED
from tests.faults.cluster import Cluster, Committed
from tests.faults.inputs import Delivery
from tests.faults.log import Log, Record

_RECORDS = {"published": ARTICLES, "revised": ARTICLES, "duplicate": DUPLICATES}
_LETTERS = {"rejected": REJECTED, "dead": DEAD}
_TOLD = 3  # examples of each wrong


@dataclass(frozen=True, slots=True)
class Verdict:
    """What does not hang on which of two sites came first."""

    article_id: str | None
    revision: int | None
    language: str | None
    stage: str | None
    reason: str | None


@dataclass(slots=True)
class Account:
    """`wrong` are sentences about whatever must not be; a double on a topic is none, and is counted."""

    deliveries: int
    lost: int
    outcomes: dict[Delivery, dict[str, Any]]
    doubles: dict[str, int]
    standstill: float  # seconds, the longest without a new outcome
    texts: dict[tuple[str, int], str]  # the content hash of each revision
    wrong: list[str] = field(default_factory=list)

    def verdicts(self) -> dict[Delivery, Verdict]:
        """Return what was told of each delivery."""
        return {
            delivery: Verdict(*(found.get(name) for name in Verdict.__dataclass_fields__))
            for delivery, found in self.outcomes.items()
        }

    def families(self) -> set[frozenset[str]]:
        """Return the articles that are copies of each other, directly or through others."""
        members: dict[str, set[str]] = {}
        for found in self.outcomes.values():
            if found["outcome"] != "duplicate":
                continue
            copy, original = found["article_id"], found["duplicate_of"]
            family = members.get(copy, {copy}) | members.get(original, {original})
            members.update(dict.fromkeys(family, family))
        return {frozenset(family) for family in members.values()}


def take_account(cluster: Cluster, *, forgotten: bool = False) -> Account:
    """Return the account of a cluster on which nothing moves any more.

    Where the workers have forgotten everything, what comes again may be published again.
    """
    topics = {
        topic: _read(cluster, topic) for topic in (RAW, CLEAN, ARTICLES, DUPLICATES, OUTCOMES, REJECTED, DEAD)
    }
    pushed = set(cluster.deliveries)
    outcomes = _group(topics[OUTCOMES])
    texts, changed = _read_texts(topics[ARTICLES] + topics[DUPLICATES])
    account = Account(
        deliveries=len(pushed),
        lost=len(pushed - set(outcomes)),
        outcomes={delivery: orjson.loads(found[0].value or b"") for delivery, found in outcomes.items()},
        doubles={
            CLEAN: len(topics[CLEAN]) - len(_group(topics[CLEAN])),
            ARTICLES: len(topics[ARTICLES]) - len({_name(record) for record in topics[ARTICLES]}),
            OUTCOMES: len(topics[OUTCOMES]) - len(outcomes),
        },
        standstill=_find_standstill(topics[RAW], outcomes),
        texts=texts,
    )
    if not forgotten:
        account.wrong += [
            *_tell("published more than once", _find_published_twice(account.outcomes)),
            *_tell("of one revision and with two texts", changed),
        ]
    account.wrong += [
        *_tell("delivered and on no topic", pushed - set(_group(topics[RAW]))),
        *_tell("without an outcome", pushed - set(outcomes)),
        *_tell("an outcome of nothing that was pushed", set(outcomes) - pushed),
        *_tell("told in two ways", _find_contradictions(outcomes)),
        *_tell("without its record", _find_recordless(account.outcomes, topics)),
        *_tell("a copy of what was never published", _find_orphans(topics)),
        *_tell("revisions out of order", _find_disorder(topics[ARTICLES])),
        *_tell("cleaned out of the order of its partition", _find_overtaken(topics[RAW], topics[CLEAN])),
        *_tell("again, though it was committed", _find_again(cluster.committed, topics)),
    ]
    if cluster.measure_lag():
        account.wrong.append(f"not all is committed: {cluster.tell_offsets()}")
    return account


def compare(calm: Account, disturbed: Account) -> Iterator[str]:
    """Yield a sentence for each way in which a disturbed run told something else than a calm one."""
    before, after = calm.verdicts(), disturbed.verdicts()
    yield from _tell(
        "told otherwise than in the calm run",
        [
            f"{key}: {before[key]} and {after[key]}"
            for key in before
            if key in after and before[key] != after[key]
        ],
    )
    yield from _tell("families that are not those of the calm run", calm.families() ^ disturbed.families())
    yield from _tell(
        "texts that are not those of the calm run", set(calm.texts.items()) ^ set(disturbed.texts.items())
    )


def _read(cluster: Cluster, topic: str) -> list[Record]:
    log = Log(cluster.kafka, cluster.kafka.topic(topic))
    try:
        return log.read_all()
    finally:
        log.close()


def _tell(what: str, found: Iterable[object]) -> Iterator[str]:
    found = list(found)
    if found:
        yield f"{len(found)} {what}, such as {'; '.join(map(str, found[:_TOLD]))}"


def _group(records: Iterable[Record]) -> dict[Delivery, list[Record]]:
    groups = defaultdict(list)
    for record in records:
        groups[record.delivery].append(record)
    return groups


def _name(record: Record) -> tuple[str, int]:
    found = orjson.loads(record.value or b"")
    return found["article_id"], found["revision"]


def _read_texts(records: Iterable[Record]) -> tuple[dict[tuple[str, int], str], set[tuple[str, int]]]:
    texts: dict[tuple[str, int], str] = {}
    changed = set()
    for record in records:
        name, text = _name(record), orjson.loads(record.value or b"")["content_hash"]
        if texts.setdefault(name, text) != text:
            changed.add(name)
    return texts, changed


def _find_standstill(raw: Sequence[Record], outcomes: Mapping[Delivery, list[Record]]) -> float:
    times = sorted([min(record.at for record in raw), *(found[0].at for found in outcomes.values())])
    return max(after - before for before, after in pairwise(times))


def _find_contradictions(outcomes: Mapping[Delivery, list[Record]]) -> list[Delivery]:
    return [delivery for delivery, found in outcomes.items() if len({record.value for record in found}) > 1]


def _find_published_twice(outcomes: Mapping[Delivery, dict[str, Any]]) -> list[str]:
    published = Counter(found["article_id"] for found in outcomes.values() if found["outcome"] == "published")
    return [article for article, count in published.items() if count > 1]


def _find_recordless(
    outcomes: Mapping[Delivery, dict[str, Any]], topics: Mapping[str, list[Record]]
) -> Iterator[Delivery]:
    names = {topic: {_name(record) for record in topics[topic]} for topic in (ARTICLES, DUPLICATES)}
    letters = {topic: set(_group(topics[topic])) for topic in (REJECTED, DEAD)}
    for delivery, found in outcomes.items():
        kind = found["outcome"]
        if kind in _RECORDS and (found["article_id"], found["revision"]) not in names[_RECORDS[kind]]:
            yield delivery
        if kind in _LETTERS and delivery not in letters[_LETTERS[kind]]:
            yield delivery


def _find_orphans(topics: Mapping[str, list[Record]]) -> set[str]:
    published = {article for article, _ in map(_name, topics[ARTICLES])}
    return {orjson.loads(record.value or b"")["duplicate_of"] for record in topics[DUPLICATES]} - published


def _find_disorder(articles: Iterable[Record]) -> Iterator[str]:
    newest: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    for article, revision in map(_name, articles):
        # What comes twice is no disorder; what comes for the first time behind a later revision is.
        if (article, revision) not in seen and revision < newest.get(article, 0):
            yield f"{article}: {revision} behind {newest[article]}"
        seen.add((article, revision))
        newest[article] = max(revision, newest.get(article, 0))


def _find_overtaken(raw: Iterable[Record], clean: Iterable[Record]) -> Iterator[Delivery]:
    first = {delivery: found[0] for delivery, found in _group(raw).items()}
    seen: set[Delivery] = set()
    reached: dict[int, int] = {}
    for record in clean:  # of one partition: its order is that of time
        if record.delivery in seen or record.delivery not in first:
            continue
        seen.add(record.delivery)
        stood = first[record.delivery]
        if stood.offset < reached.get(stood.partition, -1):
            yield record.delivery
        reached[stood.partition] = stood.offset


def _find_again(committed: Iterable[Committed], topics: Mapping[str, list[Record]]) -> Iterator[Delivery]:
    last = {topic: {key: found[-1] for key, found in _group(topics[topic]).items()} for topic in (RAW, CLEAN)}
    for moment in committed:
        for topic, source in ((CLEAN, RAW), (OUTCOMES, CLEAN)):
            for record in topics[topic]:
                came_from = last[source].get(record.delivery)
                if record.at <= moment.at or came_from is None:
                    continue
                if came_from.offset < moment.offsets.get((source, came_from.partition), 0):
                    yield record.delivery
