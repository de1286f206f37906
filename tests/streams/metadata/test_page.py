"""The headline of a page is the heading that its titles know, not the first one."""

from datetime import UTC, datetime

import pytest
from lxml import html

from schemas.raw import RawArticle
from streams.draft import Draft
from streams.metadata.page import heading_text, read_page

TITLE = "<title>Ferry service resumes after the storm | Harbour Post</title>"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param(
            TITLE,
            "<h1>Harbour Post</h1><h1>Ferry service resumes after the storm</h1>",
            "Ferry service resumes after the storm",
            id="the paper's name is an h1, too",
        ),
        pytest.param(
            TITLE,
            "<h1>News</h1><h2>More</h2><h2>Ferry service resumes after the storm</h2>",
            "Ferry service resumes after the storm",
            id="the headline is an h2",
        ),
        pytest.param(
            TITLE,
            "<h1>Ships sail again, and so do we</h1>",
            "Ships sail again, and so do we",
            id="other words",
        ),
        pytest.param(
            TITLE,
            "<h1><span>Storm</span> Ferry service resumes after the storm</h1>",
            "Storm Ferry service resumes after the storm",
            id="a kicker inside",
        ),
        pytest.param(TITLE, "<h1>HP</h1><p>x</p>", None, id="nothing but a logo"),
        pytest.param("", "<h1>Ferry</h1>", None, id="too short to be sure"),
    ],
)
def test_the_headline_is_the_heading_that_the_titles_know(head: str, body: str, expected: str | None) -> None:
    tree = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    raw = RawArticle(
        raw_id="0" * 32, source="test", content_type="text/html", fetched_at=datetime(2024, 5, 7, tzinfo=UTC)
    )
    heading = read_page(Draft(raw=raw, tree=tree)).headline
    assert (None if heading is None else heading_text(heading)) == expected
