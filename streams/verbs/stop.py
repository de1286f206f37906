"""How a verb that runs for ever is ended."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Ends the program on SIGTERM or Ctrl-C: at once while it waits, between two batches while it fills."""

    def __init__(self) -> None:
        self._asked = self._filling = False

    def __call__(self) -> bool:
        """Return whether to stop; from now on nothing is broken off."""
        self._filling = True
        return self._asked

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Take the signal; a second one is not waited for."""
        if self._asked or not self._filling:
            raise SystemExit(128 + number if self._asked else 0)
        self._asked = True


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Yield what tells a loop to end; within, signals end it with exit code 0."""
    stop = Stop()
    before = [(number, signal.signal(number, stop.note)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield stop
    finally:
        for number, handler in before:
            signal.signal(number, handler)
