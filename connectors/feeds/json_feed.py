"""JSON Feed 1.0 and 1.1 (jsonfeed.org): the items of one."""

from typing import Any

import orjson

from connectors.feeds.item import Item
from connectors.feeds.listing import join
from connectors.feeds.make import make_item


def read_json_feed(body: bytes, url: str = "") -> tuple[dict[str, Any], list[Item]] | None:
    """Return the feed's own keys and its items; None where it is JSON of another kind.

    Relative addresses of items go from `url`. Raises ValueError (orjson.JSONDecodeError) for what is no JSON.
    """
    value = orjson.loads(body)
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return None
    if "jsonfeed.org" not in str(value.get("version", "")):
        return None
    language = _text(value.get("language"))
    return value, [_read(entry, language, url) for entry in value["items"] if isinstance(entry, dict)]


def _read(entry: dict[str, Any], language: str | None, base: str) -> Item:
    html, text = _text(entry.get("content_html")), _text(entry.get("content_text"))
    listed = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
    authors = [author.get("name") for author in listed or () if isinstance(author, dict)]
    identifier = entry.get("id")
    return make_item(
        id=str(identifier) if isinstance(identifier, str | int | float) else None,
        url=join(base, _text(entry.get("url"))) or join(base, _text(entry.get("external_url"))),
        title=_text(entry.get("title")),
        authors=[name for name in authors if isinstance(name, str)],
        published_at=_text(entry.get("date_published")),
        updated=_text(entry.get("date_modified")),
        language=_text(entry.get("language")) or language,
        summary=_text(entry.get("summary")),
        content=html if html is not None else text,
        is_html=html is not None,
        is_content=True,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
