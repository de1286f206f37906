"""What compare remembers of one article: the durable state from which everything else is built."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.article import Relation
from schemas.deletion import Deletion
from schemas.outcome import Ending
from schemas.raw import Id

NO_HASH = "0" * 32  # where a row has forgotten one


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One delivery of the article and the answer it got."""

    delivery_id: Id
    raw_id: Id
    outcome: Ending
    revision: int
    duplicate_of: Id | None = None
    relation: Relation | None = None
    overlap: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One article: its newest verdict, the hashes of its text, and the deliveries it answered.

    `verdict` is the one of the newest revision, and `content_hash`, `text_key` and `fingerprint`
    are of its text. `delivered_hash` and `uncut_hash` are of the newest text delivered, which a new
    rule or changed furniture may have made another one. `since` is the day (YYYY-MM-DD) on which
    compare first saw the article: the segment of the index it stands in. `moment` is the time by
    which copies are told from originals: the trusted `published_at`, else `fetched_at`.
    `deliveries` are the newest, oldest first.
    """

    article_id: Id
    revision: int
    verdict: Literal[Ending, "deleted"]
    content_hash: Id
    delivered_hash: Id
    uncut_hash: Id
    text_key: Id
    fingerprint: str
    since: str
    moment: datetime
    duplicate_of: Id | None = None
    relation: Relation | None = None
    overlap: float | None = None
    overlap_of: float | None = None
    precedes: bool = False
    deletion: Deletion | None = None
    deliveries: tuple[Delivery, ...] = field(default=())
