"""Headline, kicker, captions and byline move to their fields; repeats stay once."""

from datetime import UTC, datetime

import pytest

from schemas.raw import RawArticle
from streams.draft import Draft, Metadata
from streams.text.lift import lift

HEADLINE = "بلدية المدينة تعيد فتح الجسر القديم أمام المشاة"
LEDE = "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم أمام المشاة بعد عامين من الترميم."
NEXT = "وقال رئيس البلدية إن العمل كلف نصف ما كان مقدرا له، وإن ما بقي من المال سينفق على لوحة عند كل مدخل."
CAPTION = "رئيس البلدية خلال جولة على الجسر القديم (الأناضول)"
SUBHEAD = "لوحة عند كل مدخل"


def lifted(*lines: str, title: str | None = None, **fields: object) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content="",
        content_type="text/plain",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return lift(Draft(raw=raw, lines=lines, title=title, metadata=Metadata(title=title), **fields))  # type: ignore[arg-type]


def rules(draft: Draft) -> list[str]:
    return [removal.rule for removal in draft.removed]


def test_a_kicker_and_a_headline_above_the_text_become_fields() -> None:
    draft = lifted("برعاية المحافظة", HEADLINE + " - تفاصيل", LEDE, SUBHEAD, NEXT)
    assert (draft.kicker, draft.title) == ("برعاية المحافظة", HEADLINE + " - تفاصيل")
    assert draft.lines == (LEDE, SUBHEAD, NEXT)
    assert draft.removed == ()


def test_a_headline_that_comes_again_is_the_title_once() -> None:
    draft = lifted(HEADLINE, LEDE, HEADLINE, CAPTION, LEDE, NEXT)
    assert draft.title == HEADLINE
    assert draft.lines == (LEDE, NEXT)
    assert draft.captions == (CAPTION,)
    assert rules(draft) == ["lift.headline@1", "lift.lede@1"]


@pytest.mark.parametrize("title", [HEADLINE, HEADLINE + " | صحيفة المدينة", HEADLINE.replace("أ", "ا")])
def test_a_headline_that_is_known_leaves_the_text(title: str) -> None:
    draft = lifted(HEADLINE, LEDE, NEXT, title=title)
    assert (draft.title, draft.lines, rules(draft)) == (title, (LEDE, NEXT), ["lift.headline@1"])


def test_the_short_line_above_a_known_headline_is_its_kicker() -> None:
    draft = lifted("أخبار الساحل", HEADLINE, LEDE, NEXT, title=HEADLINE)
    assert (draft.kicker, draft.lines) == ("أخبار الساحل", (LEDE, NEXT))


NO_TITLE = [
    pytest.param([LEDE, NEXT], id="a full sentence first"),
    pytest.param(["الساحل – وكالات", LEDE, NEXT], id="dateline"),
    pytest.param(["الساحل 25 شوال 1436 هـ الموافق 10 أغسطس 2015 م واس", LEDE, NEXT], id="an agency's date"),
    pytest.param(["وقال رئيس البلدية في كلمته أمام السكان:", LEDE, NEXT], id="a line that leads on"),
    pytest.param([CAPTION, LEDE, NEXT], id="caption"),
    pytest.param(["السلام عليكم", LEDE, NEXT], id="too short"),
    pytest.param([HEADLINE], id="nothing below"),
    pytest.param([HEADLINE, "سطر قصير", "وسطر آخر", "وآخر"], id="verse or list"),
]


@pytest.mark.parametrize("lines", NO_TITLE)
def test_no_title_is_invented(lines: list[str]) -> None:
    assert lifted(*lines).title is None


BYLINES = [
    pytest.param("By Someone Else", ("Someone Else",), id="By"),
    pytest.param("BY SOMEONE ELSE AND ANOTHER ONE", ("SOMEONE ELSE", "ANOTHER ONE"), id="two in capitals"),
    pytest.param("بقلم: سالم الكاتب", ("سالم الكاتب",), id="Arabic"),
    pytest.param("كتب/ سالم الكاتب", ("سالم الكاتب",), id="Arabic with a slash"),
]
NO_BYLINES = [
    "By Sunday the bridge was open",
    "Por qué suben los precios",
    "تقرير دولي يحذر من الجفاف",
    "كتب مدرسية مجانية للجميع",
]


@pytest.mark.parametrize(("line", "authors"), BYLINES)
def test_a_byline_moves_to_the_authors(line: str, authors: tuple[str, ...]) -> None:
    draft = lifted(line, LEDE, NEXT, title="Old bridge opens")
    assert draft.authors == authors
    assert draft.lines == (LEDE, NEXT)
    assert draft.removed == ()


@pytest.mark.parametrize("line", NO_BYLINES)
def test_a_line_that_begins_like_a_byline_stays(line: str) -> None:
    draft = lifted(line, LEDE, NEXT, title="Old bridge opens")
    assert (draft.authors, draft.lines[0]) == ((), line)


def test_the_last_line_stays_even_with_a_credit() -> None:
    assert lifted(LEDE, CAPTION).lines == (LEDE, CAPTION)


def test_an_article_is_never_lifted_away() -> None:
    assert lifted(HEADLINE, title=HEADLINE).lines == (HEADLINE,)
    assert lifted(title=HEADLINE).lines == ()
