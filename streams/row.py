"""What compare remembers of one article: the durable state from which everything else is built."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.article import Relation
from schemas.outcome import Ending
from schemas.raw import Id


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One delivery of the article and the answer it got."""

    delivery_id: Id
    raw_id: Id
    outcome: Ending
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One article: its newest verdict, the hashes of its text, and the deliveries it answered.

    `verdict` is the one of the newest revision. `since` is the day (YYYY-MM-DD) on which compare
    first saw the article: the segment of the index it stands in. `moment` is the time by which
    copies are told from originals: the trusted `published_at`, else `fetched_at`.
    """

    article_id: Id
    revision: int
    verdict: Ending
    content_hash: Id
    uncut_hash: Id
    text_key: Id
    fingerprint: str
    since: str
    moment: datetime
    duplicate_of: Id | None = None
    relation: Relation | None = None
    overlap: float | None = None
    overlap_of: float | None = None
    deliveries: tuple[Delivery, ...] = field(default=())
