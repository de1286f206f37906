"""What naba publishes: a clean article."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from schemas.raw import Id, Time

Ratio = Annotated[float, Meta(ge=0, le=1)]
Precision = Literal["second", "day"]
Direction = Literal["ltr", "rtl"]
Relation = Literal["same_text", "near_copy", "excerpt", "contains", "same_template"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """One piece that was cut from the text, and the rule (`id@version`) that cut it."""

    text: str
    kind: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The fields that a published article and a copy have in common."""

    schema: str
    article_id: Id
    revision: Annotated[int, Meta(ge=1)] = 1
    url: str | None = None
    canonical_url: str | None = None
    host: str = ""
    publisher: str | None = None
    title: str | None = None
    kicker: str | None = None
    text: str
    captions: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published_at: Time | None = None
    published_at_origin: str | None = None
    published_at_precision: Precision | None = None
    published_at_written: str | None = None
    claimed_published_at: str | None = None
    modified_at: Time | None = None
    modified_at_origin: str | None = None
    modified_at_precision: Precision | None = None
    modified_at_written: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    licence: str | None = None
    language: str = "und"
    language_confidence: Ratio = 0.0
    direction: Direction = "ltr"
    word_count: Annotated[int, Meta(ge=0)] = 0
    reading_minutes: Annotated[int, Meta(ge=0)] = 0
    truncated: bool = False
    removed: tuple[Removal, ...] = ()
    content_hash: Id
    fingerprint: str = ""
    source: str
    raw_id: Id
    fetched_at: Time
    processed_at: Time | None = None
    versions: dict[str, str]
    duplicate_of: Id | None = None
    relation: Relation | None = None
    overlap: Ratio | None = None
    overlap_of: Ratio | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Article(Story):
    """One revision of one published article.

    `duplicate_of` and what follows are set only where the text is related to an earlier
    article without being its copy (`same_template`, or `contains` with `overlap` under .5).
    """

    schema: Literal["article.v1"] = "article.v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate(Story):
    """An article that is a copy of one published before: an edge, not garbage.

    `overlap` is the share of this text that stands in the other, `overlap_of` the reverse.
    `precedes` tells that this copy's trusted `published_at`, else its `fetched_at`, is the
    earlier of the two.
    """

    schema: Literal["duplicate.v1"] = "duplicate.v1"
    precedes: bool = False
