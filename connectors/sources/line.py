"""One line of input: a raw article as JSON, in the loose form that people write by hand."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any

import msgspec
import orjson

from schemas.ids import raw_id
from schemas.limits import MAX_CONTENT
from schemas.raw import RawArticle, write_content

Text = Annotated[str, msgspec.Meta(max_length=10_000)]
_HUGE = 2.0**63

Names = Text | Annotated[list[Text], msgspec.Meta(max_length=100)]


class LineError(ValueError):
    """A line that is no raw article; `reason` is the word for the record, the message the detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Line(msgspec.Struct, frozen=True):
    """What a line may hold; every other key is ignored, `null` is the same as nothing."""

    html: str | None = None
    text: str | None = None
    url: Annotated[str, msgspec.Meta(max_length=8_192)] | None = None
    source: Text | None = None
    title: Text | None = None
    author: Names | None = None
    authors: Names | None = None
    published_at: Text | int | float | None = None
    language: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    summary: Annotated[str, msgspec.Meta(max_length=100_000)] | None = None
    fetched_at: Text | None = None


def read_line(
    data: bytes, source: str | None, now: datetime, zone: tzinfo = UTC, reserved: Collection[str] = ()
) -> RawArticle:
    """Return the raw article that `data` holds; `source` names it, else the line's own word does.

    A word that is `reserved`, for it names a source of the settings, is kept as a claim alone.

    A line must be JSON that every reader understands alike (RFC 8259, RFC 7493): no lone
    surrogates, no integers beyond 64 bits. Raises LineError.
    """
    line = _parse(data)
    body = line.html if line.html is not None else line.text
    if body is None:
        raise LineError("unreadable", "neither html nor text: a line needs one of the two keys")
    content = body.encode()
    if len(content) > MAX_CONTENT:
        raise LineError("too_large", f"content of {len(content)} bytes, at most {MAX_CONTENT}")
    came_at = _read_time(line.fetched_at, zone)
    claimed = None if line.source in reserved else line.source
    name = source or claimed or "files"
    return RawArticle(
        raw_id=raw_id(name, line.url, content, came_at),
        source=name,
        url=line.url,
        **write_content(content, (body, len(data))),
        content_type=f"text/{'html' if line.html is not None else 'plain'}; charset=utf-8",
        fetched_at=came_at or now,
        title=line.title,
        authors=_names(line.authors) or _names(line.author),
        published_at=None if line.published_at is None else str(line.published_at),
        language=line.language,
        summary=line.summary,
        claimed_source=line.source,
    )


def _parse(data: bytes) -> Line:
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise LineError("unreadable", f"no JSON: {error}") from None
    if not isinstance(value, dict):
        raise LineError("unreadable", f"a JSON object is expected, not {type(value).__name__}")
    if _holds_huge_float(value):
        _refuse_long_integers(data)
    try:
        return msgspec.convert(value, Line)
    except msgspec.ValidationError as error:
        raise LineError("unreadable", str(error)) from None


def _holds_huge_float(value: Any) -> bool:
    # orjson reads an integer beyond 64 bits as a float, and so changes it without a word.
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, float) and abs(item) >= _HUGE:
            return True
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _refuse_long_integers(data: bytes) -> None:
    def check(digits: str) -> int:
        if len(digits) > 20 or not -(2**63) <= int(digits) < 2**64:
            raise LineError("unreadable", f"integer beyond 64 bits: {digits[:24]}")
        return 0

    try:
        json.loads(data, parse_int=check)
    except RecursionError:
        raise LineError("unreadable", "JSON nested too deeply") from None


def _read_time(written: str | None, zone: tzinfo) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LineError("unreadable", f"fetched_at is no ISO 8601 time: {written[:40]!r}") from None


def _names(value: Names | None) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value or []
    return tuple(name for name in names if name.strip())
