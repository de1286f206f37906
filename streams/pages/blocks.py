"""The lines that a tree shows: where a browser would begin a new line, and nowhere else."""

from lxml.etree import _Element

# The blocks of HTML, and of the small vocabulary (TEI) in which trafilatura answers.
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt"}
    | {
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
    }
    | {
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "thead",
        "tr",
        "ul",
    }
    | {"head", "item", "list", "quote", "code", "row", "lb", "graphic"}
)
_CELLS = frozenset(("td", "th", "cell"))
_SILENT = frozenset(("script", "title", "nav", "footer", "aside"))


def read_blocks(element: _Element) -> tuple[str, ...]:
    """Return the lines: none blank, white space collapsed, the cells of a row divided by ` | `."""
    pieces: list[str | None] = []
    _collect(element, pieces)
    pieces.append(None)
    lines: list[str] = []
    line: list[str] = []
    for piece in pieces:
        if piece is not None:
            line.append(piece)
        elif line:
            if text := " ".join("".join(line).split()).strip("| "):
                lines.append(text)
            line = []
    return tuple(lines)


def _collect(element: _Element, pieces: list[str | None]) -> None:
    tag = element.tag
    block = tag in _BLOCKS
    if block:
        pieces.append(None)  # the end of a line
    if tag not in _SILENT:
        if element.text:
            pieces.append(element.text + " " if tag in _CELLS else element.text)
        for child in element:
            _collect(child, pieces)
            if child.tail:
                pieces.append(child.tail)
    if block:
        pieces.append(None)  # the end of a line
    elif tag in _CELLS:
        pieces.append(" | ")
