"""A page as evidence of its article: what stands in its head, and its nodes of JSON-LD."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from streams.beneath import Beneath, read_beneath
from streams.draft import Draft
from streams.head import Head, read_head
from streams.jsonld import Node, find_articles, read_nodes, texts
from streams.plain import plain


@dataclass(frozen=True)
class Page:
    """`articles` are the nodes about the page's own article, the best first; `known` all by `@id`."""

    draft: Draft
    head: Head
    nodes: list[Node]
    articles: list[Node]
    known: dict[str, Node]

    @cached_property
    def beneath(self) -> Beneath:
        """What stands beneath the headline; read only for a page that marks too little up."""
        return read_beneath(self.head.headlines[0]) if self.head.headlines else Beneath()

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
