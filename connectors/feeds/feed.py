"""Feeds: RSS 0.9x to 2.0, Atom, RDF (by feedparser) and JSON Feed, from bytes to items."""

import re
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import feedparser
import orjson

from connectors.feeds.entry import read_entry
from connectors.feeds.item import Item
from connectors.feeds.json_feed import read_json_feed
from connectors.feeds.listing import join
from connectors.feeds.make import tell_apart
from connectors.feeds.markup import clean_xml, is_nested, is_utf8, narrow

MOST_ITEMS = 50_000
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_ENDED = re.compile(rb"</(?:[\w.-]+:)?(?:channel|feed|rdf|rss)\s*>|<(?:channel|feed)[^<>]*/>", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<div")


class FeedError(ValueError):
    """What came is no feed; the message says what it looks like instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """What a feed says; `every` is how many seconds its publisher wants between two looks.

    `hub` and `topic` are its links of rel hub and self (WebSub); `cut` counts items beyond the bound.
    """

    title: str | None = None
    language: str | None = None
    items: tuple[Item, ...] = ()
    every: float | None = None
    hub: str | None = None
    topic: str | None = None
    cut: int = 0


def read_feed(body: bytes, content_type: str, url: str) -> Feed:
    """Return the feed in `body`, which came from `url`. Raises FeedError.

    Nothing that it names is opened or fetched. Of half a feed, the items that are there are given.
    """
    body = narrow(body)
    if not body.strip(b"\0 \t\r\n"):
        raise FeedError("nothing came")
    if body[:2048].lstrip().startswith(b"{"):
        return _read_json(body.lstrip(), url)
    came, body = body, clean_xml(body)
    if is_nested(body):
        raise FeedError("elements stand within elements without end")
    parsed = _parse(body, content_type, url)
    if not parsed.entries and not (parsed.version and _ENDED.search(body)):
        raise FeedError(_describe(came))
    entries = parsed.entries
    if not _ENDED.search(body) and len(_CLOSED.findall(body)) < len(entries):
        entries = entries[:-1]  # it broke off within the last one
    language = _text(parsed.feed.get("language"))
    items = [read_entry(entry, language) for entry in entries[:MOST_ITEMS]]
    links = {link.get("rel"): link.get("href") for link in parsed.feed.get("links", ())}
    return Feed(
        title=_text(parsed.feed.get("title")),
        language=language,
        items=tell_apart([item for item in items if item.url or item.title or item.content or item.summary]),
        every=_read_every(parsed.feed),
        hub=links.get("hub"),
        topic=links.get("self"),
        cut=max(0, len(entries) - MOST_ITEMS),
    )


def _parse(body: bytes, content_type: str, url: str) -> Any:
    if is_utf8(body):
        content_type = "application/xml; charset=utf-8"  # whatever it was said to be
    elif "utf-8" in content_type.lower():
        content_type = "application/xml"
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    try:
        # Bytes in a stream: given a string it would open files and addresses. The text is not shown to
        # anybody, and cleaned later: nothing needs to be taken out of it here.
        return feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # One mangled feed in thousands goes beyond what it is ready for.
        raise FeedError(f"no feed that can be read ({type(error).__name__})") from None


def _read_every(feed: Any) -> float | None:
    found: list[float] = []
    with suppress(ValueError):
        found.append(60 * float(feed.get("ttl", "")))
    if period := _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower()):
        try:
            found.append(period / max(1.0, float(feed.get("sy_updatefrequency", 1))))
        except ValueError:
            found.append(period)
    return max((every for every in found if 0 < every < 1e9), default=None)


def _read_json(body: bytes, url: str) -> Feed:
    try:
        read = read_json_feed(body, url)
    except orjson.JSONDecodeError as error:
        raise FeedError(f"begins as JSON, and is none: {error}") from None
    if read is None:
        raise FeedError("JSON, but not of a feed")
    feed, items = read
    hubs: Any = feed.get("hubs")
    named = [one for one in hubs if isinstance(one, dict)] if isinstance(hubs, list) else []
    hub = next((one.get("url") for one in named if one.get("type") == "WebSub"), None)
    return Feed(
        title=_text(feed.get("title")),
        language=_text(feed.get("language")),
        items=tell_apart(items[:MOST_ITEMS]),
        hub=join(url, hub) if isinstance(hub, str) else None,
        topic=_text(feed.get("feed_url")),
        cut=max(0, len(items) - MOST_ITEMS),
    )


def _describe(body: bytes) -> str:
    start = body[:4096].lstrip().lower()
    if start.startswith(_HTML) or b"<html" in start:
        return "a page of HTML, not a feed"
    if start.startswith((b"<?xml", b"<")):
        return "XML, but not of a feed, or cut off before its first item"
    return f"not a feed: {bytes(body[:60])!r}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
