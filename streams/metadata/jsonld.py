"""What a page says of its article in JSON-LD (schema.org)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

_LARGEST = 2_000_000  # characters of one script; the article's body often stands in it
_LARGEST_TO_MEND = 500_000
_MOST_NODES, _MOST_VALUES = 2000, 100
_WRAPPING = re.compile(
    r"^\s*(?:<!--|(?://|/\*)?\s{0,9}<!\[CDATA\[\s{0,9}(?:\*/)?)|(?:-->|(?://|/\*)?\s{0,9}\]\]>\s{0,9}(?:\*/)?|;)\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*(?=[\]}])")
# Where the parts of one page are listed; deeper, a node is about something else (related, video).
_DOWN = ("@graph", "mainEntity", "mainEntityOfPage")

Node = Mapping[str, Any]


def read_nodes(scripts: Iterable[str]) -> list[Node]:
    """Return the nodes of all scripts in their order, those of lists and `@graph` one by one.

    A script that is no JSON even after the usual faults are mended (raw newlines, comments or
    CDATA around it, trailing commas) counts as absent. Never raises.
    """
    nodes: list[Node] = []
    for script in scripts:
        if len(nodes) < _MOST_NODES:
            nodes.extend(_flatten(_parse(script), _MOST_NODES - len(nodes)))
    return nodes


def find_articles(nodes: Iterable[Node], address: str | None) -> list[Node]:
    """Return the nodes of the page's own article, the best first; empty where there is none.

    A page may list others beside it: the one that gives the page's address wins, else the first.
    Of the rest only those stay that repeat its headline.
    """
    articles = [node for node in nodes if _is_article(node)]
    if len(articles) < 2:
        return articles
    own = _path(address)
    first = next((node for node in articles if own and own in map(_path, _addresses(node))), articles[0])
    headline = first.get("headline")
    same = [node for node in articles if node is not first and headline and node.get("headline") == headline]
    return [first, *same]


def values(node: Node, field: str) -> list[Any]:
    """Return the values of a field, always as a list, the first hundred of very many."""
    value = node.get(field)
    if value is None:
        return []
    return value[:_MOST_VALUES] if isinstance(value, list) else [value]


def texts(node: Node, field: str) -> list[str]:
    """Return those values of a field that are text, written plainly or as `@value`."""
    found = (item.get("@value") if isinstance(item, dict) else item for item in values(node, field))
    return [item for item in found if isinstance(item, str)]


def types(node: Node) -> list[str]:
    """Return the names of a node's types in lower case, without their vocabulary."""
    return [name.rpartition("/")[2].rpartition(":")[2].lower() for name in texts(node, "@type")]


def _is_article(node: Node) -> bool:
    return any(name.endswith(("article", "posting")) or name == "report" for name in types(node))


def _addresses(node: Node) -> Iterator[str]:
    for field in ("url", "mainEntityOfPage", "@id"):
        for value in values(node, field):
            address = value.get("@id") if isinstance(value, dict) else value
            if isinstance(address, str):
                yield address


def _path(address: str | None) -> str:
    """Return what tells two pages of one site apart, whatever the scheme, the host and its query."""
    if not address:
        return ""
    address = address.partition("#")[0].partition("?")[0]
    return address.partition("://")[2].partition("/")[2].strip("/")


def _parse(script: str) -> Any:
    if len(script) > _LARGEST:
        return None
    try:
        return orjson.loads(script)
    except ValueError:
        pass
    if len(script) > _LARGEST_TO_MEND:
        return None
    mended = _TRAILING_COMMA.sub("", _WRAPPING.sub("", script))
    try:
        return json.loads(mended, strict=False)
    except (ValueError, RecursionError):
        return None


def _flatten(value: Any, most: int) -> list[Node]:
    nodes: list[Node] = []
    waiting = [value]
    while waiting and len(nodes) < most:
        item = waiting.pop()
        if isinstance(item, dict):
            nodes.append(item)
            waiting.extend(item[field] for field in reversed(_DOWN) if field in item)
        elif isinstance(item, list):
            waiting.extend(reversed(item[:most]))
    return nodes
