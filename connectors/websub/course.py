"""The course of a subscription: asked for, verified, renewed, refused, left. No clock, no disk."""

import random
import secrets
from dataclasses import replace

from connectors.websub.subscription import Subscription

LEASE = 10 * 86_400.0  # seconds that are asked for, as the specification recommends
# Whatever a hub says: it is asked no more often, and believed no longer.
_SHORTEST, _LONGEST = 300.0, 30 * 86_400.0
_UNSAID = 86_400.0
_STEP = 300.0  # seconds for which a hub may take its time; each try that came to nothing adds as many
_MOST = 86_400.0
_AFTER_REFUSAL = 86_400.0
_FAREWELLS = 3


def begin(source: str, base: str, hub: str | None, topic: str | None, now: float) -> Subscription:
    """Return a subscription that is to be asked for; without a hub, one that says that there is none."""
    # 128 bits that nobody can guess: what a hub calls is open to who knows it (WebSub, 5.1.1).
    fresh = Subscription(callback=secrets.token_hex(16), source=source, base=base)
    if hub is None or topic is None:
        return replace(fresh, state="none")
    return replace(fresh, hub=hub, topic=topic, next_at=now)


def ask(known: Subscription, now: float) -> Subscription:
    """Return it as it is noted before the hub is asked: it may verify before it has answered."""
    why = known.why
    if known.next_secret is not None and why is None:
        why = "it has not verified what it was asked"
    return replace(
        known,
        # A lease that is held goes on until it ends, whatever becomes of its renewal.
        state="held" if known.is_held(now) else "asked",
        # Of two requests with two secrets nobody could tell which one the hub has verified.
        next_secret=known.next_secret or secrets.token_hex(32),
        asked_at=now,
        tries=known.tries + 1,
        next_at=now + _wait(known.tries + 1),
        why=why,
    )


def verify(known: Subscription, lease: float | None, now: float) -> Subscription:
    """Return it as the hub has verified it, for `lease` seconds; None where it did not say how long.

    It is held then, or was not asked for. One that is held, and of which nothing was asked, stays as it
    is: its hub wants to know if we are there.
    """
    if known.next_secret is None or known.state not in ("asked", "held"):
        return known
    lease = min(max(_UNSAID if lease is None else lease, _SHORTEST), _LONGEST)
    return replace(
        known,
        state="held",
        secret=known.next_secret,
        # The hub learns that it is the new one only after us, and what it brings again was signed before.
        old_secret=known.secret,
        next_secret=None,
        lease_until=now + lease,
        # Early enough for some tries, and not all of those that began together at once.
        next_at=now + lease * random.uniform(0.8, 0.9),  # noqa: S311
        tries=0,
        why=None,
    )


def fail(known: Subscription, why: str, now: float, retry_after: float | None) -> Subscription:
    """Return it after a hub could not be asked."""
    return replace(known, why=why, next_at=now + max(_wait(known.tries), retry_after or 0.0))


def refuse(known: Subscription, why: str, now: float) -> Subscription:
    """Return it after the hub did not want what was asked; a lease that is held goes on."""
    next_at = now + _AFTER_REFUSAL * random.uniform(1, 1.1)  # noqa: S311
    if known.is_held(now):
        return replace(known, next_secret=None, why=why, next_at=min(next_at, known.lease_until or next_at))
    return replace(known, state="refused", next_secret=None, lease_until=None, why=why, next_at=next_at)


def deny(known: Subscription, why: str, now: float) -> Subscription:
    """Return it after the hub has said that it is not possible, or no longer (WebSub, 5.2)."""
    if known.state not in ("asked", "held"):
        return known
    return refuse(replace(known, lease_until=None), why, now)


def lose(known: Subscription) -> Subscription:
    """Return it after the hub was told that nobody listens (410): it may have ended it by that."""
    if known.state == "leaving":
        return known
    return replace(known, state="new", next_secret=None, lease_until=None, next_at=None, tries=0, why=None)


def leave(known: Subscription, now: float) -> Subscription | None:
    """Return it as one that is to end, None where no hub knows of it."""
    if known.asked_at is None or known.state in ("none", "new", "refused"):
        return None
    return replace(known, state="leaving", next_secret=None, next_at=now, tries=0)


def say_farewell(known: Subscription, now: float) -> Subscription | None:
    """Return it as it is noted before the hub is asked to end it, None where it was asked often enough.

    What is posted to it then is answered with 410, which says the same.
    """
    if known.tries >= _FAREWELLS:
        return None
    return replace(known, tries=known.tries + 1, next_at=now + _wait(known.tries + 1))


def _wait(tries: int) -> float:
    return min(_STEP * tries, _MOST) * random.uniform(1, 1.1)  # noqa: S311
