"""A source in a thread of its own, so that what it gave is worked on while it waits for more."""

import queue
import threading

from connectors.source import Source
from schemas.letter import Letter

_AHEAD = 16  # letters read before they are asked for


class Feed:
    """The letters of a source in order; what the source raises is raised by `get`."""

    def __init__(self, source: Source) -> None:
        self.ended = False
        self._letters: queue.Queue[Letter | BaseException | None] = queue.Queue(_AHEAD)
        # A daemon: a source that waits on a pipe must not keep the program from its end.
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def get(self, seconds: float) -> Letter | None:
        """Return the next letter; None where none came within `seconds`, or the source has `ended`."""
        try:
            item = self._letters.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(item, BaseException):
            raise item
        self.ended = item is None
        return item

    def _read(self, source: Source) -> None:
        try:
            for letter in source.poll():
                self._letters.put(letter)
        except BaseException as error:
            self._letters.put(error)
        else:
            self._letters.put(None)
