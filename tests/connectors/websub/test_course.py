"""When a hub is asked, and what a subscription is by what it said."""

from dataclasses import replace

import pytest

from connectors.websub.course import LEASE, ask, begin, deny, fail, leave, lose, refuse, say_farewell, verify
from connectors.websub.subscription import Subscription, describe

NOW = 1_790_000_000.0
DAY = 86_400.0


def new() -> Subscription:
    return begin(
        "harbour", "https://news.example/websub/", "https://hub.example/", "https://harbour.example/", NOW
    )


def held(lease: float = LEASE) -> Subscription:
    return verify(ask(new(), NOW), lease, NOW)


def left_of(known: Subscription) -> float:
    assert known.next_at is not None
    return known.next_at - NOW


def test_callbacks_and_secrets_cannot_be_guessed() -> None:
    many = [ask(new(), NOW) for _ in range(100)]
    assert len({one.callback for one in many}) == len({one.next_secret for one in many}) == 100
    assert {len(one.callback) for one in many} == {32}
    assert {len(one.next_secret or "") for one in many} == {64}
    assert many[0].callback_url == f"https://news.example/websub/{many[0].callback}"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (LEASE, LEASE),
        (3600.0, 3600.0),
        (1.0, 300.0),
        (0.0, 300.0),
        (1e12, 30 * DAY),
        (None, DAY),
    ],
)
def test_a_lease_is_believed_within_bounds_and_renewed_before_its_end(
    said: float | None, seconds: float
) -> None:
    many = [verify(ask(new(), NOW), said, NOW) for _ in range(200)]
    assert {one.lease_until for one in many} == {NOW + seconds}
    shares = [left_of(one) / seconds for one in many]
    assert 0.8 <= min(shares) < 0.82
    assert 0.88 < max(shares) <= 0.9


def test_a_hub_that_fails_is_asked_ever_less_often() -> None:
    known, waits = new(), []
    for _ in range(400):
        known = fail(ask(known, NOW), "away", NOW, None)
        waits.append(left_of(known))
    assert all(300 * n <= wait <= 330 * n for n, wait in enumerate(waits[:200], start=1))
    assert max(waits) <= 1.1 * DAY
    assert left_of(fail(known, "busy", NOW, retry_after=2 * DAY)) == 2 * DAY


def test_a_renewal_that_fails_leaves_the_lease_and_its_secret() -> None:
    first = held()
    later = NOW + 0.85 * LEASE
    renewing = ask(first, later)
    assert (renewing.state, renewing.secret) == ("held", first.secret)
    assert renewing.next_secret not in (None, first.secret)
    failed = fail(renewing, "away", later, None)
    assert failed.is_held(later)
    # Asked again it is with the same secret: nobody could tell which of two the hub has verified.
    assert ask(failed, later).next_secret == renewing.next_secret
    refused = refuse(renewing, "no", later)
    assert refused.is_held(later)
    assert (refused.next_at or 0) <= (first.lease_until or 0)
    renewed = verify(renewing, LEASE, later)
    assert renewed.secret == renewing.next_secret
    assert renewed.lease_until == later + LEASE


def test_what_is_held_and_was_not_asked_for_does_not_change() -> None:
    first = held()
    assert verify(first, 1e9, NOW + 5) == first


def test_a_lease_that_has_ended_is_none() -> None:
    first = held()
    after = NOW + LEASE + 1
    assert not first.is_held(after)
    assert ask(first, after).state == "asked"
    assert "ended" in describe(first, after)


def test_what_is_denied_is_over_at_once() -> None:
    for known in (ask(new(), NOW), held(), ask(held(), NOW)):
        denied = deny(known, "denied: not here", NOW)
        assert (denied.state, denied.lease_until) == ("refused", None)
        assert DAY <= left_of(denied) <= 1.1 * DAY
        assert verify(denied, LEASE, NOW) == denied
    assert deny(new(), "denied", NOW).state == "new"


def test_one_that_nobody_wants_is_left_and_one_that_no_hub_knows_is_forgotten() -> None:
    assert leave(new(), NOW) is None
    assert leave(begin("harbour", "https://news.example/", None, None, NOW), NOW) is None
    assert leave(lose(held()), NOW) is None
    assert leave(refuse(ask(new(), NOW), "no", NOW), NOW) is None
    leaving = leave(held(), NOW)
    tries = 0
    while leaving is not None:
        assert leaving.state == "leaving"
        leaving = say_farewell(leaving, NOW)
        tries += leaving is not None
    assert tries == 3


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (begin("harbour", "https://news.example/", None, None, NOW), "the feed names no hub: it is polled"),
        (held(), "subscribed at https://hub.example/ until 2026-10-01T14:13Z"),
        (replace(held(), why="away"), "subscribed at https://hub.example/ until 2026-10-01T14:13Z: away"),
        (ask(new(), NOW), "https://hub.example/ is asked, and has not verified it yet; it is polled"),
        (
            refuse(ask(new(), NOW), "denied: no", NOW),
            "https://hub.example/ refuses: denied: no; it is polled",
        ),
    ],
    ids=["no hub", "held", "held and failing", "asked", "refused"],
)
def test_a_person_is_told_in_a_line(known: Subscription, told: str) -> None:
    assert describe(known, NOW) == told
