"""An entry of a feed in XML, from what feedparser makes of it to an item."""

from typing import Any

from connectors.feeds.item import Item
from connectors.feeds.make import make_item


def read_entry(entry: Any, language: str | None) -> Item:
    """Return the item of an entry; `language` is that of its feed, where it says none of its own."""
    contents = [one for one in entry.get("content", ()) if _text(one.get("value"))]
    best = max(contents, key=lambda one: len(one["value"]), default=None)
    # Without a summary feedparser gives the content as one, and no details of it.
    summary = _text(entry.get("summary")) if best is None or "summary_detail" in entry else None
    # It puts a description that a content element follows into summary, and the other way
    # round gives the summary as the content: then there is one text, and it is a description.
    is_content = best is not None and best["value"] != summary
    written = best["value"] if best is not None else summary
    kind = (best or entry.get("summary_detail") or {}).get("type", "text/html")
    own = _text((best or {}).get("language")) or _text(entry.get("language"))
    return make_item(
        id=_text(entry.get("id")),
        url=_find_link(entry),
        title=_text(entry.get("title")),
        authors=_find_authors(entry),
        published_at=_text(entry.get("published")) or _text(entry.get("created")),
        updated=_text(entry.get("updated")),
        language=own or language,
        summary=summary if is_content else None,
        content=written,
        is_html=kind != "text/plain" or "<" in (written or ""),
        is_content=is_content,
    )


def _find_authors(entry: Any) -> list[str]:
    names = [_text(author.get("name")) or _text(author.get("email")) for author in entry.get("authors", ())]
    if len(names) <= 1 and "@" in (written := _text(entry.get("author")) or ""):
        names = [written]  # of mail addresses feedparser knows few endings
    return [name for name in names if name]


def _find_link(entry: Any) -> str | None:
    links = [link for link in entry.get("links", ()) if _text(link.get("href"))]
    alternate = [link["href"] for link in links if link.get("rel") in ("alternate", None)]
    for link in (entry.get("feedburner_origlink"), entry.get("link"), *alternate, entry.get("id")):
        if (text := _text(link)) and text.strip().lower().startswith(("http://", "https://")):
            return text.strip()
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
