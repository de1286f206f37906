"""Comparing: is this delivery new, a revision, the same again, or a copy of an article seen before."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from schemas.article import Article, Duplicate, Relation, Story
from schemas.cleaned import Cleaned
from schemas.ids import delivery_id
from schemas.outcome import Ending, Outcome
from streams.fingerprint import VERSION, Sketch, count_shared, read_fingerprint, share_of_numbers
from streams.index import Index, Keys
from streams.row import Delivery, Row

# From half of either text on, a copy; a little less, as the share of a long text is an estimate. Over
# six seeds of the hash, precision and recall on real news were all above .97. Three shared hashes at
# least: fewer are a common phrase.
_COPY = 0.495
_SHARED = 3
# The index has this many hashes of an article; a new text asks with more, so that a flash, all of whose
# few hashes are there, is found from the long report that holds it.
_INDEXED, _ASKED = 128, 256
# Alike in letters, but of the numbers (four or more on both sides) hardly a third is the same:
# weather, markets, earthquakes, filled into one template.
_SAME_NUMBERS = 0.34
# One text holds the other rather than being its near copy where it is longer by this.
_LIKE_LENGTH = 0.7
# A text less than half of which stands in the flash it contains says more than that.
_MOSTLY_COPIED = 0.5

_DELIVERIES = 256

_PUBLIC = ("published", "revised")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery: its outcome, and the record where there is one to send."""

    outcome: Outcome
    record: Article | Duplicate | None


@dataclass(frozen=True, slots=True)
class _Edge:
    """How a text is related to an article published before."""

    original: Row
    relation: Relation
    overlap: float
    overlap_of: float

    @property
    def is_copy(self) -> bool:
        if self.relation == "contains":
            return self.overlap >= _MOSTLY_COPIED
        return self.relation != "same_template"


def compare(
    cleaned: Cleaned, rows: MutableMapping[str, Row], index: Index, *, now: datetime, replay: bool = False
) -> Verdict:
    """Return the verdict on one delivery, and note it in the rows and the index.

    `rows` are by article_id; `index` is built from them. A replay does not remember the delivery,
    and revises an article for a new rule. Raises ValueError for a fingerprint of another version.
    """
    article = cleaned.article
    delivery = delivery_id(cleaned.input, article.raw_id)
    row = rows.get(article.article_id)
    if row is None:
        return _publish_or_link(cleaned, delivery, None, rows, index, now)

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


def build_index(rows: Iterable[Row], since: str = "0000-00-00") -> Index:
    """Return the index of the published articles among the rows, from the day `since` on."""
    index = Index()
    index.forget(since)
    published = (row for row in rows if row.verdict in _PUBLIC)
    index.extend((row.article_id, row.since, index_keys(row.text_key, row.fingerprint)) for row in published)
    return index


def _publish_or_link(
    cleaned: Cleaned,
    delivery: str,
    row: Row | None,
    rows: MutableMapping[str, Row],
    index: Index,
    now: datetime,
) -> Verdict:
    edge = _find_original(cleaned, rows, index)
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
    edge = _relate(read_fingerprint(cleaned.article.fingerprint), original) if original else None
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


def _find_original(cleaned: Cleaned, rows: MutableMapping[str, Row], index: Index) -> _Edge | None:
    """Return the edge to the published article that this text is related to most, None without one."""
    article = cleaned.article
    sketch = read_fingerprint(article.fingerprint)
    if not len(sketch.hashes):
        return None
    same = [rows.get(found) for found in index.find_same(_whole(cleaned.text_key))]
    edges = [
        _Edge(row, "same_text", 1.0, 1.0)
        for row in same
        if row
        and row.text_key == cleaned.text_key
        and row.article_id != article.article_id
        and row.verdict in _PUBLIC
    ]
    if not edges:
        likely = index.find_near(*_first(sketch, _ASKED), _COPY)
        near = [rows.get(found) for found in likely]
        found = [_relate(sketch, row) for row in near if row and row.article_id != article.article_id]
        edges = [edge for edge in found if edge]
    # Copies before mere relations, the greatest overlap, then the earliest.
    return min(edges, key=_rank, default=None)


def _rank(edge: _Edge) -> tuple[bool, bool, float, float, str, datetime, str]:
    row = edge.original
    template = edge.relation == "same_template"
    earliest = (row.since, row.moment, row.article_id)
    return (not edge.is_copy, template, -edge.overlap, -edge.overlap_of, *earliest)


def relate(this: Sketch, other: Sketch) -> tuple[Relation, float, float] | None:
    """Return how a text is related to another, its share in the other, and the other's in it.

    None where neither holds half of the other.
    """
    shared, of_this, of_other = count_shared(this, other)
    if shared < _SHARED:
        return None
    overlap, overlap_of = round(shared / of_this, 4), round(shared / of_other, 4)
    if max(overlap, overlap_of) < _COPY:
        return None
    numbers = share_of_numbers(this, other)
    if numbers is not None and numbers < _SAME_NUMBERS:
        return "same_template", overlap, overlap_of
    if min(overlap, overlap_of) >= max(_COPY, _LIKE_LENGTH * max(overlap, overlap_of)):
        return "near_copy", overlap, overlap_of
    return "excerpt" if overlap > overlap_of else "contains", overlap, overlap_of


def _relate(sketch: Sketch, row: Row) -> _Edge | None:
    if row.verdict not in _PUBLIC or not row.fingerprint.startswith(f"{VERSION}:"):
        return None
    related = relate(sketch, read_fingerprint(row.fingerprint))
    return _Edge(row, *related) if related else None


def _write_row(
    cleaned: Cleaned, delivery: str, row: Row | None, verdict: Ending, edge: _Edge | None, now: datetime
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
        return published
    return article.fetched_at


def _newest(deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    return deliveries[-_DELIVERIES:]


def index_keys(text_key: str, written: str) -> Keys:
    """Return the keys an article is found under.

    With a fingerprint of another version an article is found by its whole text alone.
    """
    if not written.startswith(f"{VERSION}:"):
        return Keys(_whole(text_key), np.zeros(0, np.uint32), 0)
    return Keys(_whole(text_key), *_first(read_fingerprint(written), _INDEXED))


def _first(sketch: Sketch, count: int) -> tuple[NDArray[np.uint32], int]:
    """Return the smallest hashes of a sketch, and up to where they are complete."""
    if len(sketch.hashes) <= count:
        return sketch.hashes, sketch.complete_below
    return sketch.hashes[:count], int(sketch.hashes[count])


def _whole(text_key: str) -> int:
    return int(text_key[:8], 16)
