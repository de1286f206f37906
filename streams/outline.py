"""How much text each element of a page holds: in all, within links, and as prose."""

from lxml.html import HtmlElement

INLINE = frozenset(
    {
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
    }
    | {
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "meta",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
    }
    | {"sub", "sup", "time", "tt", "u", "var", "wbr"}
)
_PROSE = 80


class Outline:
    """The sizes of a tree's elements, in characters, taken in one pass from the leaves up.

    Prose is a run of 80 characters or more in one block, most of it outside links.
    """

    def __init__(self, body: HtmlElement) -> None:
        self.body = body
        self.elements: list[HtmlElement] = [element for element in body.iter() if element.tag != "script"]
        self.gone: set[HtmlElement] = set()
        self.kept: set[HtmlElement] = set()
        sizes: dict[HtmlElement, list[int]] = {}
        for element in reversed(self.elements):
            text = element.text
            size = flow = len(text.strip()) if text else 0
            linked = flow_linked = prose = 0
            for child in element:
                tail = child.tail
                tailed = len(tail.strip()) if tail else 0
                measured = sizes.get(child)
                if measured is not None:
                    size += measured[0]
                    linked += measured[1]
                    prose += measured[2]
                    flow += measured[3]
                    flow_linked += measured[4]
                size += tailed
                flow += tailed
            if element.tag == "a":
                linked = size
                flow_linked = flow
            own = flow
            if element.tag not in INLINE:
                if flow >= _PROSE and flow_linked < 0.5 * flow:
                    prose += flow
                flow = flow_linked = 0
            sizes[element] = [size, linked, prose, flow, flow_linked, own]
        self._sizes = sizes
        self.total_prose = sizes[body][2]

    def size(self, element: HtmlElement) -> int:
        """Return the characters of its text, spaces between blocks aside."""
        return self._sizes[element][0]

    def linked(self, element: HtmlElement) -> int:
        """Return the characters of its text that stand in links."""
        return self._sizes[element][1]

    def prose(self, element: HtmlElement) -> int:
        """Return the characters of prose in it."""
        return self._sizes[element][2]

    def flow(self, element: HtmlElement) -> int:
        """Return the characters of its own run: its text and that of its inline parts."""
        return self._sizes[element][5]

    def text(self, element: HtmlElement) -> str:
        """Return its text in one line."""
        return " ".join(element.text_content().split())

    def in_link(self, element: HtmlElement) -> bool:
        """Tell whether it stands in a link."""
        return next(element.iterancestors("a"), None) is not None

    def drop(self, element: HtmlElement) -> None:
        """Take it out of the tree, with all that is in it; its tail stays."""
        self.gone.update(element.iter())
        element.drop_tree()

    def keep(self, element: HtmlElement) -> None:
        """Keep it and what it stands in, whatever its names say."""
        self.kept.update(element.iter())
        self.kept.update(element.iterancestors())

    def blank(self, element: HtmlElement) -> None:
        """Take its text out and leave the element itself."""
        self.gone.update(element.iter())
        del element[:]
        element.text = None
