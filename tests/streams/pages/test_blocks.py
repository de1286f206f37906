"""Lines end where a browser ends them."""

import pytest
from lxml.html import fragment_fromstring

from streams.pages.blocks import read_blocks


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<div>one<p>two</p>three</div>", ("one", "two", "three")),
        ("<div>a <b>bold</b> word<br>and\nmore</div>", ("a bold word", "and more")),
        ("<ul><li>one<ul><li>two</li></ul></li></ul>", ("one", "two")),
        (
            "<table><tr><th>Day</th><td>Ships</td></tr><tr><td>Monday</td><td></td></tr></table>",
            ("Day | Ships", "Monday"),
        ),
        ("<div> <p> </p>\n</div>", ()),
        ("<div>one<nav>menu</nav><script>var a</script>two</div>", ("one", "two")),
    ],
)
def test_lines_of_a_tree(markup: str, lines: tuple[str, ...]) -> None:
    assert read_blocks(fragment_fromstring(markup)) == lines
