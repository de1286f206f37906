"""When a source is looked at next: plain arithmetic, no clock. All times are in seconds."""

from dataclasses import dataclass
from hashlib import blake2b

from connectors.polling.settings import PollSettings

MONTH = 30 * 86_400.0  # a dead source is looked at as often: a surprising number come back
_DEAD_FAILURES = 30
_DEAD_AFTER = 7 * 86_400.0  # failing, however often it was tried
_JITTER = 0.1
_START_EACH = 0.05  # so far apart are the first looks at two sources


@dataclass(frozen=True, slots=True)
class Plan:
    """The interval that a source has adapted to, and the seconds until it is looked at next."""

    interval: float
    wait: float


def plan_next(
    name: str,
    interval: float,
    settings: PollSettings,
    *,
    listed: int,
    new: int,
    least: float = 0,
) -> Plan:
    """Return the plan after a look that found `new` of `listed` items; 0 of 0 where nothing had changed.

    Where more than two thirds are new, items may have come and gone unseen: half the interval.
    Where more than a third are: a quarter less. Where less than a tenth: a quarter more. `least` is what
    the publisher asks for (ttl, sy:updatePeriod, Cache-Control), heeded up to the ceiling.
    """
    share = new / listed if listed else 0.0
    factor = 0.5 if share > 2 / 3 else 0.75 if share > 1 / 3 else 1.25 if share < 0.1 else 1.0
    # One item of a feed of hundred is news as much as one of ten: it does not lengthen the interval.
    if new and factor > 1:
        factor = 1.0
    adapted = _clamp(interval * factor, settings)
    return Plan(adapted, max(adapted, min(least, settings.ceiling)) * (1 + _JITTER * _chance(name, adapted)))


def plan_after_failure(
    name: str,
    interval: float,
    settings: PollSettings,
    *,
    failures: int,
    failing_for: float,
    retry_after: float | None = None,
    gone: bool = False,
) -> Plan:
    """Return the plan after the failure of that number in a row; the interval stays as it was.

    The wait grows by the interval with each (exponential would give up a site that was away for a
    weekend), up to the ceiling; `retry_after` is kept. Gone, or failing for long, is once a month.
    """
    if gone or (failures >= _DEAD_FAILURES and failing_for >= _DEAD_AFTER):
        wait = MONTH
    else:
        # The one failure after which nothing else is known is looked at soon again.
        wait = min(max(interval, settings.floor) * failures, max(settings.ceiling, settings.floor))
    return Plan(interval, max(wait * (1 + _JITTER * _chance(name, failures)), retry_after or 0.0))


def spread_start(name: str, among: int) -> float:
    """Return the seconds after which a source that was never looked at is, one of so many."""
    return (_chance(name, 0) + 1) / 2 * _START_EACH * among if among > 1 else 0.0


def plan_look(age: float, settings: PollSettings) -> float | None:
    """Return the seconds until a page that was taken so long ago is looked at again; None: never."""
    return min((at - age for at in settings.again if at > age), default=None)


def plan_retry(tries: int) -> float | None:
    """Return the seconds until a page that could not be had is tried again; None: it is given up.

    Within three hours eight times, then daily for two weeks: a site may be away for a weekend.
    """
    return 300.0 * tries if tries <= 8 else 86_400.0 if tries <= 22 else None


def _clamp(interval: float, settings: PollSettings) -> float:
    return min(max(interval, settings.floor), max(settings.ceiling, settings.floor))


def _chance(name: str, of: float) -> float:
    """Return -1 to 1, the same for the same name and time: a test can tell what comes."""
    digest = blake2b(f"{name} {of}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**31 - 1
