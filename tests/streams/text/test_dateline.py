"""Arabic bylines give who signs, not where from."""

import pytest

from streams.text.byline import split_names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("الرياض - سارة الأحمد", ["سارة الأحمد"], id="place first"),
        pytest.param("سارة الأحمد - جدة", ["سارة الأحمد"], id="place last"),
        pytest.param("سارة الأحمد-القاهرة", ["سارة الأحمد"], id="dash without spaces"),
        pytest.param("مدينة بعيدة جداً - رويترز", ["رويترز"], id="agency beside an unknown place"),
        pytest.param("لندن : (رويترز)", ["رويترز"], id="agency in brackets"),
        pytest.param("سول (كوريا الجنوبية) - د ب أ", ["د ب أ"], id="a country behind its city"),
        pytest.param("بيشة - و ا س", ["واس"], id="agency letter by letter"),
        pytest.param("سارة الأحمد من الدمام", ["سارة الأحمد"], id="from a place"),
        pytest.param(
            "سارة الأحمد من الدمام ومحمد علي من جدة", ["سارة الأحمد", "محمد علي"], id="two from places"
        ),
        pytest.param(
            "سارة الأحمد (جدة) محمد علي (أبها)", ["سارة الأحمد", "محمد علي"], id="places in brackets between"
        ),
        pytest.param("سارة الأحمد ومحمد علي", ["سارة الأحمد", "محمد علي"], id="and glued to the name"),
        pytest.param("سارة الأحمد، وليد حسن", ["سارة الأحمد", "وليد حسن"], id="a name that begins like and"),
        pytest.param("محمد علي وليد حسن", ["محمد علي وليد حسن"], id="the same inside a name"),
        pytest.param("دبي، أبها - سارة الأحمد، واس", ["سارة الأحمد", "واس"], id="two places"),
        pytest.param("الرياض، تحقيق - سارة الأحمد", ["سارة الأحمد"], id="task"),
        pytest.param("«الجريدة» من عدن", ["الجريدة"], id="the paper in quotes"),
        pytest.param("Jane Roe (زائر)", ["Jane Roe"], id="a word in brackets makes no name Arabic"),
        pytest.param("سعود كاتب", ["سعود كاتب"], id="a surname that is a trade"),
        pytest.param(
            "عبدالله بن وهيب القحطاني", ["عبدالله بن وهيب القحطاني"], id="son of a name that begins like and"
        ),
        pytest.param("دبي - أبها", ["أبها"], id="nothing but places"),
    ],
)
def test_an_arabic_byline_gives_who_signs_and_not_where(written: str, expected: list[str]) -> None:
    assert list(split_names([written])) == expected
