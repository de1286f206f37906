"""Headers: how long to keep, when to come again, and what may be sent back."""

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from connectors.fetching.headers import DAY, Headers, read_max_age, read_retry_after, read_text

NOW = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)


def make(*lines: str) -> Headers:
    return CIMultiDictProxy(
        CIMultiDict([(name, value) for name, value in (line.split(": ", 1) for line in lines)])
    )


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ([], None),
        (["Cache-Control: public"], None),
        (["Cache-Control: max-age=600"], 600),
        (["Cache-Control: Public, MAX-AGE = 600"], 600),
        (['Cache-Control: max-age="600"'], 600),
        (["Cache-Control: s-maxage=5, max-age=600", "Age: 100"], 500),
        (["Cache-Control: max-age=600", "Age: 1000"], 0),
        (["Cache-Control: public", "Cache-Control: max-age=600"], 600),
        (["Cache-Control: max-age=600, no-store"], 0),
        (["Cache-Control: no-cache"], 0),
        (["Cache-Control: max-age=-5"], 0),
        (["Cache-Control: max-age=soon"], 0),
        (["Cache-Control: max-age=" + "9" * 500], 365 * DAY),
        (["Cache-Control: max-age=٦"], 0),
        (["Expires: Wed, 04 Mar 2026 13:00:00 GMT"], 3600),
        (["Expires: Wed, 04 Mar 2026 13:00:00 GMT", "Date: Wed, 04 Mar 2026 12:59:00 GMT"], 60),
        (["Expires: Wed, 04 Mar 2026 11:00:00 GMT"], 0),
        (["Expires: 0"], 0),
        (["Expires: Wed, 99 Mar 99999 11:00:00 GMT"], 0),
        (["Expires: Wed, 04 Mar 2026 13:00:00 GMT", "Cache-Control: max-age=5"], 5),
    ],
)  # fmt: skip
def test_freshness_is_read_as_a_cache_would(lines: list[str], seconds: float | None) -> None:
    assert read_max_age(make(*lines), NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999", DAY),
        ("9" * 400, DAY),
        ("Wed, 04 Mar 2026 12:02:00 GMT", 120),
        ("Wed, 04 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 04 Mar 2050 11:00:00 GMT", DAY),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٦٠", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_a_day_at_most(text: str, seconds: float | None) -> None:
    assert read_retry_after(make(f"Retry-After: {text}"), NOW) == seconds


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ('W/"a-1"', 'W/"a-1"'),
        ("unquoted", "unquoted"),
        ('"' + "a" * 2000 + '"', None),
        ('"\udce9"', None),
        ('"a\x01"', None),
        ("", None),
    ],
)
def test_a_validator_is_kept_as_it_stands_or_not_at_all(value: str, kept: str | None) -> None:
    assert read_text(CIMultiDictProxy(CIMultiDict([("ETag", value)])), "ETag") == kept
