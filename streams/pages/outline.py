"""How much text each element of a page holds: in all, within links, and as prose."""

from itertools import accumulate

from lxml.html import HtmlElement

INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark meta "
    "nobr q s samp small span strike strong sub sup time tt u var wbr".split()
)
_PROSE = 80


class Outline:
    """The elements of a tree in their order, and their sizes in characters, taken in one pass.

    Prose is a run of 80 characters or more in one block, most of it outside links. `gone` are the
    elements that were dropped since, `kept` those that must not be.
    """

    def __init__(self, body: HtmlElement) -> None:
        self.elements: list[HtmlElement] = [element for element in body.iter() if element.tag != "script"]
        self.gone: set[HtmlElement] = set()
        self.kept: set[HtmlElement] = set()
        count = len(self.elements)
        places = {element: place for place, element in enumerate(self.elements)}
        sizes, links, proses, flows = [0] * count, [0] * count, [0] * count, [0] * count
        # What an inline element hands up to the run it stands in.
        runs, run_links = [0] * count, [0] * count
        # From the leaves up.
        for place in range(count - 1, -1, -1):
            element = self.elements[place]
            text = element.text
            size = run = len(text.strip()) if text else 0
            linked = run_linked = prose = 0
            for child in element:
                at = places.get(child)
                if at is not None:
                    size += sizes[at]
                    linked += links[at]
                    prose += proses[at]
                    run += runs[at]
                    run_linked += run_links[at]
                if tail := child.tail:
                    tailed = len(tail.strip())
                    size += tailed
                    run += tailed
            tag = element.tag
            if tag == "a" and element.get("href") is not None:  # an anchor left open holds half of the page
                linked, run_linked, prose = size, run, 0
            flows[place] = run
            if tag in INLINE:
                runs[place], run_links[place] = run, run_linked
            elif run >= _PROSE and 2 * run_linked < run:
                prose += run
            sizes[place], links[place], proses[place] = size, linked, prose
        self._places = places
        self._sizes, self._links, self._proses, self._flows = sizes, links, proses, flows
        self.total_prose = proses[0]
        own = (
            flows[place] if flows[place] >= _PROSE and proses[place] and not runs[place] else 0
            for place in range(count)
        )
        self._prose_until = list(accumulate(own, initial=0))

    def size(self, element: HtmlElement) -> int:
        """Return the characters of its text, spaces between its parts aside; 0 for a script."""
        place = self._places.get(element)
        return 0 if place is None else self._sizes[place]

    def linked(self, element: HtmlElement) -> int:
        """Return the characters of its text that stand in links."""
        return self._links[self._places[element]]

    def prose(self, element: HtmlElement) -> int:
        """Return the characters of prose that are still in it; 0 for a script."""
        place = self._places.get(element)
        return 0 if place is None else self._proses[place]

    def flow(self, element: HtmlElement) -> int:
        """Return the characters of its own run: its text and that of its inline parts."""
        return self._flows[self._places[element]]

    def prose_before(self, element: HtmlElement) -> int:
        """Return the characters of prose that begin before it."""
        return self._prose_until[self._places[element]]

    def after(self, element: HtmlElement) -> list[HtmlElement]:
        """Return the elements that begin after it, its own parts among them."""
        return self.elements[self._places[element] + 1 :]

    def text(self, element: HtmlElement) -> str:
        """Return its text in one line."""
        return " ".join(element.text_content().split())

    def in_link(self, element: HtmlElement) -> bool:
        """Tell whether it stands in a link."""
        return next(element.iterancestors("a"), None) is not None

    def drop(self, element: HtmlElement) -> None:
        """Take it out of the tree, with all that is in it; its tail stays."""
        self.gone.update(element.iter())
        if prose := self.prose(element):
            for ancestor in element.iterancestors():
                if (place := self._places.get(ancestor)) is not None:
                    self._proses[place] -= prose
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
