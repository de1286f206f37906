"""Stored text is faithful: its characters are put right, its words and spelling left alone."""

import time
from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.text.repair import repair, repair_text

REPAIRED = [
    pytest.param("e\u0301te\u0301", "été", id="NFC"),
    pytest.param("a\u00a0b\u202fc\u3000d\te", "a b c d e", id="odd spaces are plain"),
    pytest.param("  a   b  ", "a b", id="runs of spaces"),
    pytest.param("a\x00b\ud800c", "a\ufffdb\ufffdc", id="NUL and lone surrogates are told"),
    pytest.param("\ufeffa\x07b\x9fc\u200bd", "abcd", id="controls, byte order mark, zero-width space"),
    pytest.param("com\u00admerce", "commerce", id="soft hyphen"),
    pytest.param("\u202eabc\u202c \u2066d\u2069", "abc d", id="overrides, embeddings and isolates"),
    pytest.param("a\u0085b\u2028c\u2029d\r\ne\rf\x0bg", "a\nb\nc\nd\ne\nf\ng", id="every line end is one"),
    pytest.param("\ufe8d\ufedf\ufed8\ufeaa\ufeb1", "القدس", id="presentation forms are letters"),
    pytest.param("\ufefb\ufe70", "لا\u064b", id="a ligature, and a mark whose carrier goes"),
    pytest.param("\u200fمن\u200f", "من", id="marks of direction at the edge of a line"),
]

KEPT = [
    pytest.param("می‌خواهم", id="ZWNJ"),
    pytest.param("क्‍ष", id="ZWJ"),
    pytest.param('لـCNN بـ"مصلحة"', id="tatweel"),
    pytest.param("مُحَمَّدٌ أُ إِ ؤ ئ ى ة", id="harakat and hamza"),
    pytest.param("ي ی ك ک ٣ ۳ 3", id="letters and digits of neighbours"),
    pytest.param("ﷲ ﷺ ½ ² … ﬁ", id="signs that NFKC would spell out"),
    pytest.param("تويتر: \u200f@naba", id="a mark of direction inside a line"),
    pytest.param("ភាសា\u200bខ្មែរ", id="zero-width space between Khmer words"),
    pytest.param("Ã©tÃ©", id="mojibake is not guessed"),
    pytest.param("ووذكرت ، التب", id="typing errors"),
]


@pytest.mark.parametrize(("text", "expected"), REPAIRED)
def test_characters_are_repaired(text: str, expected: str) -> None:
    assert repair_text(text) == expected
    assert repair_text(expected) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_belongs_to_the_text_is_kept(text: str) -> None:
    assert repair_text(text) == text


def test_a_million_marks_on_one_letter_take_no_time() -> None:
    started = time.process_time()
    assert len(repair_text("a" + "\u0301\u0316" * 500_000)) < 40
    assert time.process_time() - started < 2


def draft(**fields: object) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content="",
        content_type="text/plain",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return Draft(raw=raw, **fields)  # type: ignore[arg-type]


def test_line_ends_inside_a_line_make_lines_of_it_and_empty_ones_go() -> None:
    assert repair(draft(lines=("one\u2028two", " \u00a0 ", "three\u0085"))).lines == ("one", "two", "three")


def test_fields_are_repaired_too_and_are_one_line() -> None:
    repaired = repair(
        draft(
            title="A\u2028title",
            kicker=" \u00a0",
            captions=("in\u00a0Baku",),
            authors=("\u202eSomeone\u202c", "\u200b"),
            metadata=Metadata(title="A\ntitle", publisher="The\u00a0Gazette", tags=("one\x00", "\ufeff")),
        )
    )
    assert (repaired.title, repaired.kicker, repaired.captions) == ("A title", None, ("in Baku",))
    assert repaired.authors == ("Someone",)
    assert (repaired.metadata.title, repaired.metadata.publisher) == ("A title", "The Gazette")
    assert repaired.metadata.tags == ("one\ufffd",)
