"""Waiting for a store that is away: longer and longer, told once and when it is over."""

import time
from collections.abc import Callable
from typing import TypeVar

from connectors.sink import StoreAway, Tell, Unfinished

Done = TypeVar("Done")

_FIRST, _LONGEST = 1.0, 30.0  # seconds between two attempts; each pause is twice the one before


class Waiting:
    """Tries again until the store is there."""

    def __init__(self, tell: Tell, pause: Callable[[float], bool]) -> None:
        """`pause` waits for so many seconds at most, and returns whether to go on at all."""
        self._tell, self._pause = tell, pause
        self.since: float | None = None  # since when it waits, by the monotonic clock

    def until_there(self, act: Callable[[], Done]) -> Done | None:
        """Return what `act` returns, once it raises no StoreAway; None where `pause` says to stop.

        Raises Unfinished as it does, once there is something to note.
        """
        seconds = _FIRST
        while True:
            try:
                done = act()
            except StoreAway as error:
                if self.since is None:
                    self.since = time.monotonic()
                    self._tell(f"{error}; waiting for it")
                pause, seconds = seconds, min(2 * seconds, _LONGEST)
            except Unfinished as part:
                if part.count or part.taken:
                    self._end()
                    raise
                pause = 0.0  # it is at it, and may still turn out to be away
            else:
                self._end()
                return done
            if not self._pause(pause):
                return None

    def _end(self) -> None:
        if self.since is not None:
            self._tell(f"is there again after {time.monotonic() - self.since:.0f} s")
        self.since = None
