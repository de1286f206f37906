"""When a source is looked at next."""

import pytest

from connectors.polling.schedule import (
    MONTH,
    plan_after_failure,
    plan_look,
    plan_next,
    plan_retry,
    spread_start,
)
from connectors.polling.settings import PollSettings

POLL = PollSettings()
DAY = 86_400.0


@pytest.mark.parametrize(
    ("listed", "new", "factor"),
    [
        pytest.param(10, 9, 0.5, id="most are new: some may have been missed"),
        pytest.param(10, 5, 0.75, id="many are new"),
        pytest.param(10, 2, 1.0, id="some are new"),
        pytest.param(100, 1, 1.0, id="one of a long feed is new"),
        pytest.param(10, 0, 1.25, id="nothing is new"),
        pytest.param(0, 0, 1.25, id="not changed"),
    ],
)
def test_the_interval_adapts_to_the_share_of_new_items(listed: int, new: int, factor: float) -> None:
    plan = plan_next("harbour", 3600, POLL, listed=listed, new=new)
    assert plan.interval == pytest.approx(3600 * factor)
    assert plan.wait == pytest.approx(plan.interval, rel=0.1)


def test_the_interval_stays_between_floor_and_ceiling() -> None:
    interval = 900.0
    for _ in range(50):
        interval = plan_next("harbour", interval, POLL, listed=10, new=10).interval
    assert interval == POLL.floor
    for _ in range(50):
        interval = plan_next("harbour", interval, POLL, listed=10, new=0).interval
    assert interval == POLL.ceiling


def test_what_the_publisher_asks_for_is_heeded_up_to_the_ceiling() -> None:
    assert plan_next("harbour", 300, POLL, listed=10, new=9, least=7200).wait == pytest.approx(7200, rel=0.1)
    assert plan_next("harbour", 300, POLL, listed=10, new=9, least=30 * DAY).wait <= 1.1 * POLL.ceiling


def test_failures_are_waited_for_linearly_and_a_dead_source_is_looked_at_once_a_month() -> None:
    def wait(failures: int, days: float, **more: float | bool) -> float:
        return plan_after_failure(
            "harbour",
            900,
            POLL,
            failures=failures,
            failing_for=days * DAY,
            **more,  # type: ignore[arg-type]
        ).wait

    assert [wait(n, 0) for n in (1, 2, 4)] == pytest.approx([900, 1800, 3600], rel=0.1)
    assert wait(29, 3) == pytest.approx(29 * 900, rel=0.1)
    assert wait(200, 6) <= 1.1 * POLL.ceiling
    assert wait(200, 8) == pytest.approx(MONTH, rel=0.1)
    assert wait(1, 0, gone=True) == pytest.approx(MONTH, rel=0.1)
    assert wait(1, 0, retry_after=5000.0) == 5000
    assert wait(4, 0, retry_after=10.0) == pytest.approx(3600, rel=0.1)


def test_starts_and_waits_are_spread() -> None:
    starts = sorted(spread_start(f"source {n}", 10_000) for n in range(10_000))
    assert starts[0] < 5
    assert starts[-1] > 495
    fullest = max(sum(low <= at < low + 1 for at in starts) for low in range(500))
    assert fullest < 45  # 20 a second on average
    assert spread_start("alone", 1) == 0
    waits = {plan_next(f"source {n}", 3600, POLL, listed=10, new=2).wait for n in range(100)}
    assert len(waits) > 90


def test_a_page_is_looked_at_again_after_an_hour_a_day_and_a_week() -> None:
    ages, age = [], 0.0
    while (wait := plan_look(age, POLL)) is not None:
        age += wait
        ages.append(age)
    assert ages == [3600, DAY, 7 * DAY]
    assert plan_look(2 * DAY, POLL) == 5 * DAY  # one look for what was missed while nothing ran


def test_a_page_that_cannot_be_had_is_given_up() -> None:
    waits: list[float] = []
    while (wait := plan_retry(len(waits) + 1)) is not None:
        waits.append(wait)
    assert waits == [300.0 * n for n in range(1, 9)] + [DAY] * 14
