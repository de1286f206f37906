"""A page as evidence of its article: what stands in its head, and its nodes of JSON-LD."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from streams.draft import Draft
from streams.metadata.beneath import Beneath, read_beneath
from streams.metadata.head import Head, read_head
from streams.metadata.jsonld import Node, find_articles, read_nodes, texts
from streams.text.byline import name_key
from streams.text.plain import plain

_MOST_HEADINGS, _MOST_NAMES = 10, 100
_SHORTEST_HEADLINE = 15


@dataclass(frozen=True)
class Page:
    """`articles` are the nodes about the page's own article, the best first; `known` all by `@id`."""

    draft: Draft
    head: Head
    nodes: list[Node]
    articles: list[Node]
    known: dict[str, Node]

    @cached_property
    def headline(self) -> HtmlElement | None:
        """The heading that the page shows as its headline: an `h1` that its titles know, else a long one.

        Sites put their own name into the first `h1`, and headlines into an `h2`.
        """
        titles = [self.head.title, *self.head.all("ogtitle"), *self.linked("headline", "name")]
        known = [key for key in map(name_key, map(plain, titles[:5])) if key]
        for heading in self.head.headlines[:_MOST_HEADINGS]:
            key = name_key(heading_text(heading))
            if key and any(title in key or (key in title and 3 * len(key) > len(title)) for title in known):
                return heading
        for heading in self.head.headlines[:_MOST_HEADINGS]:
            if len(heading_text(heading)) >= _SHORTEST_HEADLINE:
                return heading
        if self.draft.tree is not None:
            for heading in islice(self.draft.tree.iter("h2", "h3"), _MOST_HEADINGS):
                key = name_key(heading_text(heading))
                if len(key) >= _SHORTEST_HEADLINE and any(key in title for title in known):
                    return heading
        return None

    @cached_property
    def beneath(self) -> Beneath:
        """What stands beneath the headline; read only for a page that marks too little up."""
        return Beneath() if self.headline is None else read_beneath(self.headline)

    def linked(self, *fields: str) -> Iterator[str]:
        """Return the texts of these fields of the article's nodes, those of an earlier field first."""
        for field in fields:
            for article in self.articles:
                yield from texts(article, field)

    def names(self, entries: Iterable[object]) -> Iterator[str]:
        """Return the names of persons and organisations, given as text, as nodes or by `@id`."""
        for entry in entries:
            if isinstance(entry, str):
                yield entry
            elif isinstance(entry, dict):
                key = entry.get("@id")
                node = self.known.get(key, entry) if isinstance(key, str) and "name" not in entry else entry
                yield from texts(node, "name")
            elif isinstance(entry, list):
                yield from self.names(item for item in entry[:_MOST_NAMES] if not isinstance(item, list))


def heading_text(heading: HtmlElement) -> str:
    """Return the text of a heading as plain text."""
    return plain("".join(islice(heading.itertext(), 100)))


def read_page(draft: Draft) -> Page:
    """Return the evidence of a draft that has a tree."""
    if draft.tree is None:
        raise ValueError("a draft without a tree has no page")
    head = read_head(draft.tree)
    nodes = read_nodes(head.scripts)
    articles = find_articles(nodes, head.canonical or head.first("ogurl") or draft.raw.url)
    known: dict[str, Node] = {}
    for node in nodes:
        if isinstance(key := node.get("@id"), str) and "name" in node:
            known.setdefault(key, node)
    return Page(draft, head, nodes, articles, known)


def first_plain(written: Iterable[object]) -> str | None:
    """Return the first of `written` that is text, as plain text."""
    return next((text for text in map(plain, written) if text), None)
