"""Standard output as a sink: what comes while it runs, a line each, at least once."""

import sys
from collections.abc import Sequence

from connectors.sink import Received, Refused, StoreAway
from connectors.sinks.identity import identify_line
from schemas.codec import DecodeError


class StandardOutput:
    """A deletion is passed over: what has gone out cannot be taken back."""

    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = topics

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Hand the lines on. Raises StoreAway where nobody reads them any more."""
        refused = []
        try:
            for item in batch:
                if item.letter.value:
                    try:
                        identify_line(item.letter)
                    except DecodeError as error:
                        refused.append(Refused(item, str(error)))
                        continue
                    sys.stdout.buffer.write(item.letter.value + b"\n")
            sys.stdout.buffer.flush()
        except OSError as error:
            raise StoreAway(f"standard output: {error.strerror}") from None
        return refused

    def close(self) -> None:
        """Leave it open: others write there too."""
