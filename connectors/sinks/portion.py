"""How many letters a store gets at once: what it takes in about a second, so that it soon can stop."""

import time
from collections.abc import Callable
from typing import TypeVar

Done = TypeVar("Done")

_FIRST, _MOST = 100, 1000
_SECONDS = 1.0


class Portion:
    """A number of letters that follows the pace of the store."""

    def __init__(self) -> None:
        self.size = _FIRST

    def measure(self, count: int, write: Callable[[], Done]) -> Done:
        """Return what `write` returns, which writes so many letters, and learn from how long that takes.

        From one that raises nothing is learned: who ends unfinished has kept to its time by itself.
        """
        begun = time.monotonic()
        done = write()
        took = time.monotonic() - begun
        if took > _SECONDS:
            self.size = max(1, int(min(count, self.size) * _SECONDS / took))
        elif took < _SECONDS / 2 and count >= self.size:
            self.size = min(2 * self.size, _MOST)
        return done
