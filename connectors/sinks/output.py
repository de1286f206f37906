"""Standard output as a sink: what comes while it runs, a line each, at least once."""

import os
import sys
from collections.abc import Sequence

from connectors.sink import Received, Refused, StoreAway
from connectors.sinks.identity import identify_line
from schemas.codec import DecodeError
from schemas.wrong_use import WrongUse


class StandardOutput:
    """A deletion is passed over: what has gone out cannot be taken back."""

    is_new = False

    def __init__(self, name: str, topics: tuple[str, ...]) -> None:
        """`name` is what the sink is called. Raises WrongUse where the output is closed."""
        if sys.stdout is None:
            raise WrongUse("standard output is closed")
        self.topics = topics
        self._name = name

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Hand the lines on.

        Raises StoreAway where the output takes nothing now, OSError where nobody reads it any more:
        nobody ever will, so that the run ends.
        """
        refused, lines = [], []
        for item in batch:
            if item.letter.value:
                try:
                    identify_line(item.letter)
                except DecodeError as error:
                    refused.append(Refused(item, str(error)))
                else:
                    lines.append(item.letter.value)
        try:
            _write(b"\n".join((*lines, b"")))
        except BrokenPipeError:
            # With its errno the program would end without a word.
            raise OSError(f"sink {self._name}: standard output: nobody reads it any more") from None
        except OSError as error:
            raise StoreAway(f"standard output: {error.strerror or error}") from None
        return refused

    def close(self) -> None:
        """Leave it open: others write there too."""


def _write(data: bytes) -> None:
    # Past the buffer: what it could not hand on it would try again when the program ends.
    sys.stdout.flush()
    left = memoryview(data)
    while left:
        left = left[os.write(sys.stdout.fileno(), left) :]
