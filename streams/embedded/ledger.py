"""Questions to the ledger: everything the store knows of one article or delivery."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.address import NO_ALIASES, Aliases, canonical_url
from schemas.deletion import deletion_id
from schemas.ids import article_id
from streams.embedded.store import Store

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Deliveries in the order of their arrival, the records that follow from them, and copies.

    All are records as they were written; a delivery has besides `at`, the time of its outcome.
    """

    deliveries: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)
    original: dict[str, Any] | None = None
    deletion: dict[str, Any] | None = None  # the record of it, where the article is deleted


def read_account(store: Store, asked: str, aliases: Aliases = NO_ALIASES) -> Account | None:
    """Return the account of an address, an input, an article_id or a raw_id; None where nothing is known."""
    articles, deliveries = _find(store, asked.strip(), aliases)
    if not articles and not deliveries:
        return None
    for article in articles:
        for seq, at, record in store.fetch(
            "SELECT seq, at, record FROM outcomes WHERE article_id = ?", article
        ):
            deliveries[seq] = orjson.loads(record) | {"at": at}
    records = [record for article in articles for record in _read_records(store, article)]
    copies = [
        orjson.loads(record)
        for article in articles
        for (record,) in store.fetch(
            "SELECT record FROM duplicates WHERE record != '' AND json_extract(record, '$.duplicate_of') = ? "
            "ORDER BY seq",
            article,
        )
    ]
    arrived = [deliveries[seq] for seq in sorted(deliveries)]
    if store.cluster is not None:
        arrived = _order_by_time(arrived)
        copies.sort(key=lambda copy: str(copy["processed_at"]))
    original = records[-1]["duplicate_of"] if records else None
    deletions = [deletion for article in articles if (deletion := _read_deletion(store, article))]
    return Account(
        deliveries=arrived,
        records=records,
        copies=copies,
        original=_read_records(store, original)[-1] if original and _read_records(store, original) else None,
        deletion=deletions[0] if deletions else None,
    )


def _order_by_time(deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return in the order of events what came from several partitions.

    Their times may differ by what a sender had under way: the order within an article is that of
    its revisions, each before the deliveries that found it unchanged. A withdrawal is of no revision
    and stays where its time puts it.
    """
    ordered = sorted(deliveries, key=lambda delivery: str(delivery["at"]))
    places: dict[str, list[int]] = {}
    for place, delivery in enumerate(ordered):
        if delivery["article_id"] and delivery["revision"]:
            places.setdefault(delivery["article_id"], []).append(place)
    told = list(ordered)
    for own in places.values():
        by_revision = sorted(
            (ordered[place] for place in own),
            key=lambda delivery: (delivery["revision"], delivery["outcome"] == "unchanged"),
        )
        for place, delivery in zip(own, by_revision, strict=True):
            told[place] = delivery
    return told


def _find(store: Store, asked: str, aliases: Aliases) -> tuple[list[str], dict[int, dict[str, Any]]]:
    articles: set[str] = set()
    if _ID.fullmatch(asked):
        articles.add(asked)
        query = "SELECT seq, at, record, article_id FROM outcomes WHERE raw_id = ?1 OR article_id = ?1"
    else:
        canonical = canonical_url(asked)
        if canonical:
            articles.add(article_id(canonical, b"", aliases))
        query = (
            "SELECT seq, at, record, article_id FROM outcomes "
            "WHERE url = ?1 OR json_extract(record, '$.input') = ?1"
        )
    deliveries = {}
    for seq, at, record, article in store.fetch(query, asked):
        deliveries[seq] = orjson.loads(record) | {"at": at}
        articles.add(article)
    known = "SELECT 1 FROM outcomes WHERE article_id = ? LIMIT 1"
    found = [
        article
        for article in articles
        if article and (store.fetch(known, article) or _read_deletion(store, article))
    ]
    return sorted(found), deliveries


def _read_records(store: Store, article: str) -> list[dict[str, Any]]:
    found = [
        orjson.loads(record)
        for table in ("articles", "duplicates")
        for (record,) in store.fetch(
            f"SELECT record FROM {table} WHERE key = ? AND record != '' ORDER BY seq", article
        )
    ]
    return sorted(found, key=lambda record: int(record["revision"]))


def _read_deletion(store: Store, article: str) -> dict[str, Any] | None:
    found = store.fetch("SELECT record FROM rejected WHERE key = ?", deletion_id(article))
    return dict(orjson.loads(found[0][0])) if found else None
