"""What every source is: an iterator of letters that is told when they are safe."""

from collections.abc import Iterator
from typing import Protocol

from schemas.letter import Letter


class Source(Protocol):
    """Yields letters to `news.raw.v1`; forgets one only after `commit` was called with it.

    `broken` names the inputs that could not be read to their end: each has also one letter,
    marked unread, for what is missing.
    """

    name: str
    broken: list[str]

    def poll(self) -> Iterator[Letter]:
        """Yield what is new; may be called again after it ended."""
        ...

    def commit(self, letter: Letter) -> None:
        """Take note that everything that follows from `letter` is safe."""
        ...
