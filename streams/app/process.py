"""The Faust process: runs the agents until it is stopped, and tells its supervisor how it goes."""

import asyncio
import signal
from pathlib import Path
from typing import Any, cast

import click
from aiokafka.errors import KafkaError as AioKafkaError
from faust.types import TP
from kafka.errors import KafkaError

from schemas.letter import CLEAN, RAW
from streams.app.build import add_table, add_topic, build_app
from streams.app.clean import CleanWork
from streams.app.compare import CompareWork
from streams.app.kept import Kept
from streams.app.lanes import Lanes
from streams.app.membership import Membership
from streams.app.status import Lead, Place, Status, write_status
from streams.app.work import Room
from streams.children.pool import Children
from streams.settings import Settings
from streams.steps.ending import describe_crash

# Under way in all partitions: enough work for the second that it may take until more is read.
_EVENTS_A_CHILD, _BYTES = 512, 64 * 1024 * 1024
_EVENTS_COMPARED, _BYTES_COMPARED = 2048, 32 * 1024 * 1024
_QUEUE = 256  # events that Faust holds in front of an agent, which takes each at once
_COMMIT_SECONDS = 1.0
_COMMIT_WITHIN = 5.0  # seconds at the end
_LOOK_SECONDS = 5.0
_LEAVE_SECONDS = 3.0  # that a rebalance waits for events under way; the others wait for us meanwhile
_STOP_SECONDS = 15.0


class WorkerProcess:
    """One member of the group: the app, its lanes, and the way to its end."""

    def __init__(self, settings: Settings, folder: Path, children: Children, workers: int) -> None:
        """Raise WrongUse for settings that do not fit."""
        kafka = settings.kafka
        self._app = app = build_app(kafka, folder, _QUEUE)
        self._membership = membership = Membership(app, kafka, _say)
        hosts = Kept(add_table(app, "hosts", kafka.partitions), kafka.changelog("hosts"))
        rows = Kept(add_table(app, "rows", 1), kafka.changelog("rows"))
        room = Room(_EVENTS_A_CHILD * workers, _BYTES)
        self._clean = Lanes(RAW, CleanWork(children, hosts), membership, room, self._fail)
        room = Room(_EVENTS_COMPARED, _BYTES_COMPARED)
        self._comparing = CompareWork(rows, settings)
        self._compare = Lanes(CLEAN, self._comparing, membership, room, self._fail)
        self._add_agent("clean", add_topic(app, kafka.topic(RAW), kafka.partitions), self._clean)
        self._add_agent("compare", add_topic(app, kafka.topic(CLEAN), 1), self._compare)
        app.on_partitions_revoked.connect(cast(Any, self._leave))
        self._names = {kafka.topic(name): name for name in (RAW, CLEAN)}
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._committed: dict[TP, int] = {}
        self._drain_seconds = settings.clean.seconds + _STOP_SECONDS

    def _add_agent(self, name: str, topic: Any, lanes: Lanes) -> None:
        async def work(stream: Any) -> None:
            stream.enable_acks = False
            async for event in stream.events():
                try:
                    await lanes.take(event)
                except Exception as error:  # Faust would acknowledge the event and go on
                    self._fail(error)

        self._app.agent(topic, name=f"naba.{name}")(work)

    async def run(self, status: int) -> int:
        """Return 0 once it was stopped and has committed what it did, 1 where it failed.

        `status` is the descriptor that its status is written to.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        work = (self._commit_on(), self._look_on(), self._tell_on(status))
        tasks = [loop.create_task(one) for one in work]
        for task in tasks:
            task.add_done_callback(self._note_end)
        stopped = loop.create_task(self._stop.wait())
        started = loop.create_task(self._start())
        await asyncio.wait([started, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            crashed = loop.create_task(self._app._crashed.wait())
            await asyncio.wait([crashed, stopped], return_when=asyncio.FIRST_COMPLETED)
            if crashed.done():
                self._fail(self._app.crash_reason or RuntimeError("the app has stopped"))
        await self._end()
        for task in tasks:
            task.cancel()
        if self._failure is not None:
            _say(f"failed: {describe_crash(self._failure)}")
        return 0 if self._failure is None else 1

    def _note_end(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)

    async def _start(self) -> None:
        try:
            await self._app.start()
        except Exception as error:
            self._fail(error)

    async def _end(self) -> None:
        if self._failure is None:
            await self._leave_lanes(self._drain_seconds)
            try:
                await asyncio.wait_for(self._commit(), _COMMIT_WITHIN)
            except TimeoutError:  # the app would wait for the broker without end, too
                _say("stopped while the broker is away; what is not committed will come again")
                return
        try:
            await asyncio.wait_for(self._app.stop(), _STOP_SECONDS)
        except Exception as error:
            _say(f"the app does not stop as it should ({type(error).__name__}: {error})")

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._stop.set()

    async def _leave(self, _app: Any, _revoked: Any, **_given: Any) -> None:
        """Finish what can be finished before partitions go to others, and commit it."""
        if self._stop.is_set():  # we are leaving for good, and begin nothing more
            return
        await self._leave_lanes(_LEAVE_SECONDS)
        await self._commit()
        for lanes in (self._clean, self._compare):
            lanes.reset()
        self._committed.clear()

    async def _leave_lanes(self, seconds: float) -> None:
        await asyncio.gather(self._clean.leave(seconds), self._compare.leave(seconds))

    async def _commit_on(self) -> None:
        while True:
            await asyncio.sleep(_COMMIT_SECONDS)
            if self._membership.is_settled():
                await self._commit()

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for lanes, topic in ((self._clean, RAW), (self._compare, CLEAN)):
                if self._membership.is_settled():
                    ours = [tp for tp in self._membership.assigned() if self._names.get(tp.topic) == topic]
                    try:
                        await lanes.look_after(ours)
                    except (KafkaError, AioKafkaError, OSError) as error:
                        _say(f"{topic}: cannot be looked after now ({error})")

    async def _commit(self) -> None:
        positions = {**self._clean.positions(), **self._compare.positions()}
        new = {tp: at for tp, at in positions.items() if self._committed.get(tp) != at}
        if new and await self._membership.commit(new):
            self._committed.update(new)

    async def _tell_on(self, status: int) -> None:
        while True:
            if self._app.started:
                write_status(status, self._read_status())
            await asyncio.sleep(1.0)

    def _read_status(self) -> Status:
        leads = {**self._clean.ages(), **self._compare.ages()}
        return Status(
            settled=self._membership.is_settled() and not self._comparing.to_prepare,
            to_recover=self._membership.to_recover() + self._comparing.to_prepare,
            assigned=tuple(
                Place(self._names[tp.topic], tp.partition)
                for tp in self._membership.assigned()
                if tp.topic in self._names
            ),
            leads=tuple(
                Lead(Place(self._names[tp.topic], tp.partition), offset, seconds)
                for tp, (offset, seconds) in leads.items()
            ),
        )


def _say(line: str) -> None:
    click.echo(f"naba: {line}", err=True)
