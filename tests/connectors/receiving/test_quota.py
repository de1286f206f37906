"""How many articles a sender may push: never more than its quota in a minute, and no fewer over an hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.receiving.quota import Quotas


class Clock:
    """One that stands until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quotas(clock: Clock) -> Quotas:
    return Quotas(clock)


def test_what_a_minute_allows_may_come_at_once(quotas: Quotas) -> None:
    assert quotas.wait_for("harbour", 60, 60) == 0
    quotas.take("harbour", 60, 60)
    assert quotas.wait_for("harbour", 60, 1) == 1
    assert quotas.wait_for("harbour", 60, 60) == 60


def test_after_the_wait_that_was_told_it_may_come(quotas: Quotas, clock: Clock) -> None:
    quotas.take("harbour", 7, 7)
    clock.now += quotas.wait_for("harbour", 7, 3)
    assert quotas.wait_for("harbour", 7, 3) == pytest.approx(0, abs=1e-6)
    assert quotas.wait_for("harbour", 7, 4) == pytest.approx(60 / 7)


def test_an_hour_of_silence_saves_up_no_more_than_a_minute(quotas: Quotas, clock: Clock) -> None:
    quotas.take("harbour", 60, 60)
    clock.now += 3600
    assert quotas.wait_for("harbour", 60, 60) == 0
    assert quotas.wait_for("harbour", 60, 61) == 1


def test_asking_takes_nothing(quotas: Quotas) -> None:
    for _ in range(100):
        assert quotas.wait_for("harbour", 1, 1) == 0


def test_each_sender_has_its_own(quotas: Quotas) -> None:
    quotas.take("harbour", 60, 60)
    assert quotas.wait_for("library", 60, 60) == 0


def test_a_quota_that_becomes_smaller_holds_at_once(quotas: Quotas) -> None:
    quotas.wait_for("harbour", 60, 1)
    quotas.take("harbour", 6, 6)
    assert quotas.wait_for("harbour", 6, 1) == 10


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 10)), max_size=200))
def test_in_no_minute_more_than_two_of_its_quota_come(pushes: list[tuple[float, int]]) -> None:
    clock, quota, taken = Clock(), 10, list[tuple[float, int]]()
    quotas = Quotas(clock)
    for pause, count in pushes:
        clock.now += pause
        if quotas.wait_for("harbour", quota, count) == 0:
            quotas.take("harbour", quota, count)
            taken.append((clock.now, count))
    for begin, _ in taken:
        in_a_minute = sum(count for at, count in taken if begin <= at < begin + 60)
        assert in_a_minute <= 2 * quota
