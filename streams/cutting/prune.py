"""Prune: the blocks that a publisher's rule names leave the page before it is extracted."""

import copy
from dataclasses import replace

from lxml.html import HtmlElement, tostring

from schemas.article import Removal
from streams.cutting.rule import Rules
from streams.draft import Draft


def prune(draft: Draft, rules: Rules) -> Draft:
    """Return the draft with a page (markup and tree) without the blocks of its host's rules.

    Their text stands in `removed`.
    """
    if draft.tree is None:
        return draft
    of_host = [rule for rule in rules.of_host(draft.host) if rule.remove]
    if not any(_find(path, draft.tree) for rule in of_host for path in rule.remove):
        return draft
    tree = copy.deepcopy(draft.tree)
    removed = [
        Removal(text=text, kind="block", rule=rule.name("block"))
        for rule in of_host
        for path in rule.remove
        for text in _drop(_find(path, tree))
    ]
    markup = tostring(tree, encoding="unicode")
    return replace(draft, markup=markup, tree=tree, removed=(*draft.removed, *removed))


def _drop(elements: list[HtmlElement]) -> list[str]:
    """Drop the elements, their tails kept, and return their texts; one inside another counts once."""
    found = set(elements)
    outer = [element for element in elements if not any(above in found for above in element.iterancestors())]
    texts = [" ".join(" ".join(element.itertext()).split()) for element in outer]
    for element in outer:
        if element.getparent() is not None:  # a path may name the page itself
            element.drop_tree()
    return [text for text in texts if text]


def _find(path: object, tree: HtmlElement) -> list[HtmlElement]:
    found = path(tree)  # type: ignore[operator]
    return [node for node in found if isinstance(node, HtmlElement)] if isinstance(found, list) else []
