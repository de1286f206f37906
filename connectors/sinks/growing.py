"""The file of JSON lines that grows, with its position: what is done to it is noted first, and done once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.sink import Tell
from connectors.sinks.identity import identify
from connectors.sinks.lines import LinesFile, OutputError
from connectors.sinks.position import PositionFile
from connectors.sinks.rotated import close_file, part_of, sync_folder
from connectors.sinks.rotation_book import RotationBook, Step
from schemas.codec import DecodeError
from schemas.letter import ARTICLES, Letter

_KEY = "jsonl"  # of the file in the position, where others have a topic
_MEND = "move it away, and what is new goes into a new file"


class GrowingFile:
    """What makes lines durable is the file itself. The position only must not be ahead of it.

    Lines behind the position are taken up at the next start: waiting for the disk twice at each
    batch would cost a third of the throughput.
    """

    def __init__(self, path: Path, position: PositionFile, book: RotationBook, tell: Tell) -> None:
        self._path, self._position, self._book, self._tell = path, position, book, tell
        self._file: LinesFile | None = None
        self._last: bytes | None = None
        self._is_torn = True  # what stands behind the position may be ours
        self.length = 0  # bytes, with the lines that are about to be committed

    def is_open(self) -> bool:
        """Return whether it is open, and nobody has moved it away or changed it. Raises OSError."""
        return self._file is not None and self._file.is_as_left()

    def open(self) -> None:
        """Finish what was begun, and go on where it ends. Raises OSError, and OutputError as LinesFile.

        A file that was moved away or emptied is begun anew, as `logrotate` expects.
        """
        self.leave()
        self._book.reread()
        if step := self._book.find_step():
            self._finish(step)
        known = self._position.read_file(_KEY)
        length, self._last = known[1:] if known else (None, None)
        size = self._path.stat().st_size if self._path.exists() else 0
        if length and not size:
            self._tell(f"{self._path}: was moved away or emptied, and is begun anew")
            with self.committed():
                self._position.write_file(_KEY, self._path.name, 0, None)
                self._book.begin_file(self._book.file + 1, None)
            length, self._last = 0, None
        if not self._is_torn and size > (length or 0):
            raise OutputError(f"{self._path}: something else has written to it; {_MEND}")
        with self.committed():
            self._file = LinesFile(self._path, length, self._last, self._take_up, _MEND)
            self.length = self._file.length
            # Noted while it is still empty, so that a crash never leaves lines that nobody knows.
            if length is None or self.length > length:
                self._position.write_file(_KEY, self._path.name, self.length, self._last)
        self._is_torn = False
        sync_folder(self._path.parent)

    def leave(self) -> None:
        """Close it, as it is."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def begin(self, *, durable: bool) -> None:
        """Begin a transaction of the position, which waits for the disk at its end where it is `durable`."""
        level = "FULL" if durable else "NORMAL"
        self._position.database.execute(f"PRAGMA synchronous = {level}")
        self._position.begin()

    @contextmanager
    def committed(self) -> Iterator[None]:
        """Let something be noted, durably."""
        self.begin(durable=True)
        yield
        self._position.commit()

    def commit(self, lines: dict[bytes, bytes], day: str) -> None:
        """Append lines, by the name of each, and end the transaction. Raises OSError."""
        self._is_torn = True
        if lines and self._file:
            self._file.write(lines.values())
            *_, last = lines.values()
            self._position.write_file(_KEY, self._path.name, self._file.sync(), last)
            self._book.add(lines)
            if self._book.day is None:
                self._book.begin_file(self._book.file, day)
        self._position.commit()
        self._is_torn = False

    def take(self, step: Step) -> None:
        """Close or replace it as `step` says, whatever breaks off, and go on with what is there then."""
        self.leave()
        with self.committed():
            self._book.begin_step(step)
        self.open()

    def _finish(self, step: Step) -> None:
        if step.closed_as:
            if self._path.exists():
                close_file(self._path, self._path.with_name(step.closed_as))
        elif part_of(self._path).exists():
            part_of(self._path).rename(self._path)
            sync_folder(self._path.parent)
        with self.committed():
            if step.closed_as:
                self._book.add_closed(step.closed_as)
            self._position.write_file(_KEY, self._path.name, step.length, step.last_line)
            self._book.end_step()

    def _take_up(self, line: bytes) -> bool:
        try:
            name = identify(Letter(ARTICLES, "", line))
        except DecodeError:
            return False  # written by half when the machine went down
        self._book.add([name])
        self._last = line
        return True
