"""What became of one delivery: the ledger's record, and the letters of those that ended early."""

from dataclasses import dataclass
from typing import Literal

from schemas.article import Ratio, Relation
from schemas.raw import Id

Ending = Literal["published", "revised", "unchanged", "duplicate", "rejected", "dead"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The one end of one delivery (`input` with `raw_id`)."""

    schema: Literal["outcome.v1"] = "outcome.v1"
    input: str
    url: str | None = None
    raw_id: Id
    outcome: Ending
    article_id: Id | None = None
    revision: int | None = None
    language: str | None = None
    duplicate_of: Id | None = None
    relation: Relation | None = None
    overlap: Ratio | None = None
    stage: str | None = None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """Why a delivery is no article.

    `content_base64` holds the first 64 KiB of what was too large.
    """

    schema: Literal["rejection.v1"] = "rejection.v1"
    raw_id: Id
    url: str | None = None
    stage: str
    reason: str
    detail: str = ""
    content_base64: str | None = None
