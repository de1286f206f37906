"""The dead letter of a record that a sink's store does not take: its bytes, its headers, and why."""

from datetime import UTC, datetime

from connectors.sink import Refused
from schemas.dead import SINK, Cause, dead_letter
from schemas.ids import hash_parts
from schemas.letter import Letter

_LONGEST = 2000  # characters of what a store says


def bury_refused(sink: str, refused: Refused) -> Letter:
    """Return the letter to `news.dead.v1`."""
    # What a store says may quote the record: only what can be written is told.
    detail = refused.detail.encode("utf-8", "replace").decode()[:_LONGEST]
    cause = Cause(stage=SINK + sink, reason="refused", detail=detail)
    return dead_letter(refused.item.letter, cause, datetime.now(UTC))


def name_refused(sink: str, letter: Letter) -> bytes:
    """Return what tells this refusal from every other: the sink, and the letter that it did not take."""
    return bytes.fromhex(hash_parts("naba refused", sink, letter.topic, letter.key, letter.value))
