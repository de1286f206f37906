"""Which letters a sink gets: every article, and the copies whose relation its settings name."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.article import Relation
from schemas.codec import DecodeError, decode
from schemas.letter import DUPLICATES, Letter


@dataclass(frozen=True, kw_only=True, slots=True)
class _Copy:
    relation: Relation


def is_wanted(letter: Letter, relations: Sequence[Relation]) -> bool:
    """Return whether a sink that wants copies of these relations gets the letter."""
    if letter.topic != DUPLICATES:
        return True
    try:
        return decode(letter.value, _Copy).relation in relations
    except DecodeError:
        return True  # the sink looks closer, and says what is wrong with it
