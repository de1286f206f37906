"""Names come out of bylines alone, each once."""

import pytest

from streams.byline import split_names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("By Jane Roe", ["Jane Roe"], id="By"),
        pytest.param("Von Hanna Beispiel", ["Hanna Beispiel"], id="Von"),
        pytest.param("بقلم: سارة الأحمد", ["سارة الأحمد"], id="بقلم"),
        pytest.param("كتب محمد علي", ["محمد علي"], id="كتب"),
        pytest.param("كتبت: ليلى حسن", ["ليلى حسن"], id="كتبت"),
        pytest.param("Jane Roe and John Doe", ["Jane Roe", "John Doe"], id="and"),
        pytest.param(
            "Jane Roe, John Doe & Ann Poe", ["Jane Roe", "John Doe", "Ann Poe"], id="comma and ampersand"
        ),
        pytest.param(
            "Ana López y Juan Pérez", ["Ana López", "Juan Pérez"], id="one-letter and between full names"
        ),
        pytest.param("José Ortega y Gasset", ["José Ortega y Gasset"], id="one-letter and inside a name"),
        pytest.param("سارة الأحمد، محمد علي", ["سارة الأحمد", "محمد علي"], id="Arabic comma"),
        pytest.param("وليد خالد", ["وليد خالد"], id="a name that begins with the Arabic and"),
        pytest.param("Jane Roe, Senior Political Correspondent", ["Jane Roe"], id="role"),
        pytest.param("Jane Roe, PhD", ["Jane Roe"], id="degree"),
        pytest.param("jane@news.example (Jane Roe)", ["Jane Roe"], id="address as feeds write it"),
        pytest.param("Jane Roe (Cairo)", ["Jane Roe"], id="place in brackets"),
        pytest.param("https://social.example/jane", [], id="address"),
        pytest.param("admin", [], id="nobody"),
        pytest.param("Jane Roe; JANE ROE", ["Jane Roe"], id="twice"),
        pytest.param("Jane Roe, AFP", ["Jane Roe", "AFP"], id="agency"),
        pytest.param("John Doe Jr.", ["John Doe Jr."], id="junior without a comma"),
        pytest.param("John Doe, Jr.", ["John Doe"], id="junior after a comma"),
        pytest.param("Jane Roe 05.06.2024, 14:46", ["Jane Roe"], id="date behind"),
        pytest.param(
            "She has covered the courts for ten years and lives by the sea in the north", [], id="prose"
        ),
        pytest.param("Ann O&#8217;Neil", ["Ann O’Neil"], id="entities"),
        pytest.param("", [], id="empty"),
    ],
)
def test_names_come_out_of_a_byline(written: str, expected: list[str]) -> None:
    assert list(split_names([written])) == expected


def test_names_of_libraries_are_turned_round() -> None:
    assert split_names(["Roe, Jane", "Doe, John"], inverted=True) == ("Jane Roe", "John Doe")


def test_a_list_of_anything_never_fails_and_is_bounded() -> None:
    written = [
        None,
        5,
        {"a": 1},
        "\ud800",
        "a" * 10_000,
        ", " * 900,
        *(f"Name{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)),
    ]
    names = split_names(written)
    assert len(names) == 30
    assert "".join(names).encode()


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
    ],
)
def test_an_arabic_byline_gives_who_signs_and_not_where(written: str, expected: list[str]) -> None:
    assert list(split_names([written])) == expected
