"""The letter of a HTML response that a WARC file holds."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import msgspec
from fastwarc.warc import HeaderMap

from connectors.archives.digest import fits_digest
from connectors.archives.http_body import Undecodable, undo_chunks, undo_codings
from connectors.archives.records import Record
from schemas.address import NO_ALIASES, Aliases, canonical_url
from schemas.ids import raw_id
from schemas.letter import DETAIL, UNREAD, Letter, raw_letter, unread_letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_CONTENT
from schemas.raw import RawArticle, Time, write_content

_HTML = ("text/html", "application/xhtml+xml")
_START = 2 * KEPT_OF_TOO_LARGE  # what of a record is read to know whether it is wanted
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_MOST_STORED = MAX_CONTENT + 1_000_000  # of a block that is held: the head and chunks come on top
_PIECE = 1 << 20


class _Unreadable(ValueError):
    """A record that came whole and cannot be understood; the message says why."""


def read_response(record: Record, where: str, source: str, aliases: Aliases = NO_ALIASES) -> Letter | None:
    """Return the letter of a record, None for what is no HTML response by its HTTP Content-Type.

    What cannot be understood is marked `unreadable` and keeps the record as it is stored, a status
    other than 2xx is marked `http_error` and keeps nothing. Raises Damaged.
    """
    if (record.headers.get("WARC-Type") or "").lower() != "response":
        return None
    if not (record.headers.get("Content-Type") or "").lower().startswith("application/http"):
        return None  # of dns:, ftp: and the like
    return _Response(record, where, source, aliases).read()


class _Response:
    """A response on its way to a letter, with as much of its block as was read."""

    def __init__(self, record: Record, where: str, source: str, aliases: Aliases) -> None:
        self._record, self._where, self._source, self._aliases = record, where, source, aliases
        self._written = record.headers
        self._block = b""

    def read(self) -> Letter | None:
        try:
            self._hold(_START)
            head, body_at = _read_head(self._block)
            content_type = (head.get("Content-Type") or "").strip()
            if not content_type:
                self._check_block()  # it may have been there once
            if content_type.partition(";")[0].strip().lower() not in _HTML:
                return None
            url, moment, status = self._read_address(), self._read_time(), head.status_code or 0
            if not 200 <= status <= 299:
                return self._refuse(self._make(url, b"", content_type, moment), f"HTTP {status}")
            if self._record.length > _MOST_STORED:
                return self._skip_large(body_at)
            stored, content = self._unpack(head, body_at)
            if len(content) > MAX_CONTENT:
                return self._too_large(content, stored)
            return raw_letter(self._where, self._make(url, content, content_type, moment), self._aliases)
        except (_Unreadable, Undecodable) as error:
            return self._tell(str(error))

    def _hold(self, size: int) -> None:
        if len(self._block) < min(size, self._record.length):
            self._block += self._record.read(size - len(self._block))

    def _read_address(self) -> str:
        written = (self._written.get("WARC-Target-URI") or "").strip()
        if written.startswith("<") and written.endswith(">"):  # as wget and others wrote it in WARC 1.0
            written = written[1:-1]
        if canonical_url(written) is None:
            raise _Unreadable(f"the WARC-Target-URI {written[:200]!r} is no http(s) address")
        return written

    def _read_time(self) -> datetime:
        written = (self._written.get("WARC-Date") or "").strip()
        try:
            moment: datetime = msgspec.convert(written, Time)
            return moment.astimezone(UTC)
        except (msgspec.ValidationError, OverflowError):  # the latter of a year that is none in UTC
            raise _Unreadable(f"the WARC-Date {written[:200]!r} is no time") from None

    def _unpack(self, head: HeaderMap, body_at: int) -> tuple[bytes, bytes]:
        """Return the body without its chunks, and as much of its content as tells that it is too large."""
        self._check_block()
        stored = self._block[body_at:]
        body = undo_chunks(stored, head.get("Transfer-Encoding") or "")
        content = undo_codings(body, head.get("Content-Encoding") or "", MAX_CONTENT + 1)
        # Writers do not agree whether a payload is hashed with its codings.
        if len(content) <= MAX_CONTENT and not fits_digest(
            self._written.get("WARC-Payload-Digest"), [stored, body, content]
        ):
            raise _Unreadable("the payload does not fit its WARC-Payload-Digest")
        return body, content

    def _check_block(self) -> None:
        self._hold(_MOST_STORED)
        if len(self._block) == self._record.length and not fits_digest(
            self._written.get("WARC-Block-Digest"), [self._block]
        ):
            raise _Unreadable("the block does not fit its WARC-Block-Digest")

    def _make(self, url: str, content: bytes, content_type: str, moment: datetime) -> RawArticle:
        return RawArticle(
            raw_id=raw_id(self._source, url, content, moment),
            source=self._source,
            url=url,
            **write_content(content),
            content_type=content_type,
            fetched_at=moment,
        )

    def _refuse(self, raw: RawArticle, detail: str) -> Letter:
        letter = raw_letter(self._where, raw, self._aliases)
        return replace(letter, headers={**letter.headers, UNREAD: "http_error", DETAIL: detail})

    def _too_large(self, content: bytes, stored: bytes) -> Letter:
        digest = hashlib.sha256(stored).hexdigest()
        packed = "" if stored.startswith(content) else f"more than {MAX_CONTENT} bytes, packed in "
        return self._cut(content, f"{packed}{len(stored)} bytes, sha256 {digest}")

    def _skip_large(self, body_at: int) -> Letter:
        start = self._block[body_at:]
        digest = hashlib.sha256(start)
        while piece := self._record.read(_PIECE):
            digest.update(piece)
        size = self._record.length - body_at
        return self._cut(start, f"{size} bytes as stored, sha256 {digest.hexdigest()}")

    def _cut(self, content: bytes, detail: str) -> Letter:
        kept = content[:KEPT_OF_TOO_LARGE]
        detail += f"; the first {len(kept)} bytes are kept"
        return unread_letter(self._where, self._source, kept, "too_large", detail)

    def _tell(self, detail: str) -> Letter:
        self._hold(_MOST_STORED)
        value = self._record.head + self._block
        if len(value) > MAX_CONTENT or len(self._block) < self._record.length:
            value = value[:KEPT_OF_TOO_LARGE]
            detail += f"; the first {len(value)} bytes of the record are kept"
        return unread_letter(self._where, self._source, value, "unreadable", f"{self._where}: {detail}")


def _read_head(block: bytes) -> tuple[HeaderMap, int]:
    """Return the HTTP head and the offset of the body behind it. Raises _Unreadable."""
    end = _END_OF_HEAD.search(block)
    if end is None:
        raise _Unreadable("a HTTP head without an end")
    head = HeaderMap(encoding="latin1")
    lines = block[: end.end()].replace(b"\r\n", b"\n")
    try:
        head.parse(BytesIO(lines.replace(b"\n", b"\r\n")))  # some servers end their lines so
    except OSError as error:
        raise _Unreadable(f"the HTTP head cannot be read: {error}") from None
    if not head.status_code:
        raise _Unreadable(f"no HTTP status in {block[:40]!r}")
    return head, end.end()
