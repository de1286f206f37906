"""Deletions of a sink of rotated files: the lines go out of the file that grows and of all closed ones."""

import gzip
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import zstandard

from connectors.sink import Tell
from connectors.sinks.growing import GrowingFile
from connectors.sinks.rotated import part_of, rewrite
from connectors.sinks.rotation_book import RotationBook, Step
from schemas.codec import DecodeError

# What a file raises that something else has changed.
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError, DecodeError)


class RotatedDeletions:
    """Each that is noted is done; a file that is broken holds up its own deletions, and nothing else."""

    def __init__(self, path: Path, file: GrowingFile, book: RotationBook, tell: Tell) -> None:
        self._path, self._file, self._book, self._tell = path, file, book, tell
        self._is_due = True  # a run that was killed may have left some

    def add(self, article: bytes, at: datetime) -> None:
        """Note a deletion within the open transaction; it is done by the next `finish`."""
        self._book.delete(article, at)
        self._is_due = True

    def finish(self) -> None:
        """Do what is noted. What a broken file hinders is told, and tried again with the next deletion.

        Raises OSError where the disk is full or the like.
        """
        if not self._is_due:
            return
        if waiting := self._book.find_deletions():
            broken = self._free(set().union(*waiting.values()), [article.hex() for article in waiting])
            with self._file.committed():
                self._book.end_deletions(name for name, files in waiting.items() if not files & broken)
        self._is_due = False

    def _free(self, files: Iterable[int], articles: Sequence[str]) -> set[int]:
        """Take the lines of these articles out of the files, and return those that are broken."""
        broken = set()
        for number, name in self._book.find_closed(files):
            if not self._rewrite_closed(number, self._path.with_name(name), articles):
                broken.add(number)
        if self._book.file in files:
            try:
                shorter = rewrite(self._path, articles, into=part_of(self._path))
            except _BROKEN as error:
                self._tell_broken(self._path, error)
                broken.add(self._book.file)
            else:
                self._file.take(Step(None, *shorter))
        return broken

    def _rewrite_closed(self, number: int, path: Path, articles: Sequence[str]) -> bool:
        try:
            length, _last = rewrite(path, articles)
        except FileNotFoundError:
            self._tell(f"{path}: is not there any more; what is deleted stays in it wherever it is")
        except _BROKEN as error:
            self._tell_broken(path, error)
            return False
        else:
            if length:
                return True
            path.unlink()
        with self._file.committed():
            self._book.drop_closed(number)
        return True

    def _tell_broken(self, path: Path, error: Exception) -> None:
        self._tell(
            f"{path}: is broken, and what is deleted stays in it ({error}); tried again with the next "
            "deletion and at the next start"
        )
