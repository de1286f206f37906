"""What every sink is: something that is handed letters, and returns when it has them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.letter import Letter

Tell = Callable[[str], None]
Position = dict[tuple[str, int], int]  # by topic and partition, the offset that is read next


@dataclass(frozen=True, slots=True)
class Received:
    """A letter with its place on its topic, and the time when it was sent."""

    letter: Letter
    partition: int
    offset: int
    at: datetime

    def __str__(self) -> str:
        """Return the place as Kafka's own tools write it."""
        return f"{self.letter.topic}-{self.partition}@{self.offset}"


class Sink(Protocol):
    """Takes the letters of `topics`, those of one partition in their order.

    The same letter may come again: writing it twice changes nothing.
    """

    topics: tuple[str, ...]

    def write(self, batch: Sequence[Received]) -> None:
        """Come back once the store has the whole batch, whatever happens next."""
        ...
