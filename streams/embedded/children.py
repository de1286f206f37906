"""Child processes that work on pages: each with a limit of time and memory, and without state.

lxml cannot be interrupted from inside a process, and one page of 400 KB can hold it for a
minute; so a page that takes too long dies with its process, and nobody else's page does.
"""

import ctypes
import gc
import multiprocessing
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from schemas.letter import Letter
from streams.steps.ending import NO_MEMORY, describe_crash, end_early

_PR_SET_PDEATHSIG = 1
_BROKEN_IN_A_ROW = 5
_SLACK_SECONDS = 30.0  # for a child to start in, on a machine that has much else to do
_BEHIND = 40  # letters that may stand before one that is submitted again, at most


Step = Callable[[Letter], tuple[Letter, ...]]

_step: Step
Promise = Future[tuple[Letter, ...]]


class ChildrenError(OSError):
    """Children that cannot be kept alive: the machine is at its end, or naba is badly installed."""


class _Forgotten(Exception):
    """The pool has lost a letter: nobody works on it, and nobody will."""


class Children:
    """Runs a step on letters in `workers` processes; a context manager."""

    def __init__(
        self,
        make_step: Callable[[], Step],
        *,
        workers: int,
        seconds: float,
        memory_mb: int,
        pages_per_child: int,
    ) -> None:
        # A server process that has loaded the models once forks children in milliseconds, with
        # the models shared; forking this process would copy its threads' locks.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["streams.embedded.preload"])
        self._seconds = seconds
        self._open = partial(
            ProcessPool,
            max_workers=workers,
            max_tasks=pages_per_child,
            initializer=_start,
            initargs=(make_step, memory_mb),
            context=self._context,
        )
        _start_server()
        self._pool = self._open()
        self._broken = 0

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._close()

    def submit(self, letter: Letter) -> Promise:
        """Return the future of the letters that follow from `letter`."""
        if not self._pool.active:
            self._renew()
        return self._pool.schedule(_run, args=(letter,), timeout=self._seconds)

    def collect(self, letter: Letter, promise: Promise) -> tuple[Letter, ...]:
        """Return what `submit` promised, waiting for it; a dead letter where the child did not live.

        A letter whose child was lost gets a second one: the machine may have ended the process for
        another's memory. Raises ChildrenError where no child can be kept alive, whatever it works on.
        """
        patience, lost = self._seconds, 0
        while True:
            try:
                letters = self._wait(promise, patience + _SLACK_SECONDS)
            except FutureTimeout:
                return end_early(letter, "clean", "too_slow", f"not done in {self._seconds:g} s; stopped")
            except ProcessExpired as expired:
                lost += 1
                if lost > 1:
                    detail = f"its process ended twice, with code {expired.exitcode}"
                    return end_early(letter, "clean", "killed", detail)
            except _Forgotten:
                lost += 1
                if lost > 1:
                    return end_early(letter, "clean", "killed", "lost twice with the process that had it")
            except (BrokenProcessPool, CancelledError):
                pass  # a child died that had no page, and its pool gave up everyone else's
            except MemoryError:
                return end_early(letter, "clean", "out_of_memory", NO_MEMORY)
            except Exception as error:
                return end_early(letter, "clean", "crashed", describe_crash(error))
            else:
                self._broken = 0
                return letters
            # It stands behind all that were submitted since.
            promise, patience = self.submit(letter), self._seconds * _BEHIND

    def _wait(self, promise: Promise, patience: float) -> tuple[Letter, ...]:
        # The pool forgets a letter that it takes while it breaks, or whose child dies before it has
        # said that it began: its future would be waited for without end.
        pool, until = self._pool, time.monotonic() + patience
        while not promise.done() and not wait([promise], timeout=1.0).done:
            if not pool.active:
                raise CancelledError
            if time.monotonic() > until:
                pool.stop()  # type: ignore[no-untyped-call]
                raise _Forgotten
        return promise.result()

    def _renew(self) -> None:
        self._broken += 1
        if self._broken > _BROKEN_IN_A_ROW:
            raise ChildrenError("the child processes end as soon as they are started")
        self._close()
        self._pool = self._open()

    def _close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _start_server() -> None:
    # Ctrl-C reaches the whole group: this process decides. The server inherits what is blocked here,
    # and so says nothing while it still loads.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start(make_step: Callable[[], Step], memory_mb: int) -> None:
    global _step
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _step = make_step()
    _limit_memory(memory_mb)
    # What was loaded so far stays: the collector need not walk it again and again.
    gc.freeze()


def _run(letter: Letter) -> tuple[Letter, ...]:
    return _step(letter)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(memory_mb: int) -> None:
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = in_use + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
