"""An item from what one entry of a feed says, whatever the format: bounded, plain, with an id and a stamp."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import unescape

from connectors.feeds.item import Item
from connectors.feeds.whole import is_whole
from schemas.address import canonical_url
from schemas.ids import hash_parts
from schemas.limits import MAX_CONTENT

# As of a line of input: what a title or a summary can be at most.
_TITLE, _SUMMARY, _NAMES, _LANGUAGE, _URL = 10_000, 100_000, 100, 100, 8_192
_TAG = re.compile(r"<[/!a-zA-Z][^>]{0,2000}>")
_MAIL = re.compile(r"^\s*[^\s@()]+@[^\s@()]+\s*\(([^()]+)\)\s*$|^\s*(.+?)\s*<[^<>\s]+@[^<>\s]+>\s*$")


def make_item(
    *,
    id: str | None,
    url: str | None,
    title: str | None,
    authors: Iterable[str],
    published_at: str | None,
    updated: str | None,
    language: str | None,
    summary: str | None,
    content: str | None,
    is_html: bool,
    is_content: bool,
) -> Item:
    """Return the item; its stamp is of what a correction changes: the time of it, title and content.

    `content` that stands where a summary should (`is_content` false) is the description.
    """
    title = _plain(title)
    url = url.strip()[:_URL] if url and canonical_url(url) else None
    text = content or summary or ""
    whole = bool(content) and is_whole(content or "", is_content=is_content, summary=summary)
    return Item(
        id=id or url or hash_parts("naba item", title or "", text),
        # Without its tags: a pixel that counts readers has another address each time.
        stamp=hash_parts("naba stamp", updated or "", title or "", " ".join(_TAG.sub("", text).split()))[:16],
        url=url,
        title=title,
        authors=tuple(filter(None, (_name(author) for author in list(authors)[:_NAMES]))),
        published_at=(published_at or updated or "").strip()[:_LANGUAGE] or None,
        language=language.strip()[:_LANGUAGE] if language else None,
        summary=(summary or (None if is_content else content) or "")[:_SUMMARY] or None,
        content=content[:MAX_CONTENT] if content else None,
        is_html=is_html,
        whole=whole,
    )


def tell_apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items with ids of their own, those that stand there twice once.

    Two that share an id and have different pages, or texts without a page, are two to any reader.
    """
    places: dict[str, set[str]] = {}
    for item in items:
        places.setdefault(item.id, set()).add(item.url or item.stamp)
    told: dict[str, Item] = {}
    for item in items:
        # Each of them, so that none is another's when one of them is listed no more.
        shared = len(places[item.id]) > 1
        own = replace(item, id=f"{item.id} {item.url or item.stamp}") if shared else item
        told.setdefault(own.id, own)
    return tuple(told.values())


def _plain(title: str | None) -> str | None:
    if not title:
        return None
    plain = _TAG.sub("", title[: 2 * _TITLE])
    return " ".join(unescape(plain).split())[:_TITLE] or None


def _name(author: str) -> str:
    # RSS wants a mail address, and the name in brackets behind it.
    matched = _MAIL.match(author)
    return " ".join((matched[1] or matched[2] if matched else author).split())[:_TITLE]
