"""Times are read as they are written all over the world, or not at all."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from streams.metadata.moment import read_moment

RIYADH = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2024-08-08T08:00:30Z", "2024-08-08 08:00:30", id="ISO 8601"),
        pytest.param("2024-08-08T08:00Z", "2024-08-08 08:00:00", id="without seconds"),
        pytest.param("2025-02-02T19:07:46.0000000Z", "2025-02-02 19:07:46", id="seven decimals"),
        pytest.param("2024-11-26T21:45+0800", "2024-11-26 13:45:00", id="offset without colon"),
        pytest.param("2024-11-26t21:45:00z", "2024-11-26 21:45:00", id="small letters"),
        pytest.param("2024-11-26 21:45:00 +08:00", "2024-11-26 13:45:00", id="offset after a space"),
        pytest.param(
            "2024-08-08T08:00:00+02:00[Europe/Berlin]", "2024-08-08 06:00:00", id="zone in brackets"
        ),
        pytest.param("20240808T101500Z", "2024-08-08 10:15:00", id="compact"),
        pytest.param("2024-08-08 10:15", "2024-08-08 07:15:00", id="without a zone it is the source's"),
        pytest.param("Wed, 02 Oct 2002 13:00:00 GMT", "2002-10-02 13:00:00", id="RFC 2822"),
        pytest.param("Wed, 02 Oct 2002 13:00:00 EDT", "2002-10-02 17:00:00", id="RFC 2822 with a named zone"),
        pytest.param(
            "Thu, 7 Mar 24 10:00:00 GMT", "2024-03-07 10:00:00", id="RFC 822, two digits for the year"
        ),
        pytest.param("Fri Nov 22 10:15:00 UTC 2024", "2024-11-22 10:15:00", id="Java"),
        pytest.param("Fri Nov 22 2024 10:15:00 GMT+0300 (AST)", "2024-11-22 07:15:00", id="JavaScript"),
        pytest.param("1723104000", "2024-08-08 08:00:00", id="epoch in seconds"),
        pytest.param("1723104000123", "2024-08-08 08:00:00", id="epoch in milliseconds"),
        pytest.param(1723104000.5, "2024-08-08 08:00:00", id="epoch as a number"),
        pytest.param("12:20pm Jan 7, 2024", "2024-01-07 09:20:00", id="English, time first"),
        pytest.param("June 30, 2026 - 12.04 a.m.", "2026-06-29 21:04:00", id="midnight in English"),
        pytest.param("05.06.2025 um 14:46 Uhr", "2025-06-05 11:46:00", id="German numbers"),
        pytest.param("6. März 2025, 12:26", "2025-03-06 09:26:00", id="German"),
        pytest.param("mar. 5 nov. 2024 à 14h46", "2024-11-05 11:46:00", id="French, a weekday like a month"),
        pytest.param("22 de noviembre de 2024, 10:15", "2024-11-22 07:15:00", id="Spanish"),
        pytest.param("22 ноября 2024, 10:15", "2024-11-22 07:15:00", id="Russian"),
        pytest.param("5 Haziran 2024 Çarşamba, 10:00", "2024-06-05 07:00:00", id="Turkish"),
        pytest.param("الجمعة 22 نوفمبر 2024 - 10:15 بتوقيت غرينتش", "2024-11-22 10:15:00", id="Arabic, GMT"),
        pytest.param("٢٢ تشرين الثاني ٢٠٢٤ 06:05 مساءً", "2024-11-22 15:05:00", id="Levantine month, evening"),
        pytest.param("۱۵ مرداد ۱۴۰۳ ساعت ۱۴:۳۰", "2024-08-05 11:30:00", id="Iran's calendar"),
        pytest.param("1403-05-15T10:00:00+03:30", "2024-08-05 06:30:00", id="Iran's calendar as ISO"),
        pytest.param("2024年5月6日 下午3:05", "2024-05-06 12:05:00", id="Chinese"),
    ],
)
def test_a_time_is_read_to_the_second(written: str | float, expected: str) -> None:
    moment = read_moment(written, "test", RIYADH)
    assert moment is not None
    assert moment.at == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert (moment.precision, moment.origin, moment.written) == ("second", "test", str(written))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2024-08-08", "2024-08-08", id="ISO"),
        pytest.param("1923-05-06", "1923-05-06", id="ISO, older than the web"),
        pytest.param("20150720", "2015-07-20", id="compact"),
        pytest.param("2015/7/20", "2015-07-20", id="year first"),
        pytest.param("25/06/2024", "2024-06-25", id="only the day can come first"),
        pytest.param("06/25/2024", "2024-06-25", id="only the month can come first"),
        pytest.param("05.06.2024", "2024-06-05", id="with dots the day comes first"),
        pytest.param("20 تموز/يوليو 2015", "2015-07-20", id="both Arabic names of the month"),
        pytest.param(
            "5 شوال 1436 هـ الموافق 21 يوليو 2015 م", "2015-07-21", id="lunar and Gregorian side by side"
        ),
        pytest.param("30 آذار 2024", "2024-03-30", id="Levantine March"),
        pytest.param("30 آذر 1402", "2023-12-21", id="Iran's ninth month is not Levantine March"),
        pytest.param("1399/12/30", "2021-03-20", id="Iran's leap day"),
        pytest.param("Published: 3 May 2024", "2024-05-03", id="words around"),
        pytest.param("MAYIS 5 2024", "2024-05-05", id="Turkish capitals"),
    ],
)
def test_a_day_is_midnight_utc_of_the_day_as_written(written: str, expected: str) -> None:
    moment = read_moment(written, "test", RIYADH)
    assert moment is not None
    assert moment.at == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment.precision == "day"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("منذ ساعتين", id="relative, Arabic"),
        pytest.param("2 hours ago", id="relative, English"),
        pytest.param("2024-02-30", id="no such day"),
        pytest.param("31/04/2024", id="no such day in numbers"),
        pytest.param("2024-08-08T25:00:00", id="no such hour"),
        pytest.param("05/06/2024", id="day or month first"),
        pytest.param("5 شوال 1436", id="lunar calendar"),
        pytest.param("1446-02-03", id="lunar calendar as ISO"),
        pytest.param("1402/12/30", id="no leap year in Iran"),
        pytest.param("2567-01-02", id="Thai calendar"),
        pytest.param("5 May 1923", id="too old for a web page"),
        pytest.param("0001-01-01T00:00:00", id="a program's empty date"),
        pytest.param("1970-01-01T00:00:00Z", id="the first second of Unix"),
        pytest.param("9999999999999", id="epoch beyond 2100"),
        pytest.param("Thu, 99 Mar 24 10:00 GMT", id="no such day in RFC 822"),
        pytest.param("Nov 2024", id="no day"),
        pytest.param("nan", id="no number"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param(10**30, id="a huge number"),
        pytest.param("{{ date }}", id="a template's hole"),
    ],
)
def test_what_is_not_sure_has_no_time_but_stays_as_written(written: str | float) -> None:
    moment = read_moment(written, "test")
    assert moment is not None
    assert (moment.at, moment.precision, moment.written) == (None, None, str(written))


@pytest.mark.parametrize(("day_first", "expected"), [(True, 6), (False, 5)])
def test_the_language_settles_whether_the_day_comes_first(day_first: bool, expected: int) -> None:
    moment = read_moment("05/06/2024", "test", day_first=day_first)
    assert moment is not None
    assert moment.at is not None
    assert moment.at.month == expected


@pytest.mark.parametrize("written", ["", " \n", "x" * 100_000, True])
def test_what_is_no_short_text_is_no_time(written: str) -> None:
    assert read_moment(written, "test") is None


def test_a_lone_surrogate_does_not_reach_the_record() -> None:
    moment = read_moment("\ud800 2024-05-06", "test")
    assert moment is not None
    assert moment.written.encode()
