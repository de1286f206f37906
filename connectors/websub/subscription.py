"""One subscription at a hub, and what can be told of it."""

from dataclasses import dataclass
from typing import Literal

from connectors.polling.tables import write_time

# `none`: the feed names no hub; `new`: not asked for yet, or lost; `asked`: the hub has not verified it
# yet; `held`; `refused`: by the hub; `leaving`: it is to end, and the hub has not verified that yet.
State = Literal["none", "new", "asked", "held", "refused", "leaving"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """Where a source is subscribed to what; `callback` is the last part of the address that the hub knows.

    `secret` signs what comes, `old_secret` what was signed before the last renewal; `next_secret` was asked
    for, and signs once the hub has verified that.
    `base` is the address before `callback`. Times are seconds since 1970; `tries` are those in a row that
    the hub has not verified.
    """

    callback: str
    source: str
    base: str
    hub: str = ""
    topic: str = ""
    state: State = "new"
    secret: str | None = None
    old_secret: str | None = None
    next_secret: str | None = None
    asked_at: float | None = None
    lease_until: float | None = None
    next_at: float | None = None
    tries: int = 0
    why: str | None = None
    content_at: float | None = None
    contents: int = 0
    dropped: int = 0

    @property
    def callback_url(self) -> str:
        """Return the address that the hub calls."""
        return f"{self.base.rstrip('/')}/{self.callback}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what content may be signed with."""
        return tuple(secret for secret in (self.secret, self.old_secret) if secret)

    def is_held(self, now: float) -> bool:
        """Return whether the hub tells of news."""
        return self.state == "held" and self.lease_until is not None and now < self.lease_until


def describe(subscription: Subscription, now: float) -> str:
    """Return a line for a person: whether news come at once, from whom, until when, and why not."""
    hub, why = subscription.hub, f": {subscription.why}" if subscription.why else ""
    if subscription.state == "none":
        return "the feed names no hub: it is polled"
    if subscription.is_held(now):
        until = write_time(subscription.lease_until or 0)[:16]
        return f"subscribed at {hub} until {until}Z{why}"
    if subscription.state == "held":
        return f"the lease at {hub} has ended{why}; it is polled"
    said = {
        "asked": "is asked, and has not verified it yet",
        "new": "is asked soon",
        "refused": "refuses",
        "leaving": "is asked to end it",
    }
    return f"{hub} {said[subscription.state]}{why}; it is polled"
