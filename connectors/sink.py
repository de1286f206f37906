"""What every sink is: something that is handed letters, and returns when it has them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.article import Relation
from schemas.letter import Letter

Tell = Callable[[str], None]
Position = dict[tuple[str, int], int]  # by topic and partition, the offset that is read next

# Of a sink that goes on into a store that is new: what it was given before is not there.
ANEW = "its store is new, and gets what comes from now on; a sink of another name would get everything"


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


@dataclass(frozen=True, slots=True)
class Refused:
    """A letter that the store does not take for what is in it, and why, in words."""

    item: Received
    detail: str


class StoreAway(Exception):
    """The store cannot be reached, or takes nothing now; the message says what it looks like.

    Nothing of the batch counts as written, and all of it is written again later.
    """


class Unfinished(Exception):
    """The store has the batch in part, and has not had the time for the rest: write that next.

    The first `count` letters are written, but for those of `refused`. `taken` is how many it has taken
    in this write, in whatever order: none where it was only waited for.
    """

    def __init__(self, count: int, refused: Sequence[Refused], taken: int) -> None:
        super().__init__(f"{count} are written")
        self.count, self.refused, self.taken = count, refused, taken


class Sink(Protocol):
    """Takes the letters of `topics`, those of one partition in their order.

    The same letter may come again: writing it twice changes nothing. A letter of `news.articles.v1`
    without a value is the deletion of the article whose id is its key.
    """

    topics: tuple[str, ...]
    is_new: bool  # its store was made by this opening; false where it keeps its own position, or no store

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Come back once the store has the whole batch but for what it refuses, whatever happens next.

        Raises StoreAway; and Unfinished where letters go one by one, which may take any time: within a
        second, so that its owner can note what is written, and stop.
        """
        ...

    def close(self) -> None:
        """Leave the store to others."""
        ...


class SinkSettings(Protocol):
    """A `[[sink]]` of the settings: one of the kinds in `connectors/sinks/kinds.py`."""

    @property
    def name(self) -> str:
        """Return what it is called, like no other sink."""
        ...

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Return which copies it holds or hands on beside the articles."""
        ...

    def open(self, tell: Tell) -> Sink:
        """Return the sink, used and closed by the thread that opens it.

        Raises WrongUse where the settings cannot be right, StoreAway where its store cannot be reached.
        """
        ...
