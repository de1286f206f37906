"""Children: processes that work on letters, each with a limit of time and memory, and without state.

lxml cannot be interrupted from inside a process, and one page of 400 KB can hold it for a
minute; so a page that takes too long dies with its process, and nobody else's page does.
"""

import atexit
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from types import TracebackType

from schemas.letter import Letter
from streams.children.child import Child
from streams.children.work import Failure, Step
from streams.steps.ending import describe_crash, end_early

_FAILED_STARTS = 5  # in a row, after which there is no more trying
_BACKOFF_SECONDS = 0.2  # after the second failed start, and with each so much more
_CLOSE_SECONDS = 1.5

Promise = Future[tuple[Letter, ...]]


class ChildrenError(OSError):
    """Children that cannot be kept alive: the machine is at its end, or naba is badly installed."""


@dataclass(eq=False, slots=True)
class _Task:
    letter: Letter
    promise: Promise = field(default_factory=Future)
    lost: int = 0  # children that ended over it

    def bury(self, reason: str, detail: str) -> None:
        try:
            self.promise.set_result(end_early(self.letter, "clean", reason, detail))
        except Exception as error:  # a letter without the headers that every letter has
            self.promise.set_exception(error)


class Children:
    """Runs a step on letters in `workers` processes; a context manager.

    Each child has a thread of its own, which hands it one letter at a time and waits for the answer.
    (With the next letter already on its way, children had work 97 % of the time and not 95; but it
    would stand behind a slow page while another child is free.)
    """

    def __init__(
        self,
        make_step: Callable[[], Step],
        *,
        workers: int,
        seconds: float,
        memory_mb: int,
        pages_per_child: int,
    ) -> None:
        self._make_step, self._memory_mb = make_step, memory_mb
        self._seconds, self._pages_per_child = seconds, pages_per_child
        self._waiting: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._over: str | None = None  # why nothing is done any more
        self._alive: set[Child] = set()
        # Ended before multiprocessing waits for its children at the end of the program.
        atexit.register(self.close)
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, letter: Letter) -> Promise:
        """Return the future of the letters that follow from `letter`, from any thread.

        It always ends, and with a dead letter where no child lived to answer: after `seconds`, or
        after two children that ended over it. Until a child has it, it can be cancelled. The future
        raises ChildrenError where no child can be kept alive, whatever it works on, or when the
        children are closed first; so does `submit` from then on.
        """
        task = _Task(letter)
        with self._changed:
            if self._over is not None:
                raise ChildrenError(self._over)
            self._waiting.append(task)
            self._changed.notify()
        return task.promise

    def close(self) -> None:
        """End the children, whatever they do, and with ChildrenError the futures that are not done."""
        self._give_up("the child processes were stopped before the page was done")
        until = time.monotonic() + _CLOSE_SECONDS
        for thread in self._threads:
            # It may wait for a server that still loads; it has nothing left to do but to end.
            thread.join(max(0.0, until - time.monotonic()))
        atexit.unregister(self.close)

    def _give_up(self, cause: str) -> None:
        with self._changed:
            self._over = self._over or cause
            left = list(self._waiting)
            self._waiting.clear()
            for child in self._alive:
                child.kill()
            self._changed.notify_all()
        for task in left:
            if task.promise.set_running_or_notify_cancel():
                task.promise.set_exception(ChildrenError(self._over))

    def _serve(self) -> None:
        # Signals to the whole group are this process's to decide upon, in its main thread. The fork
        # server and its children inherit what is blocked in the thread that starts them. (Whoever
        # starts the resource tracker finds the two unblocked afterwards, so it is started first.)
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        task: _Task | None = None
        while (child := self._start()) is not None:
            task = self._feed(child, task)
            self._end(child)
        if task is not None:
            task.promise.set_exception(ChildrenError(self._over))

    def _start(self) -> Child | None:
        """Return a child that is ready; None once all is over."""
        for failed in range(_FAILED_STARTS):
            if self._over is not None:
                return None
            try:
                child = Child(self._make_step, self._memory_mb)
            except Exception as error:
                cause = describe_crash(error)
            else:
                told = self._wait_ready(child)
                if told is None:
                    return child
                cause = f"{told} (exit code {self._end(child, grace=1.0)})"
            with self._changed:
                self._changed.wait_for(lambda: self._over is not None, timeout=failed * _BACKOFF_SECONDS)
        self._give_up(f"the child processes end as soon as they are started: {cause}")
        return None

    def _wait_ready(self, child: Child) -> str | None:
        with self._changed:
            self._alive.add(child)
            if self._over is not None:
                return self._over
        try:
            return child.wait_ready()
        except (EOFError, OSError):
            return "ended before it was ready"

    def _feed(self, child: Child, task: _Task | None) -> _Task | None:
        """Hand letters to `child` until it is to be renewed; return the one to be tried again."""
        for _ in range(self._pages_per_child):
            task = task or self._take()
            if task is None or child.has_ended():
                return task
            try:
                answer = child.ask(task.letter, self._seconds)
            except TimeoutError:
                task.bury("too_slow", f"not done in {self._seconds:g} s; stopped")
                return None
            except (EOFError, OSError):
                code = self._end(child, grace=1.0)
                task.lost += 1
                if task.lost < 2 or self._over is not None:
                    return task
                task.bury("killed", f"its process ended twice, with code {code}")
                return None
            except Exception as error:  # one side cannot read what the other wrote
                task.bury("crashed", describe_crash(error))
                return None
            if isinstance(answer, Failure):
                task.bury(answer.reason, answer.detail)
            else:
                task.promise.set_result(answer)
            task = None
        return None

    def _take(self) -> _Task | None:
        """Return the next letter that nobody has cancelled, waiting for it; None once all is over."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._over is not None)
                if self._over is not None:
                    return None
                task = self._waiting.popleft()
            if task.promise.set_running_or_notify_cancel():
                return task

    def _end(self, child: Child, grace: float = 0.0) -> int | None:
        with self._changed:
            self._alive.discard(child)
        return child.end(grace)
