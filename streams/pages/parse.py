"""From markup to one tree that every later stage shares, within bounds that keep the parser quick.

libxml2 reads any page in time linear in its length but for one case: the attributes of one tag,
where 40,000 hold it for seconds. What gets past the quick look below is ended by the time limit
of the process.
"""

import re
from dataclasses import replace
from typing import cast

from lxml.etree import ParserError, XMLSyntaxError, XPath, strip_elements
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from streams.draft import Draft
from streams.reject import Reject

MAX_CHARACTERS = 5_000_000
MAX_TAGS = 200_000  # before stripping
MAX_ELEMENTS = 20_000  # after stripping; the largest of 400 real news pages had 2,800
MAX_ATTRIBUTES = 1_000  # of one tag; the most on those pages were 73

# Never `form`: some frameworks put the whole page into one.
_JUNK = (
    "style", "svg", "noscript", "iframe", "button", "select", "input", "template", "canvas", "object",
    "embed",
)  # fmt: skip
_COUNT = XPath("count(//*)", smart_strings=False)
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<]{{{2 * MAX_ATTRIBUTES},}}")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
)
_TAG_NAME = re.compile(r"<[^\s/>]++")


def parse(draft: Draft) -> Draft:
    """Return the draft with `tree`, stripped of what is never text; plain text passes unchanged.

    `head` and the scripts that hold JSON-LD are still there, for the metadata. Raises Reject:
    `too_large`, `too_complex` (elements, or attributes of one tag), `too_deep` (the parser's 255
    levels), `empty`.
    """
    if draft.markup is None:
        return draft
    tags = _check_markup(draft.markup)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = document_fromstring(draft.markup.encode(), parser=parser)
    except (ParserError, XMLSyntaxError) as error:
        raise Reject("empty", str(error)) from None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Reject("too_deep", "elements nested deeper than 255")
    strip(tree)
    # A tag makes two elements at most: its own and one that it implies.
    if 2 * tags > MAX_ELEMENTS and (elements := int(cast(float, _COUNT(tree)))) > MAX_ELEMENTS:
        raise Reject("too_complex", f"{elements:,} elements, at most {MAX_ELEMENTS:,}")
    body = tree.find("body")
    if body is None or not any(text.strip() for text in body.itertext()):
        raise Reject("empty", "no text in the body of the page")
    return replace(draft, tree=tree)


def strip(tree: HtmlElement) -> None:
    """Take out, in place, the elements that are never text; their tails stay."""
    linked_data = [
        script for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower()
    ]
    for script in linked_data:
        script.tag = "linked-data"
    strip_elements(tree, "script", *_JUNK, with_tail=False)
    for script in linked_data:
        script.tag = "script"


def _check_markup(markup: str) -> int:
    """Return the number of tags, closing ones among them."""
    if len(markup) > MAX_CHARACTERS:
        raise Reject("too_large", f"{len(markup):,} characters, at most {MAX_CHARACTERS:,}")
    tags = markup.count("<")
    if tags > MAX_TAGS:
        raise Reject("too_complex", f"{tags:,} tags, at most {MAX_TAGS:,}")
    for tag in _LONG_TAG.finditer(markup):
        if _count_attributes(markup, *tag.span()) > MAX_ATTRIBUTES:
            raise Reject("too_complex", f"more than {MAX_ATTRIBUTES:,} attributes on one tag")
    return tags


def _count_attributes(markup: str, start: int, end: int) -> int:
    """Count by the tokenizer of the HTML standard (13.2.5.32 ff.), no further than one too many."""
    name = _TAG_NAME.match(markup, start, end)
    position = name.end() if name else start
    count = 0
    while count <= MAX_ATTRIBUTES and (attribute := _ATTRIBUTE.match(markup, position, end)):
        position = attribute.end()
        count += 1
    return count
