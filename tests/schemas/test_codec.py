"""Records to bytes and back."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.codec import DecodeError, decode, encode

ARTICLE = Article(
    article_id="0" * 32,
    text="خبر",
    content_hash="1" * 32,
    source="files",
    raw_id="2" * 32,
    fetched_at=datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC),
    versions={"naba": "1"},
)


def test_a_record_comes_back_as_it_was() -> None:
    assert decode(encode(ARTICLE), Article) == ARTICLE


def test_times_are_written_in_whole_seconds_with_z() -> None:
    fine = ARTICLE.fetched_at.replace(microsecond=5)
    assert b'"fetched_at":"2026-03-01T12:30:15Z"' in encode(replace(ARTICLE, fetched_at=fine))


@given(st.text())
def test_no_string_of_a_record_holds_nul_and_nothing_else_changes(text: str) -> None:
    written = orjson.loads(encode(replace(ARTICLE, text=text)))
    assert written["text"] == text.replace("\0", "\ufffd")


def test_a_backslash_before_u0000_is_text() -> None:
    text = "\\u0000 and \0"
    assert orjson.loads(encode(replace(ARTICLE, text=text)))["text"] == "\\u0000 and \ufffd"


def test_unknown_fields_are_ignored() -> None:
    grown = orjson.loads(encode(ARTICLE)) | {"field_of_tomorrow": 1}
    assert decode(orjson.dumps(grown), Article) == ARTICLE


WRONG = [
    pytest.param({"article_id": "short"}, r"\$\.article_id", id="an id of the wrong shape"),
    pytest.param({"text": 5}, r"\$\.text", id="a number for a text"),
    pytest.param({"fetched_at": "2026-03-01T12:30:15"}, r"\$\.fetched_at", id="a time without a zone"),
    pytest.param({"schema": "article.v9"}, r"\$\.schema", id="another version"),
    pytest.param({"language_confidence": 7}, r"\$\.language_confidence", id="out of bounds"),
]


@pytest.mark.parametrize(("change", "named"), WRONG)
def test_a_wrong_field_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(DecodeError, match=named):
        decode(orjson.dumps(orjson.loads(encode(ARTICLE)) | change), Article)


def test_bytes_that_are_no_json_are_told() -> None:
    with pytest.raises(DecodeError):
        decode(b"\xff\x00", Article)


def test_a_lone_surrogate_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        encode(replace(ARTICLE, text="\ud800"))
