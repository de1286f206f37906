"""What became of one delivery: the ledger's record, and the letters of those that ended early."""

from dataclasses import dataclass
from typing import Annotated, Literal

from schemas.article import Ratio, Relation
from schemas.description import describe
from schemas.raw import Id, RawId

Ending = Literal["published", "revised", "unchanged", "duplicate", "rejected", "dead"]
# fmt: off


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The one end of one delivery (`input` with `raw_id`)."""

    schema: Annotated[Literal["outcome.v1"],
        describe("kind and version of the record", "outcome.v1", "fixed")] = "outcome.v1"
    input: Annotated[str, describe(
        "path, and the line's number from 1 (of an archive the record's offset in bytes); `-` is standard "
        "input; an address; of what was pushed, source, key (else a hash of the body) and number; "
        "of what a program wrote to Kafka without it, topic, partition and offset",
        "news/today.jsonl:17", "source")]
    url: Annotated[str | None, describe(
        "address as delivered; of a page that was fetched, the one behind redirects",
        "https://www.almarfa.example/a", "source")] = None
    raw_id: RawId
    outcome: Annotated[Ending, describe("what became of it, one of six words", "published", "decided")]
    article_id: Annotated[Id | None, describe(
        "the article or copy, where it became one; of what is `withdrawn` or `deleted`, the one that it was",
        "9f2c4be07d5a1836fe90b1c27a648d35", "hash of its address, else of its bytes")] = None
    revision: Annotated[int | None, describe("number of the article's revision, from 1", 1, "counted")] = None
    language: Annotated[str | None, describe(
        "BCP 47, as in the article; told for what is too short as well",
        "ar", "measured on the body, of a short one on the title too")] = None
    duplicate_of: Annotated[Id | None, describe("the article that it copies or is related to",
        "41d0c7f2a95be3864c17d08e2fb6a953", "compared")] = None
    relation: Annotated[Relation | None, describe("how the two texts are related, as in the article",
        "near_copy", "compared")] = None
    overlap: Annotated[Ratio | None, describe(
        "share of this text's word 5-grams that stand in the other, 0 to 1", 0.904, "compared")] = None
    stage: Annotated[str | None, describe("the stage where it ended, if early", "length", "the stage")] = None
    reason: Annotated[str | None, describe("a word of the list of reasons, if it ended early",
        "too_short", "the stage")] = None
    detail: Annotated[str | None, describe("what was found, in words",
        "12 letters, at least 50", "the stage")] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """Why a delivery is no article, or that an article was deleted.

    `content_base64` holds the first 64 KiB of what was too large.
    """

    schema: Annotated[Literal["rejection.v1"],
        describe("kind and version of the record", "rejection.v1", "fixed")] = "rejection.v1"
    raw_id: Annotated[Id, describe(
        "the delivery, as in the raw article; of the record of a deletion, a hash over the article's id",
        "1d07a4e95c3b82f6d0417be98a25cf63", "hash")]
    url: Annotated[str | None, describe(
        "address as delivered; of a page that was fetched, the one behind redirects",
        "https://www.almarfa.example/a", "source")] = None
    stage: Annotated[str, describe("the stage that refused it; `delete` of a deletion",
        "length", "the stage")]
    reason: Annotated[str, describe("a word of the list of reasons", "too_short", "the stage")]
    detail: Annotated[str, describe("what was found, in words",
        "12 letters, at least 50", "the stage")] = ""
    content_base64: Annotated[str | None, describe(
        "of what is `too_large`, the first 64 KiB of its bytes in base64 (RFC 4648)",
        "PHA+yse9PC9wPg==", "source")] = None
