"""The dead letter of a record that a sink's store does not take: its bytes, its headers, and why."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from connectors.sink import Refused
from schemas.dead import SINK, Cause, dead_letter
from schemas.ids import hash_parts
from schemas.letter import Letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_LETTER

_LONGEST = 2000  # characters of what a store says


def bury_refused(sink: str, refused: Refused) -> Letter:
    """Return the letter to `news.dead.v1`; of what is larger than any of ours its first 64 KiB."""
    # What a store says may quote the record: only what can be written is told.
    detail = refused.detail.encode("utf-8", "replace").decode()[:_LONGEST]
    letter = refused.item.letter
    kept = _shorten(letter)
    if kept is not letter:
        detail += (
            f"; of {len(letter.value)} bytes, sha256 {sha256(letter.value).hexdigest()}, the first are kept"
        )
    cause = Cause(stage=SINK + sink, reason="refused", detail=detail)
    return dead_letter(kept, cause, datetime.now(UTC))


def name_refused(sink: str, letter: Letter) -> bytes:
    """Return what tells this refusal from every other: the sink, and the letter that it did not take.

    The same for the letter and for its dead letter, which may be shorter.
    """
    letter = _shorten(letter)
    return bytes.fromhex(hash_parts("naba refused", sink, letter.topic, letter.key, letter.value))


def _shorten(letter: Letter) -> Letter:
    # Other programs may write what is larger: the brokers count it packed, and we unpacked.
    return letter if letter.size <= MAX_LETTER else replace(letter, value=letter.value[:KEPT_OF_TOO_LARGE])
