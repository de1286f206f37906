"""Articles in files: JSON lines, saved pages, plain texts, archives, folders of these, standard input."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, cast

from connectors.archives.archive import ARCHIVES, read_archive
from connectors.sources.line import LineError, read_line
from schemas.address import NO_ALIASES, Aliases
from schemas.ids import raw_id
from schemas.letter import UNREAD, Letter, raw_letter, unread_letter
from schemas.limits import KEPT_OF_TOO_LARGE, MAX_CONTENT, MAX_LETTER
from schemas.raw import RawArticle, write_content
from schemas.wrong_use import WrongUse

SUFFIXES = (".jsonl", ".jsonl.gz", ".html", ".txt", *ARCHIVES)
_CONTENT_TYPES = {".html": "text/html", ".txt": "text/plain"}
# Six bytes of JSON escape can stand for one byte of content.
_BUFFER = 1 << 20
_MAX_LINE = 6 * MAX_CONTENT + 1_000_000
_READ_ERRORS = (EOFError, OSError, zlib.error)


class FilesSource:
    """Reads `paths` in their order, the files of a folder in the order of their names.

    An `input` is the path as given, for lines with the line's number (from 1) behind a colon, for
    archives with the record's place; standard input is `-`. Nothing is kept between runs: the
    store knows what it has.
    """

    def __init__(
        self,
        paths: list[str],
        name: str | None = None,
        without: Collection[str] = (),
        zone: tzinfo = UTC,
        aliases: Aliases = NO_ALIASES,
        reserved: Collection[str] = (),
    ) -> None:
        """Name the files to read; raises WrongUse for a path that does not exist or cannot be read.

        `without` are files that are not read even if a folder holds them: what the run writes
        itself. `zone` is that of times without one, `aliases` those of sites that moved;
        `reserved` are names that no line may give its source.
        """
        self.name = name or "files"
        self.broken: list[str] = []
        self._named = name
        self._files = find_files(paths, without)
        self._zone = zone
        self._aliases, self._reserved = aliases, reserved

    def poll(self) -> Iterator[Letter]:
        """Yield one letter a line, file or HTML response; what is no article is marked unread."""
        for path in self._files:
            if path == "-" or path.lower().endswith((".jsonl", ".jsonl.gz")):
                yield from self._poll_lines(path)
            elif path.lower().endswith(ARCHIVES):
                yield from self._poll_archive(path)
            else:
                yield self._read_file(path)

    def commit(self, letter: Letter) -> None:
        """Nothing to note: files stay where they are."""

    def _poll_lines(self, path: str) -> Iterator[Letter]:
        number = 0
        try:
            with _open_lines(path) as stream:
                while line := stream.readline(_MAX_LINE):
                    number += 1
                    if len(line) == _MAX_LINE and not line.endswith(b"\n"):
                        yield self._skip_line(f"{_name(path)}:{number}", line, stream)
                        continue
                    if number == 1:
                        line = line.removeprefix(b"\xef\xbb\xbf")
                    if line := line.strip(b" \t\r\n"):
                        yield self._read_line(f"{_name(path)}:{number}", line)
        except _READ_ERRORS as error:
            self.broken.append(_name(path))
            yield unread_letter(
                f"{_name(path)}:{number + 1}",
                self.name,
                b"",
                "broken_input",
                f"cannot be read on from here: {_say(error)}",
            )

    def _poll_archive(self, path: str) -> Iterator[Letter]:
        for letter in read_archive(path, _name(path), self.name, self._aliases):
            if letter.headers.get(UNREAD) == "broken_input" and _name(path) not in self.broken:
                self.broken.append(_name(path))
            yield letter

    def _read_line(self, where: str, line: bytes) -> Letter:
        try:
            raw = read_line(line, self._named, datetime.now(UTC), self._zone, self._reserved)
            letter = raw_letter(where, raw, self._aliases)
        except LineError as error:
            letter = unread_letter(where, self.name, line, error.reason, f"{where}: {error}")
        if letter.headers.get(UNREAD) != "too_large" and letter.size <= MAX_LETTER:
            return letter
        digest = hashlib.sha256(line).hexdigest()
        return _too_large(where, self.name, line[:KEPT_OF_TOO_LARGE], len(line), digest)

    def _skip_line(self, where: str, start: bytes, stream: IO[bytes]) -> Letter:
        digest, size, part = hashlib.sha256(), 0, start
        while part:
            digest.update(part)
            size += len(part)
            if part.endswith(b"\n"):
                break
            part = stream.readline(1 << 20)
        return _too_large(where, self.name, start[:KEPT_OF_TOO_LARGE], size, digest.hexdigest())

    def _read_file(self, path: str) -> Letter:
        try:
            with Path(path).open("rb") as stream:
                content = stream.read(MAX_CONTENT + 1)
                if len(content) > MAX_CONTENT:
                    digest, size = hashlib.sha256(content), len(content)
                    while part := stream.read(1 << 20):
                        digest.update(part)
                        size += len(part)
                    return _too_large(
                        _name(path), self.name, content[:KEPT_OF_TOO_LARGE], size, digest.hexdigest()
                    )
        except OSError as error:
            self.broken.append(_name(path))
            return unread_letter(
                _name(path), self.name, b"", "broken_input", f"cannot be read: {_say(error)}"
            )
        raw = RawArticle(
            raw_id=raw_id(self.name, None, content, None),
            source=self.name,
            **write_content(content),
            content_type=_CONTENT_TYPES[Path(path).suffix.lower()],
            fetched_at=datetime.now(UTC),
        )
        return raw_letter(_name(path), raw)


def find_files(
    paths: list[str], without: Collection[str] = (), suffixes: tuple[str, ...] = SUFFIXES
) -> list[str]:
    """Return the files that `paths` name but those of `without`, folders walked in the order of names.

    Raises WrongUse for a path that does not exist or whose name ends in none of `suffixes`.
    """
    found: list[str] = []
    left_out = {os.path.realpath(path) for path in without}
    for given in paths:
        path = Path(given)
        if given == "-":
            found.append(given)
        elif path.is_dir():
            named = (file for file in sorted(path.rglob("*")) if file.name.lower().endswith(suffixes))
            files = (file for file in named if file.is_file())
            found += [str(file) for file in files if os.path.realpath(file) not in left_out]
        elif not path.exists():
            raise WrongUse(f"{given}: no such file or folder")
        elif path.name.lower().endswith(suffixes):
            found.append(str(path))
        else:
            raise WrongUse(f"{given}: not one of {', '.join(suffixes)}")
    return found


def _name(path: str) -> str:
    # A name that is no UTF-8 could not be written in a record.
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _open_lines(path: str) -> AbstractContextManager[IO[bytes]]:
    if path == "-":
        # Not sys.stdin: a thread that waits in it holds its lock, and Python aborts when it ends then.
        return nullcontext(open(0, "rb", closefd=False))
    if path.lower().endswith(".gz"):
        return cast(AbstractContextManager[IO[bytes]], gzip.open(path, "rb"))
    return Path(path).open("rb", buffering=_BUFFER)


def _too_large(where: str, source: str, start: bytes, size: int, sha256: str) -> Letter:
    detail = f"{size} bytes, sha256 {sha256}; the first {len(start)} bytes are kept"
    return unread_letter(where, source, start, "too_large", detail)


def _say(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
