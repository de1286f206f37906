"""How old an article may be when it is fetched, and how far in the future."""

from datetime import UTC, datetime, timedelta

from streams.draft import Draft, Moment
from streams.policy.policy import Policies
from streams.reject import Reject

# A day is midnight UTC of the day as written: the article may be a day younger, and where the day
# began before it did in UTC, most of a day older.
_OF_A_DAY = timedelta(days=1)


def check_age(draft: Draft, *, policies: Policies) -> Draft:
    """Return the draft. Raises Reject: `too_old` and `in_future`, where a policy has a limit.

    It goes by the time of publication that is believed, unless that is a guess, and by the time of
    fetching; a time that is only a day may be off by one.
    """
    policy = policies.find(draft.raw.source, draft.host)
    published, fetched = draft.metadata.published, draft.raw.fetched_at
    if published is None or published.at is None or published.origin == "htmldate":
        return draft
    slack = _OF_A_DAY if published.precision == "day" else timedelta()
    age = fetched - published.at
    days, hours = policy.too_old_days, policy.future_hours
    if days is not None and age > timedelta(days=days) + slack:
        raise Reject("too_old", f"{_tell(published, fetched)}, and a policy takes {days} days")
    if hours is not None and -age > timedelta(hours=hours) + slack:
        raise Reject("in_future", f"{_tell(published, fetched)}, and a policy takes {hours} hours ahead")
    return draft


def _tell(published: Moment, fetched: datetime) -> str:
    claimed = f"{published.at:%Y-%m-%dT%H:%M:%SZ} ({published.origin}: {published.written})"
    return f"published {claimed}, fetched {fetched.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
