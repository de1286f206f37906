"""A file of JSON lines that is closed when it is full; a deletion goes through it and the closed ones."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal

from connectors.sink import Received, Refused, StoreAway, Tell
from connectors.sinks.growing import GrowingFile
from connectors.sinks.identity import identify_line
from connectors.sinks.position import PositionFile
from connectors.sinks.rotated import SUFFIXES, Compress
from connectors.sinks.rotated_deletions import RotatedDeletions
from connectors.sinks.rotation_book import RotationBook, Step, name_closed
from schemas.codec import DecodeError
from schemas.wrong_use import WrongUse

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a file is closed: before it is longer than so many bytes, or another day (UTC) has begun."""

    most: int | None = None
    every: Literal["day"] | None = None
    compress: Compress | None = None


class RotatingFile:
    """Each record is a line once, in this file or a closed one; PATH.position says which."""

    def __init__(
        self,
        path: Path,
        topics: tuple[str, ...],
        rotation: Rotation,
        tell: Tell,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Finish what was begun. Raises StoreAway, and WrongUse where the file is something else's."""
        # A deletion puts another file in its place: not in that of a link.
        path = Path(os.path.realpath(path))
        if not path.parent.is_dir():
            raise WrongUse(f"{path}: its folder does not exist")
        if path.exists() and not path.is_file():
            raise WrongUse(f"{path}: is no file")
        self.topics = topics
        self._path, self._rotation, self._now = path, rotation, now
        position = path.with_name(f"{path.name}.position")
        self.is_new = not position.exists()
        self._position = PositionFile(position)
        self._file: GrowingFile | None = None
        try:
            with self._kept_away():
                self._book = RotationBook(self._position.database)
                self._file = GrowingFile(path, self._position, self._book, tell)
                self._deletions = RotatedDeletions(path, self._file, self._book, tell)
                self._file.open()
                self._deletions.finish()
        except (StoreAway, WrongUse):
            self.close()
            raise

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Append what has no line yet, and take out what is deleted.

        Raises StoreAway where the disk is full or the like, or something else has changed the file.
        """
        file = self._file
        assert file is not None
        try:
            with self._kept_away():
                if not file.is_open():
                    file.open()
                if self._rotation.every and file.length and self._book.day != self._today():
                    self._close_file(file)
                refused = self._append(file, batch)
                self._deletions.finish()
        except WrongUse as error:  # it was right at the start, and a person can mend it
            raise StoreAway(str(error)) from None
        return refused

    def close(self) -> None:
        """Leave the files to others."""
        if self._file is not None:
            self._file.leave()
        self._position.close()

    def _append(self, file: GrowingFile, batch: Sequence[Received]) -> list[Refused]:
        refused: list[Refused] = []
        lines: dict[bytes, bytes] = {}
        deleted: dict[bytes, datetime] = {}
        for item in batch:
            try:
                if item.letter.value:
                    lines.setdefault(identify_line(item.letter), item.letter.value)
                else:
                    deleted.setdefault(_read_key(item), item.at)
            except DecodeError as error:
                refused.append(Refused(item, str(error)))
        file.begin(durable=bool(deleted))
        for article, at in deleted.items():
            self._deletions.add(article, at)
        known = self._book.find_known(lines)
        self._write(file, {name: line for name, line in lines.items() if name not in known})
        return refused

    def _write(self, file: GrowingFile, lines: dict[bytes, bytes]) -> None:
        fitting: dict[bytes, bytes] = {}
        most = self._rotation.most
        for name, line in lines.items():
            if most and file.length and file.length + len(line) + 1 > most:
                file.commit(fitting, self._today())
                fitting = {}
                self._close_file(file)
                file.begin(durable=False)
            fitting[name] = line
            file.length += len(line) + 1
        file.commit(fitting, self._today())

    def _close_file(self, file: GrowingFile) -> None:
        day, suffix = self._book.day or self._today(), SUFFIXES[self._rotation.compress]
        numbered = (name_closed(self._path, day, number, suffix) for number in count(self._book.file))
        file.take(Step(next(path.name for path in numbered if not path.exists())))

    def _today(self) -> str:
        return self._now().date().isoformat()

    @contextmanager
    def _kept_away(self) -> Iterator[None]:
        with ExitStack() as broken_off:
            # On a full disk SQLite takes a transaction back by itself: the file has to be left all the same.
            broken_off.callback(self._leave)
            try:
                yield
            except OSError as error:
                raise StoreAway(f"{error.filename or self._path}: {error.strerror or error}") from None
            except sqlite3.OperationalError as error:
                raise StoreAway(f"{self._position.path}: {error}") from None
            broken_off.pop_all()

    def _leave(self) -> None:
        self._position.rollback()
        if self._file is not None:
            self._file.leave()


def _read_key(item: Received) -> bytes:
    """Return the article that a deletion names. Raises DecodeError."""
    if not _ID.fullmatch(item.letter.key):
        raise DecodeError("is empty, and its key is no article_id")
    return bytes.fromhex(item.letter.key)
