"""Comparing: is this delivery new, a revision, the same again, or a copy of an article seen before."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from schemas.article import Article, Duplicate, Story
from schemas.cleaned import Cleaned
from schemas.deletion import describe
from schemas.ids import delivery_id
from schemas.outcome import Ending, Outcome
from streams.copies.fingerprint import read_fingerprint
from streams.copies.index import Index
from streams.copies.original import Edge, find_original, index_keys, relate_to
from streams.copies.row import Delivery, Row
from streams.reject import Reject

_DELIVERIES = 256


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery: its outcome, and the record where there is one to send."""

    outcome: Outcome
    record: Article | Duplicate | None


def compare(
    cleaned: Cleaned, rows: MutableMapping[str, Row], index: Index, *, now: datetime, replay: bool = False
) -> Verdict:
    """Return the verdict on one delivery, and note it in the rows and the index.

    `rows` are by article_id; `index` is built from them. A replay does not remember the delivery,
    and revises an article for a new rule. Raises Reject where the article is deleted, ValueError for a
    fingerprint of another version.
    """
    article = cleaned.article
    delivery = delivery_id(cleaned.input, article.raw_id)
    row = rows.get(article.article_id)
    if row is None:
        return _publish_or_link(cleaned, delivery, None, rows, index, now)
    if row.deletion is not None:
        for known in row.deliveries:
            if known.delivery_id == delivery and not replay:
                return Verdict(_outcome(cleaned, known), None)  # a delivery has one outcome, once told
        raise Reject("deleted", describe(row.deletion))

    if not replay:
        for known in row.deliveries:
            if known.delivery_id == delivery:
                return _answer_again(cleaned, known, row, now)
        if any(known.raw_id == article.raw_id for known in row.deliveries):
            return _leave(cleaned, delivery, row, row, rows)

    if article.content_hash == row.content_hash:
        seen = replace(row, delivered_hash=row.content_hash, uncut_hash=cleaned.uncut_hash)
        return _leave(cleaned, delivery, row, seen, rows)
    same_source = cleaned.uncut_hash == row.uncut_hash or article.content_hash == row.delivered_hash
    if same_source and not replay:
        # A new rule, or changed furniture: both hashes are noted, so that neither the one after the
        # other makes a revision.
        seen = replace(row, delivered_hash=article.content_hash, uncut_hash=cleaned.uncut_hash)
        return _leave(cleaned, delivery, row, seen, rows)

    if row.verdict == "duplicate":
        return _publish_or_link(cleaned, delivery, row, rows, index, now)
    return _revise(cleaned, delivery, row, rows, index, now)


def build_index(published: Iterable[tuple[str, str, str, str]]) -> Index:
    """Return the index of published rows in the order of their first arrival.

    Of each row (article_id, since, text_key, fingerprint): a store can give them without the rest.
    """
    index = Index()
    index.extend((article, day, index_keys(text, written)) for article, day, text, written in published)
    return index


def _publish_or_link(
    cleaned: Cleaned,
    delivery: str,
    row: Row | None,
    rows: MutableMapping[str, Row],
    index: Index,
    now: datetime,
) -> Verdict:
    edge = find_original(cleaned, rows, index)
    verdict: Ending = "duplicate" if edge and edge.is_copy else "published"
    new = _write_row(cleaned, delivery, row, verdict, edge, now)
    rows[new.article_id] = new
    if verdict == "published":
        index.add(new.article_id, new.since, index_keys(new.text_key, new.fingerprint))
    return Verdict(_outcome(cleaned, new.deliveries[-1]), _record(cleaned, new, now))


def _revise(
    cleaned: Cleaned, delivery: str, row: Row, rows: MutableMapping[str, Row], index: Index, now: datetime
) -> Verdict:
    # What an article is related to was found when it was published; the share is of the new text.
    original = rows.get(row.duplicate_of) if row.duplicate_of else None
    edge = relate_to(original, read_fingerprint(cleaned.article.fingerprint)) if original else None
    if edge and edge.is_copy:
        edge = None  # a published article stays one, and is nobody's copy
    new = _write_row(cleaned, delivery, row, "revised", edge, now)
    rows[new.article_id] = new
    index.discard(row.article_id, index_keys(row.text_key, row.fingerprint))
    index.add(new.article_id, new.since, index_keys(new.text_key, new.fingerprint))
    return Verdict(_outcome(cleaned, new.deliveries[-1]), _record(cleaned, new, now))


