"""What is due comes in its order, and only so much of it at once."""

import asyncio

import pytest

from connectors.polling.agenda import Agenda
from connectors.polling.crew import Crew


def test_the_earliest_comes_first_and_each_name_once() -> None:
    agenda = Agenda()
    for name, at in [("b", 5.0), ("a", 3.0), ("b", 2.0), ("a", 9.0), ("c", 4.0)]:
        agenda.add(name, at)
    agenda.remove("c")
    assert agenda.take(1.0) is None
    assert [agenda.take(10.0) for _ in range(3)] == ["b", "a", None]
    assert agenda.next_at() is None


def test_what_was_taken_out_can_be_added_again_later() -> None:
    agenda = Agenda()
    agenda.add("a", 3.0)
    agenda.remove("a")
    agenda.add("a", 7.0)
    assert agenda.next_at() == 7.0
    assert agenda.take(5.0) is None


def test_a_crew_does_so_much_at_once_and_the_first_due_first() -> None:
    async def run() -> tuple[int, list[str]]:
        agenda, order, busy, most = Agenda(), list[str](), 0, 0

        async def work(name: str) -> None:
            nonlocal busy, most
            order.append(name)
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0.01)
            busy -= 1

        clock = asyncio.get_running_loop().time
        for number in range(20):
            agenda.add(f"{number:02}", clock() - 100 + number)
        agenda.add("never", clock() + 1000)
        crew = Crew(agenda, work, 3, clock)
        running = asyncio.ensure_future(crew.run())
        while not crew.is_idle or len(order) < 20:
            await asyncio.sleep(0.01)
        running.cancel()
        return most, order

    most, order = asyncio.run(run())
    assert most == 3
    assert order == [f"{number:02}" for number in range(20)]


def test_what_comes_due_while_it_is_done_is_done_again_afterwards() -> None:
    async def run() -> list[str]:
        agenda, told = Agenda(), list[str]()

        async def work(name: str) -> None:
            told.append(f"begin {name}")
            if len(told) == 1:
                agenda.add(name, 0)
            await asyncio.sleep(0.02)
            told.append(f"end {name}")

        agenda.add("a", 0)
        crew = Crew(agenda, work, 5, lambda: 10.0)
        running = asyncio.ensure_future(crew.run())
        await asyncio.sleep(0.15)
        assert crew.is_idle
        running.cancel()
        return told

    assert asyncio.run(run()) == ["begin a", "end a", "begin a", "end a"]


def test_what_the_work_raises_ends_the_crew_and_stops_the_others() -> None:
    async def run() -> bool:
        agenda, cancelled = Agenda(), False

        async def work(name: str) -> None:
            nonlocal cancelled
            if name == "bad":
                raise RuntimeError(name)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled = True
                raise

        agenda.add("good", 0)
        agenda.add("bad", 1)
        with pytest.raises(RuntimeError, match="bad"):
            await Crew(agenda, work, 5, lambda: 10.0).run()
        return cancelled

    assert asyncio.run(run())
