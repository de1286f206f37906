"""What a source delivers: one article as it arrived, untouched."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict

import orjson
from msgspec import Meta

from schemas.description import describe

Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="32 lower-case hex digits")]

_ESCAPED = bytes([*range(0x20), *b'"\\'])
Time = Annotated[datetime, Meta(tz=True, description="UTC, written with Z")]
# fmt: off
RawId = Annotated[Id, describe(
    "the delivery: the first 128 bits, in hex, of a SHA-256 over source, address, content and, where it was "
    "fetched or the delivery tells it, `fetched_at`; of what is pushed under a key, over source, key and "
    "number; of what could not be read, over source and bytes, place or size",
    "1d07a4e95c3b82f6d0417be98a25cf63", "hash; a program that delivers by itself may take another")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RawArticle:
    """One delivery, of an address or without one.

    Exactly one of `content` and `content_base64` is set; of a page that is gone or was not fetched,
    `content` is empty. The fields below `fetched_at` are
    what the source claimed of the article; nothing of them has been checked.
    """

    schema: Annotated[Literal["raw.v1"],
        describe("kind and version of the record", "raw.v1", "fixed")] = "raw.v1"
    raw_id: RawId
    source: Annotated[str, describe("name of the source that delivers it", "files", "settings, or the line")]
    url: Annotated[str | None, describe(
        "address as delivered; of a page that was fetched, the one behind redirects",
        "https://www.almarfa.example/a?utm_source=x", "source")] = None
    content: Annotated[str | None, describe("page or text, where it is UTF-8 and that is the shorter form",
        "<html><body><p>عادت سوق الخميس.</p></body></html>", "source")] = None
    content_base64: Annotated[str | None, describe("its bytes in base64 (RFC 4648), where `content` is null",
        "PHA+yse9PC9wPg==", "source")] = None
    content_type: Annotated[str, describe("media type, with the charset where it is known",
        "text/html; charset=windows-1256", "source")]
    fetched_at: Annotated[Time, describe("when it was fetched or asked for, else when naba took it; UTC",
        "2026-03-08T07:45:00Z", "source or clock")]
    title: Annotated[str | None, describe("headline that the source claims",
        "عودة سوق الخميس", "source")] = None
    authors: Annotated[tuple[str, ...], describe("authors that the source claims",
        ["ليان الساحلي"], "source")] = ()
    published_at: Annotated[str | None, describe("time of publication that the source claims, as it wrote it",
        "Sun, 08 Mar 2026 09:20:00 +0300", "source")] = None
    language: Annotated[str | None, describe("language that the source claims, as it wrote it",
        "ar", "source")] = None
    summary: Annotated[str | None, describe("summary that the source claims",
        "سوق الخميس تعود.", "source")] = None
    claimed_source: Annotated[str | None, describe("the source that the delivery itself claims to be from",
        "almarfa", "source")] = None
# fmt: on


def read_content(raw: RawArticle) -> bytes:
    """Return the bytes that the source delivered.

    Raises ValueError where `content_base64` is not base64 (RFC 4648) or neither field is set.
    """
    if raw.content is not None:
        return raw.content.encode()
    if raw.content_base64 is None:
        raise ValueError("neither content nor content_base64 is set")
    try:
        return base64.b64decode(raw.content_base64, validate=True)
    except binascii.Error as error:
        raise ValueError(f"content_base64: {error}") from None


class Content(TypedDict, total=False):
    """The content fields of a raw article: exactly one is there."""

    content: str
    content_base64: str


def write_content(content: bytes, read_from: tuple[str, int] | None = None) -> Content:
    """Return the one content field that holds `content` in the fewest characters of JSON.

    A string where the bytes are strict UTF-8 and their JSON string is no longer than base64.
    `read_from`, if known, is the string that was encoded to `content`, and the length of a JSON
    text that held it: where that is short enough, nothing needs to be looked at again.
    """
    coded_length = 4 * ((len(content) + 2) // 3) + 2
    if read_from is not None and read_from[1] <= coded_length and "\0" not in read_from[0]:
        return {"content": read_from[0]}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    # U+0000 cannot be stored in a record's string at all. Escapes have to be counted only where
    # there are many bytes that need one: of a common page every fiftieth.
    if "\0" not in text:
        escaped = len(content) - len(content.translate(None, _ESCAPED))
        if len(content) + 5 * escaped + 2 <= coded_length or len(orjson.dumps(text)) <= coded_length:
            return {"content": text}
    return {"content_base64": base64.b64encode(content).decode()}
