"""Letters that are on their way, and what is to be noted of each once it is safe downstream."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from schemas.letter import Letter

Note = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is written of a letter that is safe, and what is done once that is written."""

    note: Note
    then: Callable[[], None]


class UnderWay:
    """Added to by the loop that fetches, settled by the thread that works on the letters."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: dict[int, tuple[Letter, Settled | Callable[[], None]]] = {}
        self._settled: list[Settled] = []

    def add(self, letter: Letter, note: Note, then: Callable[[], None]) -> None:
        """Keep in mind what is to be done when `letter` is safe."""
        with self._lock:
            self._letters[id(letter)] = letter, Settled(note, then)

    def add_told(self, letter: Letter, told: Callable[[], None]) -> None:
        """Keep in mind who is told that `letter` is safe, at once and in the thread that settles."""
        with self._lock:
            self._letters[id(letter)] = letter, told

    def forget(self, letter: Letter) -> None:
        """Do nothing for `letter`: it was not handed over after all."""
        with self._lock:
            self._letters.pop(id(letter), None)

    def settle(self, letter: Letter) -> None:
        """Take note that `letter` is safe."""
        with self._lock:
            _, known = self._letters.pop(id(letter), (letter, None))
            if isinstance(known, Settled):
                self._settled.append(known)
        if known is not None and not isinstance(known, Settled):
            known()

    @property
    def has_settled(self) -> bool:
        """Return whether anything was settled since the last call of `take_settled`."""
        return bool(self._settled)

    def take_settled(self) -> list[Settled]:
        """Return what was settled since the last call, in its order."""
        with self._lock:
            settled, self._settled = self._settled, []
            return settled
