"""Turns: spaced out for each host, one at a time, in order, and nobody held up by another's queue."""

import asyncio
import time
from itertools import pairwise

import pytest

from connectors.fetching.pace import Pace
from connectors.fetching.page import FetchError


def test_turns_of_one_host_are_spaced_out_and_come_in_their_order() -> None:
    async def run() -> list[tuple[int, float]]:
        pace, came = Pace(0.03, 10, time.monotonic), list[tuple[int, float]]()

        async def take(number: int) -> None:
            async with pace.turn("harbour.example:80") as turn:
                came.append((number, time.monotonic()))
                await asyncio.sleep(0.005)
                turn.note_answer()

        await asyncio.gather(*map(take, range(6)))
        return came

    came = asyncio.run(run())
    assert [number for number, _ in came] == list(range(6))
    # From answer to start, so never less between two starts.
    assert all(later - earlier >= 0.035 for (_, earlier), (_, later) in pairwise(came))


def test_a_host_that_wants_longer_pauses_gets_them() -> None:
    async def run() -> float:
        pace = Pace(0.01, 10, time.monotonic)
        async with pace.turn("harbour.example:80", pause=0.1):
            pass
        start = time.monotonic()
        async with pace.turn("harbour.example:80"):
            return time.monotonic() - start

    assert asyncio.run(run()) >= 0.09


def test_a_host_with_thousands_waiting_holds_up_no_other() -> None:
    async def run() -> float:
        pace = Pace(0.01, 2, time.monotonic)

        async def take(authority: str) -> None:
            async with pace.turn(authority):
                await asyncio.sleep(0.001)

        crowd = [asyncio.create_task(take("harbour.example:80")) for _ in range(3000)]
        await asyncio.sleep(0.02)
        start = time.monotonic()
        await asyncio.gather(*(take(f"ferry{number}.example:80") for number in range(20)))
        taken = time.monotonic() - start
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return taken

    assert asyncio.run(run()) < 0.5


def test_no_more_are_under_way_than_allowed() -> None:
    async def run() -> int:
        pace, now, most = Pace(0, 3, time.monotonic), 0, 0

        async def take(number: int) -> None:
            nonlocal now, most
            async with pace.turn(f"harbour{number}.example:80"):
                now += 1
                most = max(most, now)
                await asyncio.sleep(0.002)
                now -= 1

        await asyncio.gather(*map(take, range(30)))
        return most

    assert asyncio.run(run()) == 3


def test_whoever_is_cancelled_leaves_the_turn_free() -> None:
    async def run() -> float:
        pace = Pace(0.01, 1, time.monotonic)

        async def hold() -> None:
            async with pace.turn("harbour.example:80"):
                await asyncio.sleep(60)

        tasks = [asyncio.create_task(hold()) for _ in range(5)]
        await asyncio.sleep(0.01)
        for task in reversed(tasks):  # those that wait first, then the one that has it
            task.cancel()
        start = time.monotonic()
        async with pace.turn("harbour.example:80"):
            return time.monotonic() - start

    assert asyncio.run(run()) < 0.2


def test_a_closed_host_is_closed_to_all_who_wait_and_not_to_others() -> None:
    async def run() -> list[float]:
        pace, said = Pace(0, 10, time.monotonic), list[float]()

        async def knock() -> None:
            with pytest.raises(FetchError) as raised:
                async with pace.turn("harbour.example:80"):
                    pass
            assert raised.value.cause == "busy"
            said.append(raised.value.retry_after or 0)

        async with pace.turn("harbour.example:80"):
            waiting = [asyncio.create_task(knock()) for _ in range(50)]
            await asyncio.sleep(0.01)
            pace.close("harbour.example:80", 3600)
        await asyncio.wait_for(asyncio.gather(*waiting, knock()), 1)
        async with pace.turn("ferry.example:80"):
            return said

    said = asyncio.run(run())
    assert len(said) == 51
    assert all(3590 < seconds <= 3600 for seconds in said)


def test_a_host_that_is_closed_for_a_moment_is_waited_for() -> None:
    async def run() -> float:
        pace = Pace(0, 10, time.monotonic)
        pace.close("harbour.example:80", 0.1)
        start = time.monotonic()
        async with pace.turn("harbour.example:80"):
            return time.monotonic() - start

    assert asyncio.run(run()) >= 0.1


def test_idle_hosts_are_forgotten_and_those_that_must_be_left_alone_are_not() -> None:
    async def run() -> int:
        now = 0.0
        pace = Pace(1.0, 10, lambda: now)
        pace.close("harbour.example:80", 86_400)
        for number in range(12_000):
            now += 1.0
            async with pace.turn(f"ferry{number}.example:80"):
                pass
        with pytest.raises(FetchError):
            pace.check("harbour.example:80")
        return len(pace._hosts)

    assert asyncio.run(run()) < 10


def test_what_is_remembered_of_hosts_is_bounded() -> None:
    pace = Pace(1.0, 10, lambda: 0.0)
    for number in range(12_000):
        pace.close(f"ferry{number}.example:80", 86_400)
    assert len(pace._hosts) <= 10_000
