"""The names of the months are looked up in any spelling, and no name means two months."""

import pytest

from streams.metadata.months import GREGORIAN, JALALI, month_key


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MARCH", 3), ("März", 3), ("février", 2), ("Sept", 9), ("İYUL", None), ("Ağustos", 8), ("MAYIS", 5),
        ("августа", 8), ("أبريل", 4), ("ابريل", 4), ("إبريل", 4), ("آذار", 3), ("ژانویه", 1), ("ژانويه", 1),
        ("يوليــو", 7), ("ברץ", None), ("במרץ", 3), ("paź", 10), ("hello", None),
    ],
)  # fmt: skip
def test_a_month_is_found_in_any_spelling(written: str, expected: int | None) -> None:
    assert GREGORIAN.get(month_key(written)) == expected


def test_no_name_stands_in_both_calendars() -> None:
    assert not GREGORIAN.keys() & JALALI.keys()
    assert set(GREGORIAN.values()) == set(JALALI.values()) == set(range(1, 13))
