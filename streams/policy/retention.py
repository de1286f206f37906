"""Until when a delivered page is kept, where a policy says less than the store does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.address import host_of
from schemas.codec import DecodeError, decode
from schemas.letter import Letter
from streams.policy.policy import Policies


@dataclass(frozen=True)
class _Delivered:
    source: str
    url: str | None = None


def keep_until(letter: Letter, at: datetime, policies: Policies) -> datetime | None:
    """Return when a page that was taken at `at` is to be deleted, None where no policy says.

    Of what is no raw article nothing is known, and no policy holds.
    """
    if all(policy.retention is None for policy in policies.entries):
        return None  # a page of megabytes is not read for nothing
    try:
        delivered = decode(letter.value, _Delivered)
    except DecodeError:
        return None
    days = policies.find(delivered.source, host_of(delivered.url)).retention
    return at + timedelta(days=days) if days is not None else None
