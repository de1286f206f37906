"""What stands around an article inside its own container, taken out before the text is read.

Three signs, none of them a site's: words of the class vocabulary that page builders share, blocks
that are nothing but links, and labels that lead into such blocks. A guard bounds them all: nothing
goes that holds a fair share of the page's prose, so that a forum keeps its `comments` and a shop
its `product-info`.
"""

import re
from functools import lru_cache

from lxml.html import HtmlElement

from streams.outline import INLINE, Outline

# Words of class and id names. A word begins at a hyphen, an underscore, a blank or a capital.
_FURNITURE = re.compile(
    r"(?<![a-z])(?:"
    r"newsletters?|subscri(?:be|bers?|ptions?)|sign-?up|singup|promos?|advert\w*|ads?|sponsor\w*|affiliate|disclaimer"
    r"|commerce-disclosure|outbrain|taboola|recommend\w*|related|read-?(?:more|also|next)|more-?(?:on|from|stories|news)"
    r"|most-?(?:read|popular|viewed|shared)|popular|trending|shar(?:e|es|ed|ing)|social|follow"
    r"|comments?|disqus|polls?|survey|feedback|byline|authors?|bio|tags?|topics?|keywords|bread-?crumbs?"
    r"|toolbar|rating|cookies?|consent|gdpr|banner|modal|pop-?up|overlay|tooltip|cite-?(?:wrapper|article)"
    r"|sr-only|(?:visually|a11y)-?hidden|screen-?reader(?:-text)?|skip-?link|copyright|gallery|slideshow|carousel"
    r"|sidebar|read(?:ing)?-?time|post-?info|entry-?meta|post-?meta|article-?meta|meta-?list|timestamp|publish(?:ed)?-?date"
    r"|post-?date|donat(?:e|ion)|paywall|access-?wall|breaking|agencies|art-?source|article-?source|vukkle\w*"
    r")(?![a-z])"
)
_CAPTION = re.compile(
    r"(?<![a-z])(?:fig-?caption|captions?|wp-caption-text|image-?(?:description|caption|info|credit)|(?:photo|media)-?"
    r"(?:credit|caption|description)|credits?|bild-?unterschrift|absatzbild__info)(?![a-z])"
)
_TEASER = re.compile(r"(?<![a-z])teasers?(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KEPT_TAGS = frozenset(("html", "body", "main", "article"))
_GUARD = 0.2


@lru_cache(maxsize=8192)
def _words(name: str) -> str:
    return _CAMEL.sub("-", name).replace("_", "-").lower()


def remove_furniture(outline: Outline) -> tuple[str, ...]:
    """Take the furniture out of the tree, in place, and return the captions among it."""
    captions: dict[str, None] = {}
    for element in outline.elements:
        if element in outline.gone or element in outline.kept or element.tag in _KEPT_TAGS:
            continue
        if outline.prose(element) > _GUARD * outline.total_prose:
            continue
        name = _name(element)
        if _is_caption(element, name):
            if (text := outline.text(element)) and len(text) < 1000 and not outline.in_link(element):
                captions[text] = None
            outline.drop(element)
        elif _is_named_furniture(outline, element, name) or _is_links(outline, element):
            _drop_label(outline, element)
            outline.drop(element)
    return tuple(captions)


def _name(element: HtmlElement) -> str:
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    return "" if name == " " else _words(name)


def _is_caption(element: HtmlElement, name: str) -> bool:
    return element.tag == "figcaption" or (name != "" and _CAPTION.search(name) is not None)


def _is_named_furniture(outline: Outline, element: HtmlElement, name: str) -> bool:
    if not name or "blockquote" in name or (element.tag in INLINE and _stands_in_line(element)):
        return False
    if _TEASER.search(name) and outline.linked(element) > 0.2 * outline.size(element):
        return True
    return _FURNITURE.search(name) is not None and element.find(".//h1") is None


def _stands_in_line(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in _LINES


def _is_links(outline: Outline, element: HtmlElement) -> bool:
    """Tell a block of nothing but links, or of a short label and one link, from prose."""
    if element.tag not in _LINK_BLOCKS or outline.total_prose < 800:
        return False
    size, linked = outline.size(element), outline.linked(element)
    if size < 25 or linked < 0.5 * size or size > 0.3 * outline.total_prose:
        return False
    if linked > 0.9 * size:
        if outline.text(element).startswith("http"):  # a source that is quoted by its address
            return False
        return element.find(".//h1") is None
    return element.tag == "p" and _is_labelled_link(element, size, linked)


def _is_labelled_link(element: HtmlElement, size: int, linked: int) -> bool:
    """Tell `Read more: <a>another story</a>`: a short label with a colon, then one link to the end."""
    links = list(element.iter("a"))
    text = " ".join(element.text_content().split())
    target = " ".join(links[0].text_content().split()) if len(links) == 1 else ""
    if len(target) < 20 or size - linked > 40 or target.startswith("http"):
        return False
    label, _, rest = text.partition(target)
    return label.rstrip(' («\u201c"').endswith((":", "|", "–", "»", ">")) and len(rest.strip()) <= 2


def _drop_label(outline: Outline, element: HtmlElement) -> None:
    """Drop the heading or short line with a colon that led into a block of links."""
    label = element.getprevious()
    if (
        label is None
        or label.tag == "script"
        or label in outline.gone
        or label in outline.kept
        or outline.size(label) > 60
    ):
        return
    if outline.linked(element) < 0.5 * outline.size(element):
        return
    text = outline.text(label)
    if (label.tag in _HEADINGS and outline.size(element) > 25) or text.endswith((":", "...", "…")):
        outline.drop(label)


_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LINES = frozenset(("p", "li", "td", "dd", *INLINE))
_LINK_BLOCKS = frozenset(("p", "ul", "ol", "div", "section", *_HEADINGS))
