"""The content of a delivery survives its way through JSON to the byte."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode, encode
from schemas.ids import article_id, raw_id
from schemas.raw import RawArticle, read_content, write_content

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def make_raw(content: bytes) -> RawArticle:
    return RawArticle(
        raw_id=raw_id("files", None, content, None),
        source="files",
        **write_content(content),
        content_type="text/html",
        fetched_at=NOW,
    )


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_content_comes_back_to_the_byte_and_never_longer_than_base64(content: bytes) -> None:
    raw = decode(encode(make_raw(content)), RawArticle)
    assert read_content(raw) == content
    held = raw.content if raw.content is not None else raw.content_base64
    assert len(orjson.dumps(held)) <= 4 * ((len(content) + 2) // 3) + 2


def test_readable_text_stays_readable() -> None:
    assert make_raw("خبر اليوم".encode()).content == "خبر اليوم"


@pytest.mark.parametrize("broken", [{"content_base64": "no base64!"}, {}])
def test_content_that_is_missing_or_broken_is_told(broken: dict[str, str]) -> None:
    written = orjson.loads(encode(make_raw(b"\xff"))) | {"content": None, "content_base64": None} | broken
    with pytest.raises(ValueError, match="content"):
        read_content(decode(orjson.dumps(written), RawArticle))


def test_the_same_page_fetched_next_day_is_another_delivery_of_the_same_article() -> None:
    url = "https://a.example/x"
    first = raw_id("files", url, b"page", NOW)
    assert first == raw_id("files", url, b"page", NOW)
    assert first != raw_id("files", url, b"page", NOW.replace(day=2))
    assert first != raw_id("files", url, b"page", None)
    assert article_id(url, b"page") == article_id(url, b"other")
    assert article_id(None, b"page") != article_id(None, b"other")


def test_the_id_of_an_article_is_the_one_it_always_had() -> None:
    # Computed before sites could have aliases: what was published once must be found again.
    assert article_id("https://www.southport.example/news?id=1", b"") == "74504fbce665d9c47ba59e1fe4294c8f"


def test_an_article_on_an_alias_of_its_site_is_the_same_article() -> None:
    aliases = {"southport.press.example": "southport.example"}
    old, new = "https://southport.press.example/news?id=1", "https://www.southport.example/news?id=1"
    assert article_id(old, b"", aliases) == article_id(new, b"", aliases) == article_id(new, b"")
    assert article_id(old, b"") != article_id(new, b"")
