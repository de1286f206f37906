"""What is delivered of an item: its page as it came, or what the feed itself holds of it."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any, TypedDict
from urllib.parse import urljoin

from connectors.feeds.item import Item
from connectors.fetching.page import Page
from connectors.polling.pages import StoryPage
from schemas.address import Aliases, canonical_url, identifying_address
from schemas.ids import article_id, raw_id
from schemas.raw import RawArticle, write_content

_HEAD = 512 * 1024
# What the metadata of a page take for its canonical link, read without a parse: a head is plain enough.
_TAG = re.compile(rb"<(link|meta)\b[^>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([a-z:-]{1,20})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


class Claims(TypedDict, total=False):
    """What a source says of an article, as a raw article holds it."""

    title: str | None
    authors: tuple[str, ...]
    published_at: str | None
    language: str | None
    summary: str | None


def deliver_page(page: StoryPage, fetched: Page) -> RawArticle:
    """Return the raw article of a page that was fetched; its address is the one behind redirects."""
    kind = fetched.content_type or "text/html"
    claims = _claims(page.claims)
    return _raw_article(page.source, fetched.url, fetched.body, kind, fetched.fetched_at, claims)


def deliver_item(source: str, item: Item, at: datetime) -> RawArticle:
    """Return the raw article that a feed holds whole, or all that it holds of one without a page."""
    text = item.content if item.content is not None else item.summary or ""
    is_html = item.is_html if item.content is not None else True
    claims = Claims(
        title=item.title,
        authors=item.authors,
        published_at=item.published_at,
        language=item.language,
        summary=item.summary if item.content is not None else None,
    )
    kind = "html" if is_html else "plain"
    content = text.encode("utf-8", "replace")
    return _raw_article(source, item.url, content, f"text/{kind}; charset=utf-8", at, claims)


def deliver_nothing(page: StoryPage, at: datetime) -> RawArticle:
    """Return the raw article of a page that is not fetched, or is not there any more."""
    return _raw_article(page.source, page.url, b"", "text/html", at, _claims(page.claims))


def name_article(url: str, body: bytes, aliases: Aliases) -> str:
    """Return the article_id that a page of that address gets."""
    identifying = identifying_address(url, _read_canonical_link(body, url), aliases)
    return article_id(identifying, body, aliases)


def _read_canonical_link(body: bytes, url: str) -> str | None:
    link: str | None = None
    of_graph: str | None = None
    for tag in _TAG.finditer(body, 0, _HEAD):
        attributes = {
            name.lower(): unescape(b"".join(values).decode("utf-8", "replace"))
            for name, *values in _ATTRIBUTE.findall(tag[0])
        }
        if tag[1].lower() == b"link" and attributes.get(b"rel", "").lower() == "canonical":
            link = link or attributes.get(b"href")
        elif attributes.get(b"property", attributes.get(b"name", "")).lower() == "og:url":
            of_graph = of_graph or attributes.get(b"content")
    return next(filter(canonical_url, (_join(url, written) for written in (link, of_graph) if written)), None)


def _join(url: str, written: str) -> str | None:
    try:
        return urljoin(url, written.strip())
    except ValueError:
        return None


def _raw_article(
    source: str, url: str | None, content: bytes, content_type: str, at: datetime, claims: Claims
) -> RawArticle:
    at = at.replace(microsecond=0)  # as it will stand in the record
    return RawArticle(
        raw_id=raw_id(source, url, content, at),
        source=source,
        url=url,
        **write_content(content),
        content_type=content_type,
        fetched_at=at,
        **claims,
    )


def _claims(stored: Mapping[str, Any]) -> Claims:
    return Claims(
        title=stored.get("title"),
        authors=tuple(stored.get("authors", ())),
        published_at=stored.get("published_at"),
        language=stored.get("language"),
        summary=stored.get("summary"),
    )
