"""Health is that what is committed moves, told from one look at the broker to the next."""

from collections.abc import Mapping

import pytest

from schemas.letter import CLEAN, RAW
from streams.app.progress import STILL_SECONDS, Progress, Standstill
from streams.app.status import Lead, Place, Status

EVENT_SECONDS = 50.0  # that one event may take
A, B = Place(RAW, 0), Place(RAW, 1)


def status(*assigned: Place, leads: Mapping[Place, tuple[int, float]] | None = None) -> Status:
    told = tuple(Lead(place, offset, seconds) for place, (offset, seconds) in (leads or {}).items())
    return Status(settled=True, to_recover=0, assigned=assigned, leads=told)


def recovering(left: int) -> Status:
    return Status(settled=False, to_recover=left, assigned=(), leads=())


@pytest.fixture
def progress() -> Progress:
    return Progress(EVENT_SECONDS)


@pytest.mark.parametrize("end_moves", [False, True])
def test_a_partition_behind_its_end_that_stands_still_is_told_within_a_minute(
    progress: Progress, end_moves: bool
) -> None:
    found: list[tuple[float, Standstill]] = []
    for second in range(0, 60, 5):
        end = 100 + second if end_moves else 100
        told = progress.look(second, status(A, B), {A: 40, B: 40 + second}, {A: end, B: 200})
        found += [(second, one) for one in told]
    assert found[0][0] == STILL_SECONDS
    assert found[0][1] == Standstill(f"{RAW}:0 is committed to 40 of {140 if end_moves else 100}", 40.0)
    assert {one.what.split()[0] for _, one in found} == {f"{RAW}:0"}  # the other one moves


def test_a_partition_in_which_nothing_was_ever_committed_counts_from_its_beginning(
    progress: Progress,
) -> None:
    for second in (0, 20):
        assert progress.look(second, status(A), {}, {A: 1}) == []
    assert progress.look(40, status(A), {}, {A: 1})[0].what == f"{RAW}:0 is committed to 0 of 1"


def test_a_partition_at_its_end_may_stand_still_for_ever(progress: Progress) -> None:
    for second in range(0, 1000, 5):
        assert progress.look(second, status(A), {A: 100}, {A: 100}) == []
    # The time counts from when there is something to do.
    assert progress.look(1000, status(A), {A: 100}, {A: 101}) == []
    assert progress.look(1030, status(A), {A: 100}, {A: 101}) == []
    assert progress.look(1040, status(A), {A: 100}, {A: 101}) != []


def test_a_slow_page_has_its_time_and_no_more(progress: Progress) -> None:
    for second in range(0, int(EVENT_SECONDS), 5):
        slow = status(A, leads={A: (40, float(second))})
        assert progress.look(second, slow, {A: 40}, {A: 100}) == []
    late = status(A, leads={A: (40, EVENT_SECONDS)})
    assert progress.look(EVENT_SECONDS, late, {A: 40}, {A: 100}) != []


def test_a_commit_that_stays_behind_what_is_done_is_no_slow_page(progress: Progress) -> None:
    for second in range(0, 40, 5):
        # It works on and on, and is always young; what is committed stays where it is.
        busy = status(A, leads={A: (40 + second, 0.5)})
        assert progress.look(second, busy, {A: 35}, {A: 100}) == []
    assert progress.look(40, status(A, leads={A: (80, 0.5)}), {A: 35}, {A: 100}) != []


def test_partitions_that_are_others_are_theirs_to_watch(progress: Progress) -> None:
    for second in range(0, 200, 5):
        assert progress.look(second, status(B), {A: 0, B: second}, {A: 100, B: 300}) == []
    # It came to us just now.
    assert progress.look(200, status(A, B), {A: 0, B: 200}, {A: 100, B: 300}) == []


def test_raw_and_clean_are_watched_apart(progress: Progress) -> None:
    clean = Place(CLEAN, 0)
    for second in range(0, 40, 5):
        assert progress.look(second, status(A, clean), {A: second, clean: 3}, {A: 99, clean: 9}) == []
    (told,) = progress.look(40, status(A, clean), {A: 40, clean: 3}, {A: 99, clean: 9})
    assert told.what == f"{CLEAN}:0 is committed to 3 of 9"


def test_a_recovery_that_moves_may_take_as_long_as_it_likes(progress: Progress) -> None:
    for second in range(0, 1000, 30):
        assert progress.look(second, recovering(100_000 - second), {}, {}) == []


def test_a_recovery_or_a_join_that_does_not_move_is_told(progress: Progress) -> None:
    assert progress.look(0, recovering(70), {A: 0}, {A: 100}) == []
    assert progress.look(89, recovering(70), {A: 0}, {A: 100}) == []
    (told,) = progress.look(95, recovering(70), {A: 0}, {A: 100})
    assert told == Standstill("it joins and recovers, 70 entries are left", 95)


def test_a_process_that_never_says_anything_is_told(progress: Progress) -> None:
    assert progress.look(0, None, {}, {}) == []
    assert progress.look(89, None, {}, {}) == []
    assert progress.look(90, None, {}, {}) == [Standstill("it says nothing", 90)]


def test_a_rebalance_begins_the_time_of_every_partition_anew(progress: Progress) -> None:
    for second in range(0, 200, 10):
        now = recovering(0) if second % 30 == 0 else status(A)
        assert progress.look(second, now, {A: 5}, {A: 100}) == []


def test_what_stood_still_and_moves_again_is_well(progress: Progress) -> None:
    assert progress.look(0, status(A), {A: 5}, {A: 100}) == []
    assert progress.look(50, status(A), {A: 6}, {A: 100}) == []
    assert progress.look(85, status(A), {A: 6}, {A: 100}) == []
    assert progress.look(90, status(A), {A: 6}, {A: 100}) != []
