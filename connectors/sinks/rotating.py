"""A file of JSON lines that is closed when it is full; a deletion goes through it and the closed ones."""

import gzip
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal

import zstandard

from connectors.sink import Received, Refused, StoreAway, Tell
from connectors.sinks.growing import GrowingFile
from connectors.sinks.identity import identify_line
from connectors.sinks.position import PositionFile
from connectors.sinks.rotated import SUFFIXES, Compress, part_of, rewrite
from connectors.sinks.rotation_book import RotationBook, Step, name_closed
from schemas.codec import DecodeError
from schemas.wrong_use import WrongUse

_ID = re.compile("[0-9a-f]{32}")
# What a closed file raises that something else has changed.
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError, ValueError)


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
        if not path.absolute().parent.is_dir():
            raise WrongUse(f"{path}: its folder does not exist")
        self.topics = topics
        self._path, self._rotation, self._tell, self._now = path, rotation, tell, now
        self._position = PositionFile(path.with_name(f"{path.name}.position"))
        self._file: GrowingFile | None = None
        try:
            with self._kept_away():
                self._book = RotationBook(self._position.database)
                self._file = GrowingFile(path, self._position, self._book, tell)
                self._file.open()
        except (StoreAway, WrongUse):
            self.close()
            raise

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Append what has no line yet. Raises StoreAway where the disk is full or the like."""
        with self._kept_away():
            file = self._file
            assert file is not None
            if not file.is_open():
                file.open()
            if self._rotation.every and file.length and self._book.day != self._today():
                self._close_file(file)
            refused = self._append(file, batch)
            self._delete(file)
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
            self._book.delete(article, at)
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

    def _delete(self, file: GrowingFile) -> None:
        waiting = self._book.find_deletions()
        if not waiting:
            return
        articles = [article.hex() for article in waiting]
        files = set().union(*waiting.values())
        for number, name in self._book.find_closed(files):
            self._rewrite_closed(file, number, self._path.with_name(name), articles)
        if self._book.file in files:
            file.take(Step(None, *rewrite(self._path, articles, into=part_of(self._path))))
        with file.committed():
            self._book.end_deletions(waiting)

    def _rewrite_closed(self, file: GrowingFile, number: int, path: Path, articles: Sequence[str]) -> None:
        try:
            length, _last = rewrite(path, articles)
        except FileNotFoundError:
            self._tell(f"{path}: is not there any more; what is deleted stays in it wherever it is")
        except _BROKEN as error:
            raise StoreAway(f"{path}: cannot be freed of what is deleted: {error}") from None
        else:
            if length:
                return
            path.unlink()
        with file.committed():
            self._book.drop_closed(number)

    def _today(self) -> str:
        return self._now().date().isoformat()

    @contextmanager
    def _kept_away(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreAway(f"{error.filename or self._path}: {error.strerror}") from None
        except sqlite3.OperationalError as error:
            raise StoreAway(f"{self._position.path}: {error}") from None
        finally:
            if self._position.database.in_transaction:
                self._position.rollback()
                if self._file is not None:
                    self._file.leave()


def _read_key(item: Received) -> bytes:
    """Return the article that a deletion names. Raises DecodeError."""
    if not _ID.fullmatch(item.letter.key):
        raise DecodeError("is empty, and its key is no article_id")
    return bytes.fromhex(item.letter.key)
