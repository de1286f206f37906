"""Events in any order of their work and of the broker's answers: done in their own, and never too early."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.cluster.message import Headers
from schemas.letter import CLEAN, INPUT, RAW, RAW_ID, Letter
from streams.app import lanes as module
from streams.app.effects import Effects
from streams.app.lane import Promise
from streams.app.lanes import Lanes
from streams.app.work import Room
from tests.streams.app.table import CHANGELOG, Table, acknowledge, open_kept

A, B = TP(RAW, 0), TP(RAW, 1)
SIZE = len(b"0")


class Desk:
    """The work: an event is what its value says; its promise is kept by the test."""

    def __init__(self) -> None:
        self.kept = open_kept(Table())
        self.promises: dict[str, Promise] = {}
        self.finished: list[str] = []
        self.fails_at = ""
        self.forgotten, self.to_prepare = 0, 0

    async def prepare(self) -> None:
        pass

    def begin(self, letter: Letter) -> Promise:
        promise: Promise = Future()
        self.promises[letter.headers[INPUT]] = promise
        return promise

    def finish(self, partition: int, offset: int, letter: Letter, begun: tuple[Letter, ...]) -> Effects:
        name = f"{partition}:{offset}"
        if name == self.fails_at:
            raise ValueError(f"no effects of {name}")
        assert letter.headers[INPUT] == begun[0].headers[INPUT] == name
        self.finished.append(name)
        return Effects((Letter(CLEAN, letter.key, name.encode()),), ((name.encode(), b"row"),))

    def forget(self) -> None:
        self.forgotten += 1

    def work(self, name: str) -> None:
        """Do as a child does that has taken the event and is done with it."""
        promise = self.promises[name]
        if promise.set_running_or_notify_cancel():
            promise.set_result((Letter(CLEAN, "", b"", {INPUT: name}),))


@dataclass
class Broker:
    """The cluster: what was sent waits for its acknowledgement."""

    committed: dict[TP, int] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)  # from an offset on to where the next event stands
    ends: dict[TP, int] = field(default_factory=dict)
    generation: int = 1
    sent: list[tuple[str, bytes, "asyncio.Future[Any]"]] = field(default_factory=list)
    sought: list[tuple[TP, int]] = field(default_factory=list)
    held: set[TP] = field(default_factory=set)
    asked: int = 0
    before_committed: Callable[[], None] = lambda: None

    def topic(self, name: str) -> str:
        return "t." + name

    async def send(
        self, topic: str, key: bytes, value: bytes | None, _partition: int | None, _headers: Headers, /
    ) -> Any:
        await asyncio.sleep(0)
        waiting = asyncio.get_running_loop().create_future()
        self.sent.append((topic, key if topic == CHANGELOG else value or b"", waiting))
        return waiting

    def is_current(self, event: Any) -> bool:
        return bool(event.message.generation_id == self.generation)

    async def find_start(self, tp: TP) -> int:
        await asyncio.sleep(0)
        self.before_committed()
        return self.committed.get(tp, 0)

    async def find_next(self, _tp: TP, offset: int) -> int:
        self.asked += 1
        return self.gaps.get(offset, offset)

    async def find_ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        return {tp: self.ends[tp] for tp in tps}

    async def seek(self, tp: TP, offset: int) -> None:
        self.sought.append((tp, offset))

    def hold(self, tp: TP) -> None:
        self.held.add(tp)

    def release(self, tp: TP) -> None:
        self.held.discard(tp)

    def forget_holds(self) -> None:
        self.held.clear()

    def acknowledge(self, number: int) -> None:
        if not self.sent[number][2].done():
            self.sent[number][2].set_result(acknowledge(number))

    def acknowledge_all(self) -> None:
        for number in range(len(self.sent)):
            self.acknowledge(number)

    def letters(self) -> list[str]:
        return [value.decode() for topic, value, _ in self.sent if topic != CHANGELOG]


class Place:
    """Lanes between a desk and a broker."""

    def __init__(self, room: Room | None = None) -> None:
        self.desk, self.broker = Desk(), Broker()
        self.failed: list[BaseException] = []
        self.lanes = Lanes(RAW, self.desk, self.broker, room or Room(1000, 1 << 20), self.failed.append)

    async def take(self, tp: TP, offset: int, generation: int = 1, value: bytes = b"0") -> None:
        name = f"{tp.partition}:{offset}"
        headers = [(INPUT, name.encode()), (RAW_ID, b"0" * 32)]
        message = SimpleNamespace(
            tp=tp, offset=offset, key=b"k", value=value, headers=headers, generation_id=generation
        )
        event: Any = SimpleNamespace(message=message)
        await self.lanes.take(event)

    async def settle(self) -> None:
        """Let everything happen that can."""
        for _ in range(30):
            await asyncio.sleep(0)

    async def work(self, *names: str) -> None:
        for name in names:
            self.desk.work(name)
            await self.settle()
            self.broker.acknowledge_all()
            await self.settle()


def run(story: Callable[[Place], Coroutine[Any, Any, None]], room: Room | None = None) -> None:
    async def tell() -> None:
        place = Place(room)
        try:
            await story(place)
        finally:
            place.lanes.reset()
            await place.settle()

    asyncio.run(tell())


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=12),
    st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=60),
)
def test_whatever_is_done_first_all_is_finished_and_acknowledged_in_order(
    partitions: list[int], turns: list[tuple[bool, int]]
) -> None:
    async def story(place: Place) -> None:
        desk, broker, ends = place.desk, place.broker, defaultdict[int, int](int)
        for partition in partitions:
            await place.take(TP(RAW, partition), ends[partition])
            ends[partition] += 1
        begun, waiting = list(desk.promises), list(desk.promises)
        assert len(begun) == len(partitions)  # nobody waits for anybody to begin
        for works, number in [*turns, *[(True, 0)] * 12]:
            if works and waiting:
                desk.work(waiting.pop(number % len(waiting)))
            elif broker.sent:
                broker.acknowledge(number % len(broker.sent))
            await place.settle()
            safe = {value for _, value, future in broker.sent if future.done()}
            for tp, at in place.lanes.positions().items():
                # Everything below a position has its letter and its entry at the broker.
                assert {f"{tp.partition}:{offset}".encode() for offset in range(at)} <= safe
                assert (
                    sum(v == f"{tp.partition}:{at - 1}".encode() for _, v, f in broker.sent if f.done()) == 2
                )
        broker.acknowledge_all()
        await place.settle()
        for partition, end in ends.items():
            mine = [name for name in desk.finished if name.startswith(f"{partition}:")]
            assert mine == [f"{partition}:{offset}" for offset in range(end)]
            assert [name for name in broker.letters() if name in mine] == mine
        assert place.lanes.positions() == {TP(RAW, number): end for number, end in ends.items()}
        assert place.lanes.ages() == {}
        assert place.failed == []

    run(story)


def test_an_event_that_was_passed_over_is_read_again() -> None:
    async def story(place: Place) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_STALE_SECONDS", 0.05)
            for offset in (0, 1, 4, 5):  # 2 and 3 are on the topic, and were not handed over
                await place.take(A, offset)
            assert place.broker.sought == [(A, 2)]
            assert list(place.desk.promises) == ["0:0", "0:1"]
            assert place.broker.asked == 1  # not once more for each that was read before the seek
            for offset in (2, 3, 4):
                await place.take(A, offset)
            await place.work("0:4", "0:1", "0:0", "0:3", "0:2")
            assert place.lanes.positions() == {A: 5}

    run(story)


def test_where_nothing_comes_any_more_and_should_the_partition_is_read_again() -> None:
    async def story(place: Place) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_IDLE_SECONDS", 0.05)
            place.broker.ends = {A: 2, B: 5}
            await place.take(A, 0)
            await asyncio.sleep(0.06)
            await place.lanes.look_after([A])
            assert place.broker.sought == []  # it works on an event
            await place.work("0:0")
            await place.lanes.look_after([A])
            assert place.broker.sought == [(A, 1)]
            await place.take(A, 1)
            await place.work("0:1")
            await asyncio.sleep(0.06)
            await place.lanes.look_after([A])
            assert place.broker.sought == [(A, 1)]
            # Of B nothing has ever come.
            place.broker.committed[B] = 4
            await place.lanes.look_after([A, B])
            await asyncio.sleep(0.06)
            await place.lanes.look_after([A, B])
            assert place.broker.sought == [(A, 1), (B, 4)]

    run(story)


def test_an_end_without_an_event_is_reached_and_what_comes_behind_it_too() -> None:
    async def story(place: Place) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_IDLE_SECONDS", 0.05)
            place.broker.ends, place.broker.gaps[1] = {A: 2}, 2  # the mark of a transaction
            await place.take(A, 0)
            await place.work("0:0")
            await place.lanes.look_after([A])
            assert place.lanes.positions() == {A: 1}  # an event may just be on its way
            await asyncio.sleep(0.06)
            await place.lanes.look_after([A])
            assert place.lanes.positions() == {A: 2}
            await place.take(A, 2)
            await place.work("0:2")
            assert place.lanes.positions() == {A: 3}
            assert place.broker.sought == []

    run(story)


def test_where_nothing_stands_between_two_events_the_later_is_the_next() -> None:
    async def story(place: Place) -> None:
        place.broker.committed[A] = 10  # up to 40 all has aged away
        place.broker.gaps[10] = 40
        await place.take(A, 40)
        place.broker.gaps[41] = 43  # the marks of a transaction
        await place.take(A, 43)
        assert place.broker.sought == []
        await place.work("0:40")
        assert place.lanes.positions() == {A: 41}
        await place.work("0:43")
        assert place.lanes.positions() == {A: 44}

    run(story)


def test_what_comes_again_and_what_is_of_an_older_assignment_is_not_begun() -> None:
    async def story(place: Place) -> None:
        place.broker.committed[A] = 3
        for offset in (2, 3, 3, 4, 3):
            await place.take(A, offset)
        await place.take(A, 5, generation=0)
        await place.take(B, 0, generation=2)
        assert list(place.desk.promises) == ["0:3", "0:4"]

    run(story)


def test_a_partition_that_goes_while_the_broker_is_asked_for_it_is_not_begun() -> None:
    async def story(place: Place) -> None:
        place.broker.before_committed = place.lanes.reset
        await place.take(A, 0)
        assert place.desk.promises == {}
        assert place.lanes.ages() == {}

    run(story)


def test_leaving_gives_back_what_nobody_works_on_and_finishes_the_rest() -> None:
    async def story(place: Place) -> None:
        for offset in range(6):
            await place.take(A, offset)
        await place.take(B, 0)
        promises = place.desk.promises
        for name in ("0:0", "0:1", "0:3"):
            promises[name].set_running_or_notify_cancel()
        await place.settle()
        left = asyncio.ensure_future(place.lanes.leave(30))
        await place.settle()
        # 4 and 5 as well: they come again in any case, behind 2.
        assert [name for name in promises if promises[name].cancelled()] == ["0:2", "0:4", "0:5"]
        await place.take(A, 6)
        assert "0:6" not in promises
        for name in ("0:1", "0:3", "0:0"):
            promises[name].set_result((Letter(CLEAN, "", b"", {INPUT: name}),))
        await place.settle()
        assert not left.done()  # the broker has not acknowledged
        place.broker.acknowledge_all()
        await place.work("1:0")
        await asyncio.wait_for(left, 5)
        assert place.lanes.positions() == {A: 2, B: 1}
        assert place.broker.letters() == ["0:0", "0:1", "1:0"]

    run(story)


def test_what_was_given_back_is_not_passed_over_where_a_mark_stands_behind_it() -> None:
    async def story(place: Place) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_IDLE_SECONDS", 0.0)
            place.broker.ends = {A: 4}
            place.broker.gaps = {3: 4}  # the mark of a transaction
            for offset in range(3):
                await place.take(A, offset)
            await place.settle()
            looking = asyncio.ensure_future(place.lanes.look_after([A]))
            left = asyncio.ensure_future(place.lanes.leave(5))
            await place.settle()
            await place.work("0:0")
            await asyncio.wait_for(left, 5)
            await looking
            await place.lanes.look_after([A])
            # 1 and 2 were given back, and are read by the next owner.
            assert [name for name in place.desk.promises if place.desk.promises[name].cancelled()]
            assert place.lanes.positions() == {A: 1}

    run(story)


def test_leaving_does_not_wait_for_ever() -> None:
    async def story(place: Place) -> None:
        await place.take(A, 0)
        await place.take(A, 1)
        place.desk.promises["0:0"].set_running_or_notify_cancel()
        await asyncio.wait_for(place.lanes.leave(0.05), 5)
        assert place.lanes.positions() == {}

    run(story)


def test_after_partitions_changed_hands_nothing_of_before_is_sent() -> None:
    async def story(place: Place) -> None:
        for offset in range(4):
            await place.take(A, offset)
        await place.work("0:0")
        place.desk.work("0:1")
        await place.settle()  # its letters are sent, and not acknowledged
        place.desk.promises["0:2"].set_running_or_notify_cancel()
        letters = place.broker.letters()
        assert place.desk.kept.get(0, b"0:1") == b"row"
        place.lanes.reset()
        assert place.desk.forgotten == 1
        assert place.desk.kept.get(0, b"0:1") is None
        assert place.desk.promises["0:3"].cancelled()
        place.desk.promises["0:2"].set_result((Letter(CLEAN, "", b"", {INPUT: "0:2"}),))
        place.broker.acknowledge_all()
        await place.settle()
        assert place.broker.letters() == letters
        assert place.lanes.positions() == {}
        assert place.failed == []
        # And what is ours again begins where it is committed.
        place.broker.generation, place.broker.committed[A] = 2, 1
        for offset in (1, 2):
            await place.take(A, offset, generation=2)
        await place.work("0:1", "0:2")
        assert place.lanes.positions() == {A: 3}

    run(story)


def test_what_no_dead_letter_can_hold_is_told_and_moves_no_position() -> None:
    async def story(place: Place) -> None:
        place.desk.fails_at = "0:1"
        for offset in range(4):
            await place.take(A, offset)
        await place.work("0:3", "0:2", "0:1", "0:0")
        assert [str(error) for error in place.failed] == ["no effects of 0:1"]
        assert place.broker.letters() == ["0:0"]
        assert place.lanes.positions() == {A: 1}

    run(story)


@pytest.mark.parametrize("what", [0, 1], ids=["entry", "letter"])
def test_what_the_broker_refuses_is_told_and_moves_no_position(what: int) -> None:
    async def story(place: Place) -> None:
        await place.take(A, 0)
        await place.take(A, 1)
        place.desk.work("0:0")
        place.desk.work("0:1")
        await place.settle()
        place.broker.sent[what][2].set_exception(OSError("too large"))
        await place.settle()
        place.broker.acknowledge_all()
        await place.settle()
        assert [str(error) for error in place.failed] == ["too large"]
        assert place.lanes.positions() == {}

    run(story)


def test_children_that_are_gone_are_told_and_move_no_position() -> None:
    async def story(place: Place) -> None:
        await place.take(A, 0)
        place.desk.promises["0:0"].set_exception(OSError("no child can be kept alive"))
        await place.settle()
        assert [str(error) for error in place.failed] == ["no child can be kept alive"]
        assert place.lanes.positions() == {}

    run(story)


@pytest.mark.parametrize("room", [Room(4, 1 << 20), Room(1000, 4 * SIZE)], ids=["events", "bytes"])
def test_where_too_much_is_under_way_no_more_is_read_until_half_is_done(room: Room) -> None:
    async def story(place: Place) -> None:
        for offset in range(3):
            await place.take(A, offset)
        assert place.broker.held == set()
        await place.take(B, 0)
        assert place.broker.held == {B}
        await place.take(A, 3)  # of a batch that was read before
        assert place.broker.held == {A, B}
        await place.work("0:0", "1:0")
        assert place.broker.held == {A, B}
        await place.work("0:1")
        assert place.broker.held == set()
        await place.work("0:2", "0:3")
        assert place.lanes.positions() == {A: 4, B: 1}

    run(story, room)


def test_holds_end_with_the_assignment() -> None:
    async def story(place: Place) -> None:
        for offset in range(4):
            await place.take(A, offset)
        assert place.broker.held == {A}
        place.lanes.reset()
        assert place.broker.held == set()
        place.broker.generation = 2
        for offset in range(3):
            await place.take(A, offset, generation=2)
        assert place.broker.held == set()  # the room was given back too

    run(story, Room(4, 1 << 20))


def test_the_oldest_event_of_a_partition_has_its_age_from_when_it_had_its_turn() -> None:
    async def story(place: Place) -> None:
        await place.take(A, 0)
        await place.take(B, 0)
        place.desk.promises["0:0"].set_running_or_notify_cancel()
        await asyncio.sleep(0.2)
        ages = place.lanes.ages()
        assert ages[A][0] == ages[B][0] == 0
        assert 0.2 <= ages[A][1] < 5
        assert ages[B][1] >= 0.2  # nobody works at all: that is no waiting for a turn
        place.desk.promises["0:0"].set_result((Letter(CLEAN, "", b"", {INPUT: "0:0"}),))
        await place.settle()
        assert place.lanes.ages()[B][1] < 0.2

    run(story)
