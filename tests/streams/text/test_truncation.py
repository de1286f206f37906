"""A text that stops in the middle of a sentence is flagged, a short last line is not."""

from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft
from streams.text.truncation import mark_truncated

PROSE = (
    "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم أمام المشاة بعد انتهاء أعمال الترميم"
)


def is_truncated(*lines: str) -> bool:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content="",
        content_type="text/plain",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return mark_truncated(Draft(raw=raw, lines=lines)).truncated


TRUNCATED = [
    pytest.param([PROSE + ".", PROSE + " وسط مفاوضات بين خصوم"], id="a long sentence without an end"),
    pytest.param([PROSE + ".", "وقال رئيس البلدية إن العمل في"], id="a word that leads on"),
    pytest.param(
        [PROSE + ".", "The mayor said that the bridge belongs to the..."], id="an ellipsis after such a word"
    ),
    pytest.param([PROSE + ".", "وحضر الوزير والمحافظ،"], id="a comma"),
    pytest.param(
        ["The bridge will be closed to cars for a month, and people on foot will cross on planks along […]"],
        id="cut by a feed",
    ),
    pytest.param(
        ["The mayor said that the bridge would be opened in spring by the daughter of the engineer who"],
        id="English",
    ),
]
COMPLETE = [
    pytest.param([PROSE + "."], id="full stop"),
    pytest.param([PROSE + "؟"], id="Arabic question mark"),
    pytest.param([PROSE + "…"], id="ellipsis"),
    pytest.param([PROSE + '، كما "قال"'], id="closed quotation"),
    pytest.param([PROSE + " (الأناضول)"], id="agency in brackets"),
    pytest.param([PROSE + ". أ ف ب"], id="agency after the full stop"),
    pytest.param([PROSE + ".", "محرر الشؤون المحلية"], id="a name in the last line"),
    pytest.param([PROSE + ".", "- لوحة عند المدخل"], id="list item"),
    pytest.param([PROSE + " ومن يريد المشاركة يكتب إلى bridge@town.example"], id="address"),
    pytest.param([PROSE + " كما كان عام .1990"], id="a full stop moved by bidirectional text"),
    pytest.param([PROSE, PROSE, PROSE], id="a writer who ends no sentence"),
    pytest.param(["この橋は来週の月曜日に再び開通する予定だと市長は述べた。"], id="Japanese"),
    pytest.param([], id="nothing at all"),
]


@pytest.mark.parametrize("lines", TRUNCATED)
def test_a_text_that_breaks_off_is_flagged(lines: list[str]) -> None:
    assert is_truncated(*lines)


@pytest.mark.parametrize("lines", COMPLETE)
def test_a_complete_text_is_not_flagged(lines: list[str]) -> None:
    assert not is_truncated(*lines)
