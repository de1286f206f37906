"""The bytes of an archive: plain, or unpacked from the members of gzip (RFC 1952), one after the other."""

import re
import zlib
from collections.abc import Callable
from typing import BinaryIO, NoReturn

_PIECE = 64 * 1024
_MAGIC = re.compile(rb"\x1f\x8b\x08")
_RECORD = re.compile(rb"WARC/1\.[0-9]\r\n")
_KEEP = 9  # so much of a piece may be the start of what is looked for


class Damaged(Exception):
    """Bytes that are not as they were written; the message says what is wrong with them."""


class Stretch:
    """Bytes that are read forward in pieces; with `seek` what is skipped is not read."""

    def __init__(self, more: Callable[[], bytes], seek: Callable[[int], object] | None = None) -> None:
        """Take what returns the next piece, empty at the end; what it raises, every method does."""
        self.position = 0
        self._more, self._seek = more, seek
        self._held, self._at = b"", 0

    def peek(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end, and stay where it is."""
        self._fill(size)
        return self._held[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end."""
        parts, missing = [], size
        while missing > 0 and (piece := self._take(missing)):
            parts.append(piece)
            missing -= len(piece)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over bytes and return how many there were; with `seek` as many as were asked for."""
        if self._seek is not None and size > len(self._held) - self._at:
            self._seek(self.position + size)
            self._held, self._at, self.position = b"", 0, self.position + size
            return size
        missing = size
        while missing > 0 and (piece := self._take(missing)):
            missing -= len(piece)
        return size - missing

    def find_record(self) -> bool:
        """Go to the next bytes that open a WARC record, False where there are none up to the end."""
        while True:
            self._fill(_PIECE)
            there = len(self._held) - self._at
            if found := _RECORD.search(self._held, self._at):
                self.skip(found.start() - self._at)
                return True
            self.skip(there - _KEEP if there >= _PIECE else there)
            if there < _PIECE:
                return False

    def _fill(self, size: int) -> None:
        while len(self._held) - self._at < size and (piece := self._more()):
            self._held, self._at = self._held[self._at :] + piece, 0

    def _take(self, size: int) -> bytes:
        if self._at == len(self._held):
            self._held, self._at = self._more(), 0
        taken = self._held[self._at : self._at + size]
        self._at += len(taken)
        self.position += len(taken)
        return taken


class Members:
    """The members of a gzip file, each with the offset at which it is stored."""

    def __init__(self, file: BinaryIO) -> None:
        """Start where the file stands: at its beginning."""
        self.offset = 0  # of the member that is read, or of what is no member
        self.is_broken = False  # it cannot be read on, and that was raised
        self._file = file
        self._packed = b""
        self._next = 0  # offset of the first of the packed bytes
        self._unpack = zlib.decompressobj(wbits=31)

    def open_next(self) -> Stretch | None:
        """Return the next member, None at the end; zeros between members are padding.

        Raises Damaged where something else stands there. The member raises it, once, where its bytes
        or its checksum are wrong, or the file ends before it does.
        """
        while not self._packed.lstrip(b"\0"):
            self._drop(len(self._packed))
            if not self._fill():
                return None
        self._drop(len(self._packed) - len(self._packed.lstrip(b"\0")))
        while len(self._packed) < 3 and self._fill():
            pass
        self.offset = self._next
        if not _MAGIC.match(self._packed):
            self._break("no gzip member begins here")
        self._unpack = zlib.decompressobj(wbits=31)
        return Stretch(self._more)

    def find_next(self) -> bool:
        """Go behind the start of this member to the next that holds a record; False where there is none."""
        at = self.offset + 1
        while window := self._look(at, _PIECE):
            for found in _MAGIC.finditer(window):
                if _opens_record(self._look(at + found.start(), 512)):
                    self._packed, self._next, self.is_broken = b"", at + found.start(), False
                    self._file.seek(self._next)
                    return True
            at += max(1, len(window) - 2)  # the last two may be the start of it
        return False

    def _more(self) -> bytes:
        while not self._unpack.eof and not self.is_broken:
            if not self._packed and not self._fill():
                self._break("the file ends within a gzip member")
            packed = self._packed
            try:
                piece = self._unpack.decompress(packed, _PIECE)
            except zlib.error as error:
                self._break(f"a corrupt gzip member: {error}")
            self._packed = self._unpack.unused_data or self._unpack.unconsumed_tail
            self._next += len(packed) - len(self._packed)
            if piece:
                return piece
        return b""

    def _break(self, detail: str) -> NoReturn:
        self.is_broken = True
        raise Damaged(detail)

    def _fill(self) -> bool:
        piece = self._file.read(_PIECE)
        self._packed += piece
        return bool(piece)

    def _drop(self, size: int) -> None:
        self._packed = self._packed[size:]
        self._next += size

    def _look(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)


def _opens_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=31).decompress(packed, 5) == b"WARC/"
    except zlib.error:
        return False
