"""Hostile pages end quickly, honest ones keep all that the later stages need."""

import contextlib
import time
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft
from streams.pages.parse import parse
from streams.reject import Reject

RAW = RawArticle(
    raw_id="0" * 32,
    source="test",
    content="",
    content_type="text/html",
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def draft(markup: str) -> Draft:
    return Draft(raw=RAW, markup=markup)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        pytest.param(
            "<p " + " ".join(f"a{i}" for i in range(60_000)) + ">text", "too_complex", id="attributes"
        ),
        pytest.param(
            "<p " + " ".join(f'a{i}="> x"' for i in range(60_000)) + ">text",
            "too_complex",
            id="attributes-with-ends",
        ),
        pytest.param("<div>" * 100_000 + "text", "too_deep", id="nested-div"),
        pytest.param("<div>" * 300 + "text", "too_deep", id="deeper-than-the-parser"),
        pytest.param("<table>" + "<tr><td>a row</td></tr>" * 10_000, "too_complex", id="rows"),
        pytest.param("<p>text</p>" * 20_000, "too_complex", id="paragraphs"),
        pytest.param("<p>" * 1_600_000, "too_complex", id="tags-without-end"),
        pytest.param("<p>" + "a" * 10_000_000 + "</p>", "too_large", id="one-text-node"),
        pytest.param("", "empty", id="nothing"),
        pytest.param("<!-- nothing -->", "empty", id="a-comment"),
        pytest.param(
            "<html><head><title>x</title></head><body> <script>x</script></body></html>",
            "empty",
            id="no-text",
        ),
        pytest.param("<html></html>", "empty", id="no-body"),
    ],
)
def test_page_beyond_the_bounds_is_refused_within_a_second(markup: str, reason: str) -> None:
    before = time.process_time()
    with pytest.raises(Reject) as caught:
        parse(draft(markup))
    assert caught.value.reason == reason
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<p a='" + "x " * 100_000 + "'>text", id="long-attribute"),
        pytest.param("<p>" + "word " * 100_000, id="long-text"),
        pytest.param('<p a="' * 100_000 + "text", id="quotes-left-open"),
        pytest.param("<" * 150_000 + "text", id="angles"),
        pytest.param("<p " + 'a="<" ' * 20_000 + ">text", id="angles-in-attributes"),
    ],
)
def test_odd_page_within_the_bounds_costs_no_more_than_a_second(markup: str) -> None:
    before = time.process_time()
    with contextlib.suppress(Reject):
        parse(draft(markup))
    assert time.process_time() - before < 1


def test_metadata_and_forms_stay_and_what_is_never_text_goes() -> None:
    tree = parse(
        draft(
            '<html><head><title>T</title><meta name=author content=A><link rel=canonical href="/x">'
            '<script type="application/ld+json">{"a": 1}</script><script>var a</script></head>'
            "<body><style>p{}</style>"
            "<form><p>kept<script>x</script> tail<svg><text>s</text></svg><!-- c --></p></form>"
            "<noscript>n</noscript><button>b</button><iframe>i</iframe><select><option>o</select></body></html>"
        )
    ).tree
    assert tree is not None
    assert {element.tag for element in tree.iter()} == {
        "html", "head", "title", "meta", "link", "script", "body", "form", "p",
    }  # fmt: skip
    assert [script.text for script in tree.iter("script")] == ['{"a": 1}']
    body = tree.find("body")
    assert body is not None
    assert body.text_content() == "kept tail"


def test_plain_text_passes_unchanged() -> None:
    plain = Draft(raw=RAW, lines=("a line",))
    assert parse(plain) is plain
