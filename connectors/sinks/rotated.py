"""Closed files of JSON lines: made of one that is full, read, and freed of lines; each step a rename."""

import gzip
import io
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, cast

import zstandard

from connectors.sinks.identity import identify
from schemas.letter import ARTICLES, Letter

Compress = Literal["gzip", "zstd"]
SUFFIXES: dict[Compress | None, str] = {"gzip": ".gz", "zstd": ".zst", None: ""}


def part_of(path: Path) -> Path:
    """Return where a file is written before it takes the place of `path`."""
    return path.with_name(f".{path.name}.part")


def close_file(path: Path, target: Path) -> None:
    """Make `target` of a file that is done, compressed as its name says; after a crash it is done again."""
    if target.suffix in (".gz", ".zst"):
        with path.open("rb") as lines, _replace(target) as closed:
            shutil.copyfileobj(lines, closed, 1 << 20)
        path.unlink()
    else:
        path.rename(target)
    sync_folder(path.parent)


def rewrite(path: Path, articles: Iterable[str], into: Path | None = None) -> tuple[int, bytes | None]:
    """Take the lines of these articles out of a file; return its length (bytes, unpacked) and last line.

    With `into` it is one that grows: plain whatever its name, it stays as it is, and the other is made.
    Raises OSError, and EOFError, zlib.error, zstandard.ZstdError or DecodeError where it was changed.
    """
    named = frozenset(articles)
    # An id may also stand elsewhere in a line: which it is tells only a parse.
    mentioned = re.compile("|".join(named).encode()).search
    length, last = 0, None
    with _read(path, "" if into else path.suffix) as lines, _write(into) if into else _replace(path) as kept:
        for line in lines:
            if not mentioned(line) or identify(Letter(ARTICLES, "", line))[:16].hex() not in named:
                kept.write(line)
                length, last = length + len(line), line[:-1]
    return length, last


def sync_folder(folder: Path) -> None:
    """Come back once the names in the folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _read(path: Path, suffix: str) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as file:
        if suffix == ".gz":
            yield gzip.GzipFile(fileobj=file)
        elif suffix == ".zst":
            reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            yield io.BufferedReader(cast(io.RawIOBase, reader), 1 << 20)
        else:
            yield file


@contextmanager
def _replace(path: Path) -> Iterator[BinaryIO]:
    """Let a file be written beside `path`, and put it in its place once all of it is on the disk."""
    with _write(part_of(path), path.suffix) as file:
        yield file
    part_of(path).rename(path)
    sync_folder(path.parent)


@contextmanager
def _write(path: Path, suffix: str = "") -> Iterator[BinaryIO]:
    with ExitStack() as broken_off, path.open("wb") as file:
        broken_off.callback(path.unlink)  # what is on a full disk by half takes room, and is never read
        if suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file) as packed:
                yield cast(BinaryIO, packed)
        elif suffix == ".zst":
            with zstandard.ZstdCompressor(write_checksum=True).stream_writer(file, closefd=False) as writer:
                yield cast(BinaryIO, writer)
        else:
            yield file
        file.flush()
        os.fsync(file.fileno())
        broken_off.pop_all()
