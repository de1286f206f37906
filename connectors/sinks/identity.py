"""What a letter is called in a sink: the same letter, sent again, has the same name."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from schemas.codec import DecodeError, decode
from schemas.dead import SINK
from schemas.ids import delivery_id, hash_parts
from schemas.letter import (
    ARTICLES,
    DEAD,
    DUPLICATES,
    INPUT,
    OUTCOMES,
    RAW,
    RAW_ID,
    REJECTED,
    STAGE,
    Letter,
)
from schemas.raw import Id


@dataclass(frozen=True, kw_only=True, slots=True)
class _Revision:
    schema: Literal["article.v1", "duplicate.v1"]
    article_id: Id
    revision: Annotated[int, Meta(ge=1, lt=2**32)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Delivery:
    schema: Literal["outcome.v1"]
    input: str
    raw_id: Id


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rejection:
    schema: Literal["rejection.v1"]
    raw_id: Id


def identify(letter: Letter) -> bytes:
    """Return the bytes that name the letter on its topic: its delivery, or its article and revision.

    Raises DecodeError where it is none of ours: nothing else of it is looked at.
    """
    if letter.topic in (ARTICLES, DUPLICATES):
        article = decode(letter.value, _Revision)
        return bytes.fromhex(article.article_id) + article.revision.to_bytes(4, "big")
    if letter.topic == OUTCOMES:
        delivery = decode(letter.value, _Delivery)
        return bytes.fromhex(delivery_id(delivery.input, delivery.raw_id))
    if letter.topic == REJECTED:
        decode(letter.value, _Rejection)
    if letter.topic in (RAW, REJECTED, DEAD):
        for name in (INPUT, RAW_ID):
            if name not in letter.headers:
                raise DecodeError(f"has no header {name}")
        stage = letter.headers.get(STAGE, "") if letter.topic == DEAD else ""
        if stage.startswith(SINK):  # two sinks may refuse what follows from one delivery
            return bytes.fromhex(hash_parts(stage, letter.headers[INPUT], letter.headers[RAW_ID]))
        return bytes.fromhex(delivery_id(letter.headers[INPUT], letter.headers[RAW_ID]))
    raise DecodeError(f"{letter.topic}: no topic of records")


def identify_line(letter: Letter) -> bytes:
    """Return what `identify` does, of what is to be one line. Raises DecodeError where it is more."""
    if b"\n" in letter.value:
        raise DecodeError("is more than one line")
    return identify(letter)
