"""One item of what a site lists: the address of an article, or the article itself."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """What a feed, a sitemap or a listing says of one article; nothing of it has been checked.

    `id` tells it from the others of its source for ever; `stamp` is another one when the site
    says that it has changed. `url` is the absolute http(s) address of its page as it was listed,
    None where it has none. `content` is HTML or (with `is_html` false) plain text, and `whole` tells that it
    is the article and not its beginning. Times are as they were written.
    """

    id: str
    stamp: str = ""
    url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    language: str | None = None
    summary: str | None = None
    content: str | None = None
    is_html: bool = True
    whole: bool = False
