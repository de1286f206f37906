"""Whether a feed holds the article or its beginning."""

import random

import pytest

from connectors.feeds.whole import is_whole
from tests.news import make_sentence

chance = random.Random(8)
ENGLISH = "".join(f"<p>{' '.join(make_sentence(chance) for _ in range(3))}</p>" for _ in range(5))
ARABIC = (
    "<p>انتظرت القوارب عند الرصيف الشمالي حتى عاد المد إلى الميناء، وقال مكتب الميناء إن العمل يبدأ غدا.</p>"
    * 9
)


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        pytest.param(ENGLISH, True, id="an article"),
        pytest.param(ARABIC, True, id="an Arabic article"),
        pytest.param(
            ENGLISH + "<p>The post Tide appeared first on Harbour.</p>", True, id="where it appeared"
        ),
        pytest.param(ENGLISH[:200] + "</p>", False, id="a teaser"),
        pytest.param(ENGLISH[:-30] + "…</p>", False, id="broken off"),
        pytest.param(ENGLISH[:-30] + " [&hellip;]</p>", False, id="broken off in brackets"),
        pytest.param(ENGLISH + '<p><a href="x">Read more</a></p>', False, id="read more"),
        pytest.param(ENGLISH + '<p><a href="x">Continue reading the tide</a></p>', False, id="go on"),
        pytest.param(ARABIC + '<p><a href="x">اقرأ المزيد</a></p>', False, id="Arabic read more"),
        pytest.param(ARABIC + '<p><a href="x">إقرأ المزيد على الموقع</a></p>', False, id="another spelling"),
        pytest.param(ARABIC + '<a href="x">تابع القراءة</a>', False, id="Arabic continue"),
        pytest.param(ARABIC + "<p>اقرا المزيد: <a>عودة القوارب</a></p>", False, id="without a hamza"),
        pytest.param(ARABIC + "<p>لقراءة الخبر كاملا اضغط هنا</p>", False, id="Arabic for the whole"),
        pytest.param(ARABIC + "<p>للمزيد من التفاصيل</p>", False, id="Arabic for details"),
        pytest.param(ARABIC + "<p>وفتحت قاعة القراءة أبوابها.</p>", True, id="a hall of reading"),
        pytest.param(ARABIC + "<p>وتتسع القاعة للمزيد من الناس.</p>", True, id="room for more people"),
        pytest.param(ENGLISH + "<p>“We wait...” she said.</p>", True, id="dots within"),
        pytest.param(ENGLISH + "<p>No more was left to read.</p>", True, id="words of the kind"),
        pytest.param(
            ENGLISH[:-30] + " [&#8230;]</p><p>The post <a>Tide</a> appeared first on <a>Harbour</a>.</p>",
            False,
            id="broken off before where it appeared",
        ),
        pytest.param(ENGLISH.replace("</p><p>", "<br /><br>"), True, id="breaks for paragraphs"),
        pytest.param(ENGLISH.replace("</p><p>", " "), False, id="one block"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_the_whole_article(content: str, whole: bool) -> None:
    assert is_whole(content, is_content=True, summary="Short.") is whole


def test_a_description_is_believed_when_it_is_long_and_what_repeats_the_summary_is_not() -> None:
    assert is_whole(ENGLISH * 2, is_content=False, summary=None)
    assert not is_whole(ENGLISH[:1200], is_content=False, summary=None)
    short = ENGLISH[: len(ENGLISH) // 2]
    assert not is_whole(short, is_content=True, summary=short)
