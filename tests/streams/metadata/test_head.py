"""One walk over a page finds what its head says, however it is spelt."""

import pytest
from lxml import html

from streams.metadata.head import read_head


@pytest.mark.parametrize(
    "element",
    [
        pytest.param('<meta property="article:published_time" content="x">', id="as the standard has it"),
        pytest.param('<meta name="article:published:time" content="x">', id="another mark"),
        pytest.param('<meta name="Article.Published-Time" content="x">', id="capitals"),
        pytest.param('<meta name="other" property="article:published_time" content="x">', id="two names"),
        pytest.param('<meta property="article:published_time" value="x">', id="value for content"),
    ],
)
def test_a_name_is_one_name_however_it_is_spelt(element: str) -> None:
    head = read_head(html.document_fromstring(f"<html><head>{element}</head><body>x</body></html>"))
    assert head.first("articlepublishedtime") == "x"


def test_the_first_title_and_canonical_link_count() -> None:
    head = read_head(
        html.document_fromstring(
            "<html lang=ar><head><title>One</title><link rel=canonical href=/a>"
            "<link rel=canonical href=/b></head><body><svg><title>Two</title></svg></body></html>"
        )
    )
    assert (head.language, head.title, head.canonical) == ("ar", "One", "/a")


def test_what_is_kept_of_a_hostile_head_is_bounded() -> None:
    metas = "".join(f'<meta name="author" content="{n}"><meta name="n{n}" content="x">' for n in range(5000))
    head = read_head(
        html.document_fromstring(f"<html><head>{metas}</head><body>{'<h1>x</h1>' * 900}</body></html>")
    )
    assert (len(head.meta["author"]), len(head.meta), len(head.headlines)) == (50, 500, 50)
