"""The articles of a body of JSON, each as its bytes: found, counted and weighed before they are read."""

import json
import re
from collections import Counter
from itertools import islice
from typing import Any

import msgspec

from connectors.sources.line import LineError

MOST_ITEMS = 1000
MOST_BESIDE = 2_000_000  # bytes of a push that are no text: as values they take thirty times as much
_SPACE = b" \t\r\n"
_LINE = re.compile(rb"[^ \t\r\n][^\n]*")


class Malformed(ValueError):
    """A body of which nothing can be read; `is_large` where it is for its size."""

    def __init__(self, detail: str, *, is_large: bool = False) -> None:
        super().__init__(detail)
        self.is_large = is_large


class _Texts(msgspec.Struct):
    html: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()


def split(body: bytes) -> list[bytes]:
    """Return the articles of an array, or the one that a body is; a few more than there may be, if so many.

    Raises Malformed.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip(_SPACE)
    if not body.startswith(b"["):
        return [body] if body else []
    try:
        if len(body) > MOST_BESIDE:
            _count_objects(body)  # as a list of millions they take much memory, before they can be counted
        pieces = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from None
    return [bytes(piece) for piece in islice(pieces, MOST_ITEMS + 1)]


def _count_objects(body: bytes) -> None:
    """Raise Malformed where an array has more than a thousand elements, or one that is no object."""
    count = 0

    def note(_: object) -> None:
        nonlocal count
        count += 1
        if count > MOST_ITEMS:
            raise ValueError

    counted: Any = msgspec.defstruct("Counted", [], namespace={"__post_init__": note})
    try:
        msgspec.json.decode(body, type=list[counted])
    except msgspec.ValidationError as error:
        if count > MOST_ITEMS:
            raise Malformed(f"more than {MOST_ITEMS} articles at once", is_large=True) from None
        raise Malformed(f"no articles: {error}") from None


def split_lines(body: bytes) -> list[bytes]:
    """Return the lines that are not empty; a few more than there may be, if so many."""
    lines = _LINE.finditer(body.removeprefix(b"\xef\xbb\xbf"))
    return [line[0] for line in islice(lines, MOST_ITEMS + 1)]


def weigh_beside(piece: bytes) -> int:
    """Return how many bytes of an article are not its text, without making values of them."""
    try:
        texts = msgspec.json.decode(piece, type=_Texts)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LineError("unreadable", f"no JSON: {error}") from None
    return len(piece) - sum(len(raw) for raw in map(bytes, (texts.html, texts.text)) if raw.startswith(b'"'))


def refuse_twins(piece: bytes) -> None:
    """Raise LineError where a key comes twice: two readers would see two articles (RFC 7493, 2.3)."""

    def check(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
            raise LineError("unreadable", f"the key {twice[:40]!r} comes twice")

    try:
        json.loads(piece, object_pairs_hook=check)
    except RecursionError:
        raise LineError("unreadable", "JSON nested too deeply") from None
