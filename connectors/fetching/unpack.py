"""Undoes Content-Encoding piece by piece, so that a bomb costs no more than what was taken of it."""

import zlib
from collections.abc import Iterator

from connectors.fetching.page import FetchError

_PIECE = 256 * 1024  # bytes that come out at once, at most
_SLICE = 64 * 1024  # bytes that go in at once: what is left behind the end of a member is copied
_MOST_MEMBERS = 4096  # with the slice this bounds the copying; blocks of 64 KiB make 250 MB
_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class Unpacker:
    """Takes a body as it comes on the wire. `encoding` is the Content-Encoding: gzip, deflate or none."""

    def __init__(self, encoding: str) -> None:
        """Begin; raises FetchError (encoding) for one that was not asked for, or several."""
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise FetchError("encoding", f"the body is encoded as {self._encoding[:40]!r}, unasked")
        self._stream = zlib.decompressobj(_GZIP) if self._encoding == "gzip" else None
        self._head = b""  # of deflate, until it is clear which of the two it is
        self._members = 0
        self._fresh = True  # nothing came out of the present member
        self._ended = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` adds to the body, in pieces; raises FetchError (encoding)."""
        if self._encoding in ("", "identity"):
            yield data
            return
        if self._encoding == "deflate" and self._stream is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            # HTTP's deflate is zlib's (RFC 9110); some send it without zlib's header.
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else _RAW)
        for start in range(0, len(data), _SLICE):
            yield from self._unpack_slice(data[start : start + _SLICE])

    def _unpack_slice(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more and not self._ended:
            assert self._stream is not None
            try:
                piece = self._stream.decompress(data, _PIECE)
            except zlib.error as error:
                if self._members and self._fresh:
                    self._ended = True  # padding behind the last member, as browsers take it
                    return
                raise FetchError("encoding", f"the body is no {self._encoding}: {error}") from None
            if piece:
                self._fresh = False
                yield piece
            data = self._stream.unconsumed_tail
            # A piece that is full may have more behind it, though all that came is consumed.
            more = bool(data) or len(piece) == _PIECE
            if self._stream.eof:
                data = self._stream.unused_data
                more = bool(data)
                self._end_member()

    def _end_member(self) -> None:
        self._members += 1
        if self._encoding != "gzip":
            self._ended = True
        elif self._members >= _MOST_MEMBERS:
            raise FetchError("encoding", f"the body is gzip of more than {_MOST_MEMBERS} members")
        else:
            self._stream, self._fresh = zlib.decompressobj(_GZIP), True

    @property
    def broken_off(self) -> bool:
        """Return whether the end of the stream is still missing."""
        if self._stream is None:
            return bool(self._head)
        return not (self._ended or (self._members > 0 and self._fresh))
