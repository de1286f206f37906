"""What one push holds: articles as JSON (one, an array, or lines), or a page of HTML."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from connectors.receiving.pieces import (
    MOST_BESIDE,
    MOST_ITEMS,
    Malformed,
    refuse_twins,
    split,
    split_lines,
    weigh_beside,
)
from connectors.sources.line import LineError, read_line
from schemas.address import Aliases, host_of, site_of
from schemas.ids import push_id, raw_id
from schemas.letter import Letter, raw_letter
from schemas.limits import MAX_CONTENT, MAX_LETTER
from schemas.raw import RawArticle, write_content

_LISTS = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_PAGES = ("text/html", "application/xhtml+xml")
KINDS = ("application/json", *_LISTS, *_PAGES)


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
    pieces = split_lines(push.body) if kind in _LISTS else split(push.body)
    if not pieces:
        raise Malformed("no article in it")
    if len(pieces) > MOST_ITEMS:
        raise Malformed(f"more than {MOST_ITEMS} articles at once", is_large=True)

    beside = 0

    def read(piece: bytes) -> RawArticle:
        nonlocal beside
        if len(push.body) > MOST_BESIDE:
            beside += weigh_beside(piece)
            if beside > MOST_BESIDE:
                raise LineError("too_large", f"more than {MOST_BESIDE} bytes in one push that are no text")
        raw = read_line(piece, push.sender, now, zone)
        refuse_twins(piece)
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
