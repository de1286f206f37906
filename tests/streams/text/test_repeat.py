"""A paragraph that an article prints twice stays once; what comes back on purpose stays."""

import pytest

from streams.text.repeat import find_repeats

LEDE = "أعلنت بلدية المدينة الساحلية مساء الأحد أنها ستعيد فتح الجسر القديم أمام المشاة بعد عامين من الترميم."
NEXT = "وقال رئيس البلدية إن العمل كلف نصف ما كان مقدرا له، وإن ما بقي من المال سينفق على لوحة عند كل مدخل."
LAST = "ويعود تاريخ الجسر إلى ستين عاما مضت، وقد بناه عمال جاؤوا من الجزر على متن العبارة التي حل محلها."

REPEATS = [
    pytest.param([LEDE, NEXT, LEDE, LAST], {2: "lede"}, id="the lede again"),
    pytest.param([LEDE, NEXT, LAST, NEXT], {3: "repeat"}, id="a paragraph again"),
    pytest.param(
        ["صورة", LEDE.replace(".", "…"), LEDE + " وتبدأ الأعمال غدا.", NEXT],
        {1: "lede"},
        id="a lede cut short, then in full",
    ),
    pytest.param(
        [LEDE.rstrip("."), "المدينة - " + LEDE, NEXT], {0: "lede"}, id="a lede, then with its dateline"
    ),
    pytest.param(
        [LEDE, NEXT, LAST, LEDE, NEXT, LAST],
        {3: "lede", 4: "repeat", 5: "repeat"},
        id="the whole article again",
    ),
    pytest.param(
        [LEDE, NEXT, "سطر يعود مباشرة بعد نفسه في الصفحة نفسها", "سطر يعود مباشرة بعد نفسه في الصفحة نفسها"],
        {3: "repeat"},
        id="at once",
    ),
    pytest.param(["يا ليل", "طال السهر", "يا ليل", "طال السفر"], {}, id="refrain"),
    pytest.param(
        [NEXT, "المرة الأولى", NEXT, "المرة الثانية", NEXT], {}, id="three times is the article's form"
    ),
    pytest.param([LEDE, NEXT, LAST], {}, id="nothing again"),
    pytest.param([], {}, id="nothing"),
]


@pytest.mark.parametrize(("lines", "expected"), REPEATS)
def test_repeats_are_found(lines: list[str], expected: dict[int, str]) -> None:
    assert find_repeats(lines) == expected
