"""What stands around an article inside its own container, taken out before the text is read.

Three signs, none of them a site's: words of the vocabulary that page builders share for class and
id, blocks that are nothing but links, and the labels that lead into such blocks. A guard bounds
them all: nothing goes that holds a fair share of the page's prose, so that a forum keeps its
`comments`.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Literal

from lxml.html import HtmlElement

from streams.pages.outline import INLINE, Outline

Kind = Literal["furniture", "caption", "teaser", "picture", "small", ""]

# A word of a name begins at a hyphen, an underscore, a blank or a capital, and ends so.
_WORD = r"(?<![a-z])(?:{})(?![a-z])"
_FURNITURE = re.compile(
    _WORD.format(
        r"newsletters?|subscri(?:be|bers?|ptions?)|(?:inline-?)?sign-?up|singup|promos?|advert\w*|ads?|sponsor\w*"
        r"|affiliate|disclaimer|commerce-disclosure|outbrain|taboola|recommend\w*|related|read-?(?:more|also|next)"
        r"|more-?(?:on|from|stories|news)|most-?(?:read|popular|viewed|shared)|popular|trending|latest-?news"
        r"|shar(?:e|es|ed|ing)|social|follow|comments?|disqus|poll|survey|feedback|byline|authors?|bio|tags?|topics?"
        r"|keywords|bread-?crumbs?|toolbar|rating|cookies?|consent|gdpr|banner|modal|pop-?(?:up|over)|overlay|tooltip"
        r"|cite-?(?:wrapper|article)|sr-only|(?:visually|a11y)-?hidden|screen-?reader(?:-text)?|skip-?link|copyright"
        r"|gallery|slideshow|carousel|sidebar|read(?:ing)?-?time|post-?info|(?:entry|post|article)-?meta|meta-?list"
        r"|timestamp|(?:post|publish(?:ed)?)-?date|donat(?:e|ion)|paywall|access-?wall|breaking|agencies"
        r"|(?:article|body|art)-?source|author-?(?:info|line|short)|app-?bottom\w*|cta"
    )
)
_CAPTION = re.compile(
    _WORD.format(
        r"fig-?caption|captions?|wp-caption-text|image-?(?:description|caption|info|credit|source)"
        r"|(?:photo|media)-?(?:credit|caption|description)|credits?|bild-?unterschrift"
    )
)
_TEASER = re.compile(_WORD.format(r"teasers?|excerpts?"))
_PICTURE = re.compile(
    r"(?:picture|image|photo|foto)|" + _WORD.format(r"pics?|img\w*|bild\w*|\w+bild|pic-?box|fig(?:ure)?")
)
_SMALL = re.compile(
    _WORD.format(r"dates?|time|datetime|meta|published|updated|source|quelle|fuente|datum|fecha|tarih")
)
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("caption", _CAPTION),
    ("furniture", _FURNITURE),
    ("teaser", _TEASER),
    ("picture", _PICTURE),
    ("small", _SMALL),
)
# Not every capital: names made by hashing have them anywhere (`n1AuAdJlVL` is no `ad`).
_CAMEL = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{2})")
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LISTS = frozenset(("ul", "ol"))
_LINES = frozenset(("p", "li", "td", "dd", *INLINE))
_LINK_BLOCKS = frozenset(("p", "div", "section", *_LISTS, *_HEADINGS))
_KEPT_TAGS = frozenset(("html", "body", "main", "article"))
_IMAGES = frozenset(("img", "picture", "video", "amp-img"))
_ASIDE = frozenset(("nav", "aside", "footer", "menu", "dialog"))
_SEPARATORS = frozenset(("br", "hr", "td", "th", "tr"))
_HEADLINE = 25  # characters, under which a link is no other story's headline
_CAPTION_SIZE = 1_000
_LEGEND = 300  # characters of text in a box with a picture
_NAME = 300  # characters of a name that are looked at and remembered
_SHARE = 0.2
_ARTICLE = 500  # characters of prose, under which a page may well be about its links
_FULL_STOP = (".", "!", "?", "…", "。", "؟", "।", "۔")


def remove_furniture(outline: Outline) -> tuple[str, ...]:
    """Take the furniture out of the tree, in place, and return the captions among it."""
    captions: dict[str, None] = {}
    # Prose is what must not be lost; a page without (a thread of short posts) is weighed by all its text.
    weigh = outline.prose if outline.total_prose >= _ARTICLE else outline.size
    share = _SHARE * weigh(outline.elements[0])
    pictured: dict[HtmlElement, bool] = {}
    named: Counter[str] = Counter()
    for element in outline.elements:
        if weight := weigh(element):
            named[_kind((element.get("class") or "")[:_NAME], (element.get("id") or "")[:_NAME])[1]] += weight
    for element in outline.elements:
        if element in outline.gone or element in outline.kept or element.tag in _KEPT_TAGS:
            continue
        size = outline.size(element)
        if size == 0:
            if element.tag not in _SEPARATORS:
                outline.drop(element)
            continue
        if weigh(element) > share:
            continue
        kind, word = _kind((element.get("class") or "")[:_NAME], (element.get("id") or "")[:_NAME])
        if word and named[word] > 1.5 * share:
            kind = ""
        if kind == "caption" or element.tag == "figcaption" or _is_picture(element, kind, size):
            if size < _CAPTION_SIZE and not outline.in_link(element) and _has_picture(element, pictured):
                captions[" ".join(" ".join(element.itertext()).split())] = None
            outline.drop(element)
        elif _is_furniture(outline, element, kind, size) or _is_links(outline, element, size):
            if outline.linked(element) >= 0.5 * size:
                _drop_label(outline, element)
            outline.drop(element)
    return tuple(captions)


@lru_cache(maxsize=4096)
def _kind(classes: str, identity: str) -> tuple[Kind, str]:
    """Return what the names of an element say it is, and the word that says it."""
    name = f"{classes} {identity}"
    if name == " ":
        return "", ""
    name = _CAMEL.sub("-", name).replace("_", "-").lower()
    if "blockquote" in name:
        return "", ""
    for kind, words in _KINDS:
        if said := words.search(name):
            return kind, said[0]
    return "", ""


def _is_picture(element: HtmlElement, kind: Kind, size: int) -> bool:
    if element.tag != "figure" and kind != "picture":
        return False
    return size < _LEGEND and element.tag not in INLINE and next(element.iter(*_IMAGES), None) is not None


def _has_picture(element: HtmlElement, known: dict[HtmlElement, bool]) -> bool:
    """Tell whether a picture stands beside it; small print is named a caption too."""
    if element.tag == "figcaption":
        return True
    frame = element
    for _ in range(2):
        parent = frame.getparent()
        if parent is None or parent.tag in _KEPT_TAGS:
            break
        frame = parent
    if frame not in known:
        known[frame] = next(frame.iter(*_IMAGES), None) is not None
    return known[frame]


def _is_furniture(outline: Outline, element: HtmlElement, kind: Kind, size: int) -> bool:
    if element.tag in _ASIDE:
        return True
    if not kind or (element.tag in INLINE and _stands_in_line(element)):
        return False
    if kind == "teaser":
        return outline.linked(element) > 0.2 * size
    return kind == "furniture" or (kind == "small" and size < 60)


def _stands_in_line(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in _LINES


def _is_links(outline: Outline, element: HtmlElement, size: int) -> bool:
    """Tell a block of nothing but links, or of short labels and one link each, from prose."""
    tag = element.tag
    if tag not in _LINK_BLOCKS or outline.total_prose < _ARTICLE:
        return False
    linked = outline.linked(element)
    if size < _HEADLINE or linked < 0.5 * size or size > outline.total_prose:
        return False
    if linked > 0.9 * size:
        # A source may be quoted by its address.
        return not outline.text(element).startswith("http")
    if tag in _LISTS:
        return all(
            _is_labelled_link(outline, item) for item in element if item.tag == "li" and outline.size(item)
        )
    return (tag == "p" or tag in _HEADINGS) and _is_labelled_link(outline, element)


def _is_labelled_link(outline: Outline, element: HtmlElement) -> bool:
    """Tell `Read more: <a>another story</a>`: a short label, then one link to the end, no full stop."""
    text = outline.text(element)
    links = [link for link in element.iter("a") if outline.size(link)]
    target = outline.text(links[0]) if len(links) == 1 else ""
    if len(target) < 20 or target.startswith("http") or text.endswith(_FULL_STOP):
        return False
    label, _, rest = text.partition(target)
    label = label.rstrip(" («„“\"'")
    if len(label) > 40 or len(rest.strip(" )»”\"'")) > 14:
        return False
    return element.tag == "li" or len(label) < 20 or label.endswith((":", "|", "–", "-", "»", ">"))


def _drop_label(outline: Outline, element: HtmlElement) -> None:
    """Drop the heading or short line with a colon that led into a block of links."""
    label = element.getprevious()
    while label is not None and (label in outline.gone or outline.size(label) == 0):
        label = label.getprevious()
    if label is None or label in outline.kept or outline.size(label) > 60:
        return
    if label.tag in _HEADINGS or outline.text(label).endswith((":", "...", "…")):
        outline.drop(label)
