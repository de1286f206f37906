"""Records of a WARC file (ISO 28500, 1.0 and 1.1), one by one, also behind those that are damaged."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import HeaderMap

from connectors.archives.unpacked import Damaged, Members, Stretch

_PIECE = 64 * 1024
_MAX_HEAD = 32 * 1024
_USUAL_HEAD = 1024
_END_OF_HEAD = b"\r\n\r\n"
_NOISE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,18}")
_WRONG_LENGTH = "the record does not end where its Content-Length says, or the file ends within it"
_BEHIND = 16  # bytes that are looked at behind a record: two ends of line, and the start of the next


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is no record: where it stands, and what is wrong."""

    place: str
    detail: str


class Record:
    """One record: `head` as it is written, its `headers`, and the `length` of its block in bytes."""

    def __init__(self, place: str, head: bytes, headers: HeaderMap, length: int, stretch: Stretch) -> None:
        """Take the place where it is stored, and the bytes from the block on."""
        self.place, self.head, self.headers, self.length = place, head, headers, length
        self.is_damaged = False  # which was raised
        self._stretch, self._end = stretch, stretch.position + length

    def read(self, size: int) -> bytes:
        """Return the next bytes of the block, empty at its end. Raises Damaged."""
        size = min(size, self._end - self._stretch.position)
        self.is_damaged = True
        content = self._stretch.read(size)
        if len(content) < size:
            raise Damaged(_WRONG_LENGTH)
        self.is_damaged = False
        return content

    def finish(self) -> None:
        """Pass over the rest. Raises Damaged for what only shows at the end: a checksum, a wrong length."""
        missing = self._end - self._stretch.position
        self.is_damaged = True
        if self._stretch.skip(missing) < missing or not _is_boundary(self._stretch.peek(_BEHIND)):
            raise Damaged(_WRONG_LENGTH)
        self.is_damaged = False


def read_records(path: str) -> Iterator[Record | Gap]:
    """Yield what stands in the file, in its order; a record is to be finished before the next is asked for.

    The place is the offset in the file as stored, of gzip that of the member; where that holds
    more than one record, `+` and the offset within it follow. Whether it is packed is told by its
    first bytes. What was raised of a record is not told again. Raises OSError.
    """
    with Path(path).open("rb") as file:
        start = file.read(5)
        file.seek(0)
        if start.startswith(b"\x1f\x8b") or (path.lower().endswith(".gz") and start not in (b"WARC/", b"")):
            yield from _read_members(Members(file))
        else:
            yield from _read_stretch(Stretch(partial(file.read, _PIECE), file.seek), str, file)


def _read_members(members: Members) -> Iterator[Record | Gap]:
    while not members.is_broken or members.find_next():
        try:
            stretch = members.open_next()
        except Damaged as error:
            yield Gap(str(members.offset), str(error))
            continue
        if stretch is None:
            return
        yield from _read_stretch(stretch, partial(_name_place, members.offset))


def _read_stretch(
    stretch: Stretch, name: Callable[[int], str], file: BinaryIO | None = None
) -> Iterator[Record | Gap]:
    lost = False  # what stands here is no record, and that is told
    while True:
        begin, place = stretch.position, name(stretch.position)
        try:
            if lost and not stretch.find_record():
                return
            while blank := len(start := stretch.peek(_BEHIND)) - len(start.lstrip(b"\r\n")):
                stretch.skip(blank)
            if not start:
                return
            begin, place = stretch.position, name(stretch.position)
            record = _open(stretch, place, file)
        except Damaged as error:
            if not lost:
                yield Gap(place, str(error))
            lost = True
            if stretch.position == begin and stretch.peek(1):
                stretch.skip(1)
            continue
        yield record
        lost = record.is_damaged


def _open(stretch: Stretch, place: str, file: BinaryIO | None) -> Record:
    if not stretch.peek(5).startswith(b"WARC/"):
        raise Damaged("no WARC record begins here")
    end = stretch.peek(_USUAL_HEAD).find(_END_OF_HEAD)
    if end < 0:
        end = stretch.peek(_MAX_HEAD).find(_END_OF_HEAD)
    if end < 0:
        raise Damaged("a WARC header without an end")
    head = stretch.read(end + len(_END_OF_HEAD))
    # Not a WarcRecord: that sets aside the memory that a Content-Length claims, and the process aborts.
    headers = HeaderMap()
    if _NOISE.search(head):
        raise Damaged("a WARC header with control characters in it")
    try:
        headers.parse(BytesIO(head))
    except OSError as error:
        raise Damaged(f"the WARC header cannot be read: {error}") from None
    written = headers.get("Content-Length") or ""
    if not _LENGTH.fullmatch(written) or not headers.get("WARC-Type"):
        raise Damaged("a WARC header without a Content-Length or a WARC-Type")
    length = int(written)
    # Where it costs nothing, a wrong length is found before it leads past other records.
    if file is not None:
        behind = os.pread(file.fileno(), _BEHIND + 1, stretch.position + length - 1)
        if (length and not behind) or not _is_boundary(behind[1:]):
            raise Damaged(_WRONG_LENGTH)
    return Record(place, head, headers, length, stretch)


def _is_boundary(behind: bytes) -> bool:
    # Some writers put one end of line there, or none; what is no record behind two is told for itself.
    if behind.startswith(b"\r\n\r\n"):
        return True
    following = behind.lstrip(b"\r\n")
    return not following or following[:5] == b"WARC/"[: len(following)]


def _name_place(member: int, position: int) -> str:
    return f"{member}+{position}" if position else str(member)
