"""A file of JSON lines whose committed length somebody else keeps."""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.wrong_use import WrongUse

_START = b'{"schema":"'
_BUFFER = 1 << 20  # bytes that are read at once


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
        mend: str = "remove it to have it filled anew",
    ) -> None:
        """Open `path` and cut it back to `committed` bytes (None: the keeper knows no such file).

        `last_line` is the line that ends there. Whole lines behind it stay as long as `take_up`, which
        is given each without its end, returns true: `length` tells how far. Raises OutputError where
        the file holds something else, so that no file of another is ever cut; `mend` says what to do.
        """
        self.path = path
        try:
            # No buffer: what a full disk did not take would be written again when the file is closed.
            self._stream = path.open("a+b", buffering=0)
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror or error}") from None
        try:
            self._cut(committed, last_line, take_up, mend)
        except (OSError, OutputError):
            self.close()
            raise

    def write(self, lines: Iterable[bytes]) -> None:
        """Append the lines; they may be lost until `sync`. Raises OSError, and then has some of them."""
        left = memoryview(b"\n".join((*lines, b"")))
        size = len(left)
        with self._named():
            while left:
                left = left[self._stream.write(left) :]
        self.length += size

    def sync(self) -> int:
        """Return the length in bytes, once the disk has everything. Raises OSError."""
        with self._named():
            os.fsync(self._stream.fileno())
        return self.length

    def is_as_left(self) -> bool:
        """Return whether the file still stands at its path, and nobody has cut it or added to it."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(self._stream.fileno()), found) and found.st_size == self.length

    def close(self) -> None:
        """Close the file."""
        # What counts is on the disk: a share that tells of a full disk only now tells of nothing else.
        with suppress(OSError):
            self._stream.close()

    def _cut(
        self, committed: int | None, last_line: bytes | None, take_up: Callable[[bytes], bool], mend: str
    ) -> None:
        size = os.fstat(self._stream.fileno()).st_size
        if size > 0 and (committed is None or (committed == 0 and not self._starts_like_ours())):
            raise OutputError(f"{self.path}: exists and is not of this store; remove it or name another file")
        self.length = committed or 0
        if size < self.length or not self._ends_with(last_line, self.length):
            raise OutputError(f"{self.path}: was changed by something else; {mend}")
        self._stream.seek(self.length)
        lines = io.BufferedReader(self._stream, _BUFFER)
        for line in lines:
            if not line.endswith(b"\n") or not take_up(line[:-1]):
                break
            self.length += len(line)
        lines.detach()
        with self._named():
            self._stream.truncate(self.length)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None

    def _starts_like_ours(self) -> bool:
        # Lines that were written and never committed: of a torn one only the beginning may be there.
        self._stream.seek(0)
        start = self._stream.read(len(_START))
        return start == _START[: len(start)]

    def _ends_with(self, last_line: bytes | None, committed: int) -> bool:
        if last_line is None or committed == 0:
            return committed == 0
        self._stream.seek(max(0, committed - len(last_line) - 1))
        return self._stream.read(len(last_line) + 1) == last_line + b"\n"
