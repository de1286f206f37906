"""How a verb that runs for ever is ended."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Ends the program on SIGTERM or Ctrl-C: at once while it waits, between two batches while it fills."""

    def __init__(self) -> None:
        self._asked = self._filling = False
        self._patience: float | None = None

    def __call__(self) -> bool:
        """Return whether to stop; from now on nothing is broken off."""
        self._filling = True
        return self._asked

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Break the block off where it goes on for so many seconds behind the signal."""
        self._patience = seconds
        if self._asked:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            self._patience = None
            signal.setitimer(signal.ITIMER_REAL, 0)

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take the signal; a second one is not waited for."""
        if self._asked or not self._filling:
            raise SystemExit(128 + number if self._asked else 0)
        self._asked = True
        if self._patience is not None:
            signal.setitimer(signal.ITIMER_REAL, self._patience)

    def give_up(self, _number: int, _frame: FrameType | None) -> None:
        """Take the clock's signal: nothing of the block needs to be finished."""
        raise SystemExit(0)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Yield what tells a loop to end; within, signals end it with exit code 0."""
    stop = Stop()
    handlers = {signal.SIGTERM: stop.note, signal.SIGINT: stop.note, signal.SIGALRM: stop.give_up}
    before = [(number, signal.signal(number, handler)) for number, handler in handlers.items()]
    try:
        yield stop
    finally:
        for number, handler in before:
            signal.signal(number, handler)
