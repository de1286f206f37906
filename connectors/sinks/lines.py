"""A file of JSON lines whose committed length somebody else keeps."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from schemas.wrong_use import WrongUse

_START = b'{"schema":"'
_BUFFER = 1 << 20  # bytes: what is handed to the system at once


class OutputError(WrongUse):
    """A file that cannot be continued; the message names it and says what to do."""


class LinesFile:
    """Appends lines; what stands behind the committed length at start is cut off.

    The keeper of the length moves it only after `sync` came back: then the bytes are on the
    disk, and a crash between the two leaves a tail that the next start cuts.
    """

    def __init__(
        self,
        path: Path,
        committed: int | None,
        last_line: bytes | None,
        take_up: Callable[[bytes], bool] = lambda _line: False,
    ) -> None:
        """Open `path` and cut it back to `committed` bytes (None: the keeper knows no such file).

        `last_line` is the line that ends there. Whole lines behind it stay as long as `take_up`, which
        is given each without its end, returns true: `length` tells how far. Raises OutputError where
        the file holds something else, so that no file of another is ever cut.
        """
        self.path = path
        try:
            self._stream = path.open("r+b" if path.exists() else "x+b", _BUFFER)
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror}") from None
        size = os.fstat(self._stream.fileno()).st_size
        if size > 0 and (committed is None or (committed == 0 and not self._starts_like_ours())):
            raise OutputError(f"{path}: exists and is not of this store; remove it or name another file")
        committed = committed or 0
        if size < committed or not self._ends_with(last_line, committed):
            raise OutputError(f"{path}: was changed by something else; remove it to have it filled anew")
        self._stream.seek(committed)
        self.length = committed
        for line in self._stream:
            if not line.endswith(b"\n") or not take_up(line[:-1]):
                break
            self.length += len(line)
        self._stream.truncate(self.length)
        self._stream.seek(self.length)

    def write(self, lines: Iterable[bytes]) -> None:
        """Append the lines; they may be lost until `sync`."""
        for line in lines:
            self._stream.write(line + b"\n")

    def sync(self) -> int:
        """Return the length in bytes, once the disk has everything."""
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        return self._stream.tell()

    def is_in_place(self) -> bool:
        """Return whether the file still stands at its path: not where it was removed or moved away."""
        try:
            return os.path.samestat(os.fstat(self._stream.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _starts_like_ours(self) -> bool:
        # Lines that were written and never committed: of a torn one only the beginning may be there.
        start = self._stream.read(len(_START))
        return start == _START[: len(start)]

    def _ends_with(self, last_line: bytes | None, committed: int) -> bool:
        if last_line is None or committed == 0:
            return committed == 0
        self._stream.seek(max(0, committed - len(last_line) - 1))
        return self._stream.read(len(last_line) + 1) == last_line + b"\n"
