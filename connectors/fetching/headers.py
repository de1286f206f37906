"""What headers say of time and versions: how long to keep, when to come again, validators."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from multidict import CIMultiDictProxy

Headers = CIMultiDictProxy[str]
DAY = 86_400.0
_YEAR = 365 * DAY
_MOST_CHARACTERS = 1024
_DIRECTIVE = re.compile(r'([\w-]+)(?:\s*=\s*"?([^",]*)"?)?')


def read_max_age(headers: Headers, now: datetime) -> float | None:
    """Return how many seconds an answer stays fresh (RFC 9111, for a private cache), at most a year.

    None where it does not say so; 0 for no-store, no-cache and what cannot be understood.
    """
    text = ",".join(headers.getall("Cache-Control", []))
    control = {name.lower(): value for name, value in _DIRECTIVE.findall(text[:_MOST_CHARACTERS])}
    if "no-store" in control or "no-cache" in control:
        return 0.0
    if "max-age" in control:
        age = _read_seconds(control["max-age"]) or 0.0
    elif "Expires" in headers:
        expires = _read_date(headers["Expires"])
        age = (expires - _sent_at(headers, now)).total_seconds() if expires else 0.0
    else:
        return None
    spent = _read_seconds(headers.get("Age", "")) or 0.0
    return min(max(age - spent, 0.0), _YEAR)


def read_retry_after(headers: Headers, now: datetime) -> float | None:
    """Return how many seconds the server wants to be left alone, at most a day; None where it says none."""
    text = headers.get("Retry-After", "")
    seconds = _read_seconds(text)
    if seconds is None and (until := _read_date(text)) is not None:
        seconds = (until - _sent_at(headers, now)).total_seconds()
    return None if seconds is None else min(max(seconds, 0.0), DAY)


def read_text(headers: Headers, name: str) -> str | None:
    """Return a header as it stands, None where it is missing, longer than 1 KiB or not printable ASCII."""
    return keep_text(headers.get(name))


def keep_text(value: str | None) -> str | None:
    """Return a value that can be kept and sent back as it stands, else None."""
    if not value or len(value) > _MOST_CHARACTERS or not (value.isascii() and value.isprintable()):
        return None
    return value


def _sent_at(headers: Headers, now: datetime) -> datetime:
    # By the server's own clock: how far ours is from it does not matter then.
    return _read_date(headers.get("Date", "")) or now


def _read_seconds(text: str) -> float | None:
    text = text.strip()
    return float(text[:12]) if text.isascii() and text.isdigit() else None


def _read_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:100])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
