"""Names come out of bylines alone, each once."""

import pytest

from streams.text.byline import split_names


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
        pytest.param("By Jane Roe in Cairo", ["Jane Roe"], id="place behind"),
        pytest.param("Jane Roe For The Daily Herald", ["Jane Roe"], id="paper behind"),
        pytest.param("Center for Reporting", ["Center for Reporting"], id="for inside a name"),
        pytest.param("Jane Roe with agencies", ["Jane Roe"], id="agencies without a name"),
        pytest.param("Jane Roe mit AFP", ["Jane Roe", "AFP"], id="with an agency"),
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
