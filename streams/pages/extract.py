"""From the tree of a page to the paragraphs of its article."""

from dataclasses import replace

from lxml.etree import strip_elements
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Extractor
from trafilatura.utils import line_processing, trim

from streams.draft import Draft
from streams.fold import fold
from streams.pages.blocks import read_blocks
from streams.pages.frame import find_frame
from streams.pages.furniture import remove_furniture
from streams.pages.lede import find_headlines, find_lede, read_kicker
from streams.pages.outline import Outline
from streams.pages.parse import parse
from streams.pages.recover import recover_paragraphs
from streams.reject import Reject

_ARTICLE = 400  # characters of prose, from which on a headline stands above something
_ASIDE = ("nav", "footer", "aside", "menu", "dialog")
_LONG = 50_000  # characters of a page
_POOR_CHARACTERS = 400
_POOR_SHARE = 0.45
_LONG_PARAGRAPH = 80
_MAX_BREAKS = 2_000
_WALL = 300  # characters of a line that may hold paragraphs
# The default run compares every paragraph with its neighbours: quadratic, 40 s on 10,000 rows.
_MAX_PARAGRAPHS = 2_000

# Where trafilatura falls back to the text of the whole page it deletes U+200C and U+200D, without which
# Persian and Indic words break. Two letters of an undeciphered script travel in their place.
_JOINERS = {"\u200c": "\U00010600", "\u200d": "\U00010601"}


def extract(draft: Draft) -> Draft:
    """Return the draft with `lines` (paragraphs, headings and list items in order) and `captions`.

    The headline is not among the lines; a kicker that stands in one heading with it is `kicker`.
    Plain text passes unchanged. The tree is taken over, as a copy costs half as much as a parse: the
    draft that comes back holds none. Raises Reject `no_article` where the page has no text of its own.
    """
    if draft.tree is None:
        return draft
    description = _read_description(draft.tree)
    tree, outline = _outline(draft.tree, draft)
    headlines = find_headlines(outline, draft.metadata.title)
    kicker = draft.kicker or read_kicker(headlines, draft.metadata.title)
    lede = find_lede(outline, headlines, description)
    opening = outline.text(lede) if lede is not None else ""
    if lede is not None:
        outline.keep(lede)
    if outline.total_prose > _ARTICLE:
        for headline in headlines:
            outline.keep(headline)
            outline.blank(headline)
    captions = remove_furniture(outline)
    _break_preformatted(tree)
    frame = find_frame(outline)
    lines = _read_lines(tree, outline) if frame is None else read_blocks(frame)
    if fold(opening)[:60] not in fold(" ".join(lines[:8])):
        lines = (opening, *lines)
    if not any(any(map(str.isalpha, line)) for line in lines):
        raise Reject("no_article", "nothing on the page reads as an article")
    return replace(draft, tree=None, kicker=kicker, lines=lines, captions=captions)


def _outline(tree: HtmlElement, draft: Draft) -> tuple[HtmlElement, Outline]:
    """Return the page to work on, and its outline.

    What stands aside by its very tag is left out at once: it is a third of the elements. Where next
    to nothing is left then, the page is parsed anew, and it is weighed like the rest.
    """
    strip_elements(tree.find("body"), *_ASIDE, with_tail=False)
    outline = Outline(tree.find("body"))
    if outline.total_prose < _ARTICLE:
        tree = parse(draft).tree
        assert tree is not None  # for a draft with markup
        outline = Outline(tree.find("body"))
    return tree, outline


def _read_lines(tree: HtmlElement, outline: Outline) -> tuple[str, ...]:
    text = str(tree.text_content())
    joined = any(joiner in text for joiner in _JOINERS)
    if joined:
        _swap_joiners(tree)
    lines = recover_paragraphs(outline, _divide(tree, _best_lines(tree)))
    if len(text) > _LONG:
        # trafilatura remembers the last thousand texts that it trimmed, megabytes among them.
        trim.cache_clear()
        line_processing.cache_clear()
    return tuple(line.translate(_BACK) for line in lines) if joined else lines


def _read_description(tree: HtmlElement) -> str | None:
    for meta in tree.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() in ("og:description", "description"):
            return meta.get("content") or None
    return None


def _best_lines(tree: HtmlElement) -> tuple[str, ...]:
    lines = _run(tree, fast=True, recall=True)
    paragraphs = [" ".join(p.itertext()) for p in tree.iter("p")]
    long = sum(len(text) for text in paragraphs if len(text) > _LONG_PARAGRAPH)
    size = sum(map(len, lines))
    if (size < _POOR_CHARACTERS or size < _POOR_SHARE * long) and len(paragraphs) < _MAX_PARAGRAPHS:
        lines = _run(tree, fast=False, recall=False) or lines
    return lines


def _run(tree: HtmlElement, *, fast: bool, recall: bool) -> tuple[str, ...]:
    # `deduplicate` would make the text of a page depend on the pages before it.
    options = Extractor(output_format="python", fast=fast, recall=recall, comments=False, dedup=False)
    document = bare_extraction(tree, options=options)
    return () if document is None or isinstance(document, dict) else read_blocks(document.body)


def _divide(tree: HtmlElement, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines, those of the page itself where most of the text came as a single one.

    It does where a page has no paragraphs and trafilatura falls back to the text of all of it.
    """
    size = sum(map(len, lines))
    longest = max(map(len, lines), default=0)
    if longest < _WALL or 2 * longest < size:
        return lines
    frame = tree.find("body")
    while inner := [child for child in frame if len(child.text_content()) > 0.9 * size]:
        frame = inner[0]
    blocks = read_blocks(frame)
    return blocks if len(blocks) > len(lines) and sum(map(len, blocks)) < 1.4 * size else lines


def _break_preformatted(tree: HtmlElement) -> None:
    """Give the lines of `pre` breaks of their own: extraction collapses white space."""
    for element in tree.iter("pre"):
        first, *more = (element.text or "").split("\n", _MAX_BREAKS)
        element.text = first
        for place, line in enumerate(more):
            end = element.makeelement("br")
            end.tail = line
            element.insert(place, end)


def _swap_joiners(tree: HtmlElement) -> None:
    for element in tree.iter():
        if element.text:
            element.text = element.text.translate(_TABLE)
        if element.tail:
            element.tail = element.tail.translate(_TABLE)


_TABLE = str.maketrans(_JOINERS)
_BACK = str.maketrans({stand_in: joiner for joiner, stand_in in _JOINERS.items()})
