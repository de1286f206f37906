"""Letters of sources: keyed by site, and the news that a page is gone."""

from datetime import UTC, datetime

from schemas.codec import decode
from schemas.ids import raw_id
from schemas.letter import ARTICLE_ID, DETAIL, INPUT, RAW_ID, UNREAD, raw_letter, withdrawal_letter
from schemas.raw import RawArticle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://www.southport.press.example/ferry"
ALIASES = {"southport.press.example": "southport.example"}


def make_raw(content: str) -> RawArticle:
    return RawArticle(
        raw_id=raw_id("harbour", URL, content.encode(), NOW), source="harbour", url=URL, content=content,
        content_type="text/html", fetched_at=NOW,
    )  # fmt: skip


def test_a_site_and_its_aliases_have_one_key() -> None:
    raw = make_raw("<p>The ferry is late.</p>")
    assert raw_letter("harbour", raw, ALIASES).key == "southport.example"
    assert raw_letter("harbour", raw).key == "southport.press.example"


def test_a_withdrawal_names_its_article_and_is_worked_on_where_the_article_was() -> None:
    raw = make_raw("")
    letter = withdrawal_letter(URL, raw, "7" * 32, "410 Gone", ALIASES)
    assert letter.key == raw_letter(URL, raw, ALIASES).key
    assert decode(letter.value, RawArticle) == raw
    assert letter.headers == {
        INPUT: URL,
        RAW_ID: raw.raw_id,
        UNREAD: "withdrawn",
        DETAIL: "410 Gone",
        ARTICLE_ID: "7" * 32,
    }
