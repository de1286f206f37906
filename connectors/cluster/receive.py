"""Messages of raw and clean as the letters that steps take, whoever wrote them."""

import re
from collections.abc import Iterable
from hashlib import sha256

from connectors.cluster.message import read_letter
from schemas.codec import DecodeError, decode
from schemas.ids import raw_id
from schemas.letter import INPUT, RAW_ID, Letter, unread_letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_LETTER
from schemas.raw import RawArticle
from schemas.trace_context import read_trace

_ID = re.compile(r"[0-9a-f]{32}")
_SOURCE = "kafka"  # of what came without a source's headers and cannot be read


def receive(
    topic: str,
    where: str,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]],
) -> Letter:
    """Return the letter of one message; `topic` is one of ours, `where` as `complete` wants it."""
    return complete(read_letter(topic, key, value, headers), where)


def complete(letter: Letter, where: str) -> Letter:
    """Return a letter of raw with the headers of a source's; `where` is its input if it names none.

    Any program may write raw articles: what naba's own sources put into headers is then read
    from the record, and a message that no step could send on whole is marked too_large.
    """
    if letter.size > MAX_LETTER:
        digest = sha256(letter.value).hexdigest()
        detail = f"{letter.size} bytes as a letter, sha256 {digest}; the first {KEPT_OF_TOO_LARGE} are kept"
        marked = unread_letter(where, _SOURCE, letter.value[:KEPT_OF_TOO_LARGE], "too_large", detail)
        headers = {**marked.headers, **read_trace(letter.headers)}
        return Letter(letter.topic, marked.key, marked.value, headers)
    named = letter.headers.get(RAW_ID, "")
    if INPUT in letter.headers and _ID.fullmatch(named):
        return letter
    if not _ID.fullmatch(named):
        named = _read_id(letter.value)
    own = {INPUT: letter.headers.get(INPUT, where), RAW_ID: named}
    return Letter(letter.topic, letter.key or named, letter.value, {**letter.headers, **own})


def name_place(topic: str, partition: int, offset: int) -> str:
    """Return the input of a delivery that names none; `topic` without its prefix."""
    return f"{topic}:{partition}:{offset}"


def _read_id(value: bytes) -> str:
    try:
        return decode(value, RawArticle).raw_id
    except DecodeError:
        return raw_id(_SOURCE, None, value, None)