def _answer_again(cleaned: Cleaned, known: Delivery, row: Row, now: datetime) -> Verdict:
    newest = known.outcome != "unchanged" and known.revision == row.revision
    if not newest or cleaned.article.content_hash != row.content_hash:
        return Verdict(_outcome(cleaned, known), None)
    return Verdict(_outcome(cleaned, known), _record(cleaned, row, now))


def _leave(cleaned: Cleaned, delivery: str, row: Row, seen: Row, rows: MutableMapping[str, Row]) -> Verdict:
    known = Delivery(
        delivery_id=delivery, raw_id=cleaned.article.raw_id, outcome="unchanged", revision=row.revision
    )
    if all(one.delivery_id != delivery for one in row.deliveries):  # a replay keeps the answer given once
        seen = replace(seen, deliveries=_newest((*row.deliveries, known)))
    if seen != row:
        rows[row.article_id] = seen
    return Verdict(_outcome(cleaned, known), None)


def _write_row(
    cleaned: Cleaned, delivery: str, row: Row | None, verdict: Ending, edge: Edge | None, now: datetime
) -> Row:
    article = cleaned.article
    revision = row.revision + 1 if row else 1
    known = Delivery(
        delivery_id=delivery,
        raw_id=article.raw_id,
        outcome=verdict,
        revision=revision,
        duplicate_of=edge.original.article_id if edge else None,
        relation=edge.relation if edge else None,
        overlap=edge.overlap if edge else None,
    )
    before = tuple(one for one in row.deliveries if one.delivery_id != delivery) if row else ()
    moment = _moment(article)
    return Row(
        article_id=article.article_id,
        revision=revision,
        verdict=verdict,
        content_hash=article.content_hash,
        delivered_hash=article.content_hash,
        uncut_hash=cleaned.uncut_hash,
        text_key=cleaned.text_key,
        fingerprint=article.fingerprint,
        since=row.since if row else f"{now:%Y-%m-%d}",
        moment=moment,
        duplicate_of=known.duplicate_of,
        relation=known.relation,
        overlap=known.overlap,
        overlap_of=edge.overlap_of if edge else None,
        precedes=edge is not None and moment < edge.original.moment,
        deliveries=_newest((*before, known)),
    )


def _record(cleaned: Cleaned, row: Row, now: datetime) -> Article | Duplicate:
    article = replace(
        cleaned.article,
        revision=row.revision,
        processed_at=now,
        duplicate_of=row.duplicate_of,
        relation=row.relation,
        overlap=row.overlap,
        overlap_of=row.overlap_of,
    )
    if row.verdict != "duplicate":
        return article
    shared = {field.name: getattr(article, field.name) for field in fields(Story) if field.name != "schema"}
    return Duplicate(**shared, precedes=row.precedes)


def _outcome(cleaned: Cleaned, known: Delivery) -> Outcome:
    article = cleaned.article
    return Outcome(
        input=cleaned.input,
        url=article.url,
        raw_id=article.raw_id,
        outcome=known.outcome,
        article_id=article.article_id,
        revision=known.revision,
        language=article.language,
        duplicate_of=known.duplicate_of,
        relation=known.relation,
        overlap=known.overlap,
    )


def _moment(article: Article) -> datetime:
    """Return when the article says it appeared, where that can be: to the second, before it was fetched."""
    published = article.published_at
    if published and article.published_at_precision == "second" and published <= article.fetched_at:
        return published.replace(microsecond=0)
    return article.fetched_at.replace(microsecond=0)  # rows are written in whole seconds


def _newest(deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    return deliveries[-_DELIVERIES:]
