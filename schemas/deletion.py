"""The order to delete an article: what travels on the internal topic and stays on the list."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from schemas.codec import encode
from schemas.ids import hash_parts
from schemas.letter import ARTICLES, CLEAN, DUPLICATES, INPUT, RAW_ID, REJECTED, Letter
from schemas.outcome import Rejection
from schemas.raw import Id, Time
from schemas.record_event import write_time

DELETE = "naba-delete"  # header of a letter of clean that is no article but the order to delete one
LONGEST_REASON = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Deletion:
    """Who asked says which article and, in free words or none, why."""

    schema: Literal["deletion.v1"] = "deletion.v1"
    article_id: Id
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] = ""
    asked_at: Time


def deletion_letter(deletion: Deletion) -> Letter:
    """Return the order as the letter that compare takes in its turn."""
    return Letter(CLEAN, deletion.article_id, encode(deletion), {DELETE: "1", **_name(deletion)})


def carried_out(deletion: Deletion, revision: int) -> tuple[Letter, Letter, Letter]:
    """Return what follows from a deletion: two letters without a value, and the record of it.

    `revision` is the newest that there was, 0 where nothing is known of the article: it never came,
    or so long ago that it is forgotten.
    """
    article = deletion.article_id
    known = f"{revision} revision{'s' * (revision > 1)}" if revision else "nothing is known of it"
    record = Rejection(
        raw_id=deletion_id(article),
        stage="delete",
        reason="deleted",
        detail=f"{describe(deletion)} (article {article}, {known})",
    )
    return (
        Letter(ARTICLES, article, b""),
        Letter(DUPLICATES, article, b""),
        Letter(REJECTED, record.raw_id, encode(record), _name(deletion)),
    )


def describe(deletion: Deletion) -> str:
    """Return in words when it was asked for, and why."""
    why = f": {deletion.reason}" if deletion.reason else ""
    return f"deletion asked for at {write_time(deletion.asked_at)}{why}"


def deletion_id(article_id: str) -> str:
    """Return what stands for a raw_id in the record of a deletion, which follows from no delivery."""
    return hash_parts("naba deletion", article_id)


def _name(deletion: Deletion) -> dict[str, str]:
    return {INPUT: f"delete:{deletion.article_id}", RAW_ID: deletion_id(deletion.article_id)}
