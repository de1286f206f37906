"""What one push holds: articles as JSON (one, an array, or lines), or a page of HTML."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import msgspec

from connectors.sources.line import LineError, read_line
from schemas.address import Aliases, host_of, site_of
from schemas.ids import push_id, raw_id
from schemas.letter import Letter, raw_letter
from schemas.limits import MAX_CONTENT, MAX_LETTER
from schemas.raw import RawArticle, write_content

MOST_ITEMS = 1000
_LISTS = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_PAGES = ("text/html", "application/xhtml+xml")
KINDS = ("application/json", *_LISTS, *_PAGES)
_SPACE = b" \t\r\n"


class Malformed(ValueError):
    """A body of which nothing can be read; `is_large` where it is for its size."""

    def __init__(self, detail: str, *, is_large: bool = False) -> None:
        super().__init__(detail)
        self.is_large = is_large


class NotAllowed(LineError):
    """An article of a host that its sender has no say about. It is only told, and no outcome's reason."""

    def __init__(self, host: str) -> None:
        super().__init__("not_allowed", f"this sender has no say about {host}")


@dataclass(frozen=True, kw_only=True)
class Push:
    """A body and what is known of it: its media type, the address of a page, who sends it, its key.

    `digest` is the hash of all that came: it stands for a key where there is none.
    `hosts` are those that the sender may send articles of, none: any.
    """

    body: bytes
    content_type: str
    url: str | None
    sender: str
    key: str | None
    digest: str
    hosts: Collection[str] = ()


def read_push(push: Push, now: datetime, zone: tzinfo, aliases: Aliases) -> list[Letter | LineError]:
    """Return a letter or what is wrong with it, for each article in its order.

    Raises Malformed where there is none, or more than a thousand.
    """
    kind = push.content_type.partition(";")[0].strip().lower()
    if kind in _PAGES:
        return [_deliver(push, 1, lambda: _read_page(push, now), aliases)]
    pieces = _split_lines(push.body) if kind in _LISTS else _split(push.body)
    if not pieces:
        raise Malformed("no article in it")
    if len(pieces) > MOST_ITEMS:
        raise Malformed(f"{len(pieces)} articles, at most {MOST_ITEMS} at once", is_large=True)

    def read(piece: bytes) -> RawArticle:
        raw = read_line(piece, push.sender, now, zone)
        _refuse_twins(piece)
        return raw

    return [
        _deliver(push, number, lambda piece=piece: read(piece), aliases)  # type: ignore[misc]
        for number, piece in enumerate(pieces, start=1)
    ]


def _deliver(push: Push, number: int, read: Callable[[], RawArticle], aliases: Aliases) -> Letter | LineError:
    try:
        raw = read()
        _check_host(raw, push.hosts, aliases)
    except LineError as error:
        return error
    if push.key is not None:
        raw = replace(raw, raw_id=push_id(push.sender, push.key, number))
    letter = raw_letter(f"{push.sender}:{push.key or push.digest}#{number}", raw, aliases)
    if letter.size > MAX_LETTER:
        return LineError("too_large", f"{letter.size} bytes as a letter, at most {MAX_LETTER}")
    return letter


def _read_page(push: Push, now: datetime) -> RawArticle:
    if len(push.body) > MAX_CONTENT:
        raise LineError("too_large", f"content of {len(push.body)} bytes, at most {MAX_CONTENT}")
    return RawArticle(
        raw_id=raw_id(push.sender, push.url, push.body, None),
        source=push.sender,
        url=push.url,
        **write_content(push.body),
        content_type=push.content_type,
        fetched_at=now.astimezone(UTC).replace(microsecond=0),
    )


def _check_host(raw: RawArticle, hosts: Collection[str], aliases: Aliases) -> None:
    host = host_of(raw.url)
    if not hosts or not host:
        return
    # As addresses have them: in lower case, other letters than ASCII coded.
    allowed = {site_of(host_of(f"https://{one}/"), aliases) for one in hosts}
    if site_of(host, aliases) not in allowed:
        raise NotAllowed(host)


def _split(body: bytes) -> list[bytes]:
    body = body.removeprefix(b"\xef\xbb\xbf").strip(_SPACE)
    if not body.startswith(b"["):
        return [body] if body else []
    try:
        return [bytes(piece) for piece in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from None


def _split_lines(body: bytes) -> list[bytes]:
    return [line for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip(_SPACE)]


def _refuse_twins(piece: bytes) -> None:
    """Raise LineError where a key comes twice: two readers would see two articles (RFC 7493, 2.3)."""

    def check(pairs: list[tuple[str, Any]]) -> None:
        keys = {key for key, _ in pairs}
        if len(keys) < len(pairs):
            twice = next(key for key in keys if sum(key == other for other, _ in pairs) > 1)
            raise LineError("unreadable", f"the key {twice[:40]!r} comes twice")

    try:
        json.loads(piece, object_pairs_hook=check)
    except RecursionError:
        raise LineError("unreadable", "JSON nested too deeply") from None
