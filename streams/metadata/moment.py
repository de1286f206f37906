"""Times as pages and feeds write them: ISO 8601, RFC 2822, epochs, and dates in many languages."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from streams.draft import Moment
from streams.metadata.months import GREGORIAN, JALALI, month_key
from streams.text.plain import plain

_LONGEST = 200
# News on paper is older than the web, but only a date written as ISO 8601 is believed so far back;
# before it the number of the year belongs to another calendar (1403, 1446) or to none (0001).
_FIRST_ISO_YEAR, _FIRST_YEAR, _LAST_YEAR = 1600, 1990, 2100
# In these numbers a year can only be Iran's: as the lunar calendar's it would lie before 1990.
_JALALI_YEARS = range(1369, 1410)

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "0123456789" * 3)
_RFC_822 = re.compile(r"(?:[A-Za-z]{3},\s)?\d{1,2}\s[A-Za-z]{3}\s\d\d\s\d\d:\d\d")  # two digits for the year
_YMD = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?=[^\d]|$)")
_EAST_ASIAN = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_DMY = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})(?::|：|h|\.)(\d\d)(?:[:.](\d\d)(?:[.,]\d{1,12})?)?(?!\d)")
_HALF = re.compile(r"\s?(?:([ap])\.?\s?m\b|(صباح|ص\b)|(مساء|م\b))", re.IGNORECASE)
_AFTERNOON = re.compile("오후|下午|午後")
_ZONE = re.compile(
    r"[\s(]{0,3}(?:UTC|GMT)?([+\-−])(\d{1,2}):?(\d\d)?(?!\d)|[\s(]{0,3}(?:بتوقيت\s)?([^\W\d_]{1,10})(?![^\W_])"
)
_WORD = re.compile(r"\d+|[^\W\d_]+")
_ORDERS = {("day", "month", "year"), ("month", "day", "year"), ("year", "month", "day")}
_LEVANTINE = re.compile(r"(كانون|تشرين)\s(ال)?(?:[اأ]ول|(ثاني?))")
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "غرينتش": 0, "جرينتش": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "bst": 1, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "sast": 2, "eet": 2, "eest": 3,
    "msk": 3, "trt": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip


def read_moment(
    written: str | int | float, origin: str, zone: tzinfo = UTC, *, day_first: bool | None = None
) -> Moment | None:
    """Return the first time that `written` tells, or None where it is empty or no short text.

    `at` is in UTC; a time without a zone is taken in `zone`. With precision `day` it is
    midnight UTC of the day as written. Numbers are seconds or milliseconds since 1970. Where
    nothing can be read for sure `at` is None and `written` still tells what stood there: relative
    words, impossible dates, the lunar calendar, `05/06/2024` unless `day_first` settles it.
    Dates of Iran's solar calendar are converted.
    """
    if isinstance(written, bool):
        return None
    text = plain(str(written), _LONGEST)
    if not text:
        return None
    try:
        at = _read(text.translate(_DIGITS), zone, day_first)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        return Moment(at=None, origin=origin, precision=None, written=text)
    if isinstance(at, datetime):
        return Moment(at=at, origin=origin, precision="second", written=text)
    midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return Moment(at=midnight, origin=origin, precision="day", written=text)


def _read(text: str, zone: tzinfo, day_first: bool | None) -> datetime | date | None:
    """Return a time where there is one, else a day; raise ValueError where it is impossible."""
    if len(text) > 10 and text[4] == "-" and text[10] in "Tt ":
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            pass  # a variant, or another calendar's thirty-first of its second month
        else:
            if at.year >= _FIRST_ISO_YEAR:
                return _settle(at, zone)
    if _is_epoch(text):
        seconds = float(text)
        at = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        return at.replace(microsecond=0) if _FIRST_YEAR <= at.year <= _LAST_YEAR else None
    if compact := _COMPACT.match(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        found = _believe(year, month, day, since=_FIRST_YEAR)
        if found and compact[4]:
            zone = _zone_at(text, compact.end()) or zone
            return _settle(datetime(found.year, found.month, found.day, hour, minute, second), zone)
        return found
    if _RFC_822.match(text):
        return _settle(parsedate_to_datetime(text), zone)
    named, rest = _find_day(text, day_first)
    return _add_time(named, rest, zone) if named else None


def _is_epoch(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return whole.isdecimal() and len(whole) in (9, 10, 13) and (not fraction or fraction.isdecimal())


def _find_day(text: str, day_first: bool | None) -> tuple[date | None, str]:
    """Return the first day that the text names, and the text without it."""
    if found := _YMD.search(text) or _EAST_ASIAN.search(text):
        numbers = [int(part) for part in found.groups() if part.isdecimal()]
        since = _FIRST_ISO_YEAR if found.start() == 0 and found[2] == "-" else _FIRST_YEAR
        return _believe(*numbers, since=since), text[: found.start()] + " " + text[found.end() :]
    if named := _find_named_day(text):
        return named, text
    if found := _DMY.search(text):
        first, mark, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        if mark == "." or first > 12 or first == second:
            day_first = True
        elif second > 12:
            day_first = False
        if day_first is not None:
            day, month = (first, second) if day_first else (second, first)
            return _believe(year, month, day, since=_FIRST_YEAR), text.replace(found[0], " ", 1)
    return None, text


def _find_named_day(text: str) -> date | None:
    """Return the first day whose month has a name, in any order that is written anywhere."""
    text = _LEVANTINE.sub(lambda found: found[1] + ("الثاني" if found[3] else "الاول"), text)
    parts: list[tuple[str, int]] = []
    for word in _WORD.findall(_TIME.sub(" ", text)):
        if word.isdecimal():
            kind = "day" if len(word) <= 2 else "year" if len(word) == 4 else "number"
            parts.append((kind, int(word)))
        elif (key := month_key(word)) in GREGORIAN:
            if ("month", GREGORIAN[key]) not in parts[-1:]:  # تموز/يوليو
                parts.append(("month", GREGORIAN[key]))
        elif key in JALALI:
            parts.append(("jalali", JALALI[key]))
    for triple in zip(parts, parts[1:], parts[2:], strict=False):
        named = dict(triple)
        if tuple(named) in _ORDERS:
            return _believe(named["year"], named["month"], named["day"], since=_FIRST_YEAR)
        if tuple(named) == ("day", "jalali", "year") and 1300 <= named["year"] < 1500:
            return _from_jalali(named["year"], named["jalali"], named["day"])
    return None


def _add_time(day: date, rest: str, zone: tzinfo) -> datetime | date | None:
    found = _TIME.search(rest)
    if not found:
        return day
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    end = found.end()
    half = _HALF.match(rest, end)
    if half:
        end = half.end()
        afternoon = bool(half[3]) or (half[1] or "").lower() == "p"
        if hour <= 12:
            hour = hour % 12 + 12 * afternoon
    elif _AFTERNOON.search(rest) and hour < 12:
        hour += 12
    moment = datetime(day.year, day.month, day.day, hour, minute, second)
    return _settle(moment, _zone_at(rest, end) or zone)


def _zone_at(text: str, start: int) -> tzinfo | None:
    found = _ZONE.match(text, start)
    if not found:
        return None
    if found[1]:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(offset if found[1] == "+" else -offset)
    hours = _ZONES.get(found[4].lower())
    return None if hours is None else timezone(timedelta(hours=hours))


def _settle(moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the moment in UTC without fractions, or None beyond the years that are believed."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    moment = moment.astimezone(UTC).replace(microsecond=0)
    # What a program writes that has no date: the first second of Unix.
    return moment if moment.year <= _LAST_YEAR and moment.timestamp() != 0 else None


def _believe(year: int, month: int, day: int, *, since: int) -> date | None:
    if year in _JALALI_YEARS:
        return _from_jalali(year, month, day)
    return date(year, month, day) if since <= year <= _LAST_YEAR else None


def _from_jalali(year: int, month: int, day: int) -> date:
    """Return the Gregorian day, by the 33-year rule of leap years (right for 1178 to 1633)."""
    if not 1 <= month <= 12 or not 1 <= day <= (31 if month < 7 else 30):
        raise ValueError("no such day")
    start = _jalali_new_year(year)
    if month == 12 and day == 30 and _jalali_new_year(year + 1) - start == 365:
        raise ValueError("no leap year")
    return date.fromordinal(start + 31 * (month - 1) - max(0, month - 7) + day - 1)


def _jalali_new_year(year: int) -> int:
    cycle, rest = divmod(year + 1595, 33)
    return 365 * (year + 1595) + 8 * cycle + (rest + 3) // 4 + _JALALI_EPOCH


_JALALI_EPOCH = date(2024, 3, 20).toordinal() - (365 * 2998 + 8 * 90 + (28 + 3) // 4)
