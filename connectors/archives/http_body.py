"""The body of a HTTP message as it travelled, its transfer and content codings undone (RFC 9110, 9112)."""

import re
import zlib
from io import BytesIO

from fastwarc.stream_io import BrotliReader, ZstdReader

_PIECE = 64 * 1024
_MOST_CODINGS = 4  # each of them is unpacked
_MOST_MEMBERS = 16  # what is behind one is copied
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_END_OF_CHUNK = re.compile(rb"\r?\n")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_GZIP = ("gzip", "x-gzip", "deflate")


class Undecodable(ValueError):
    """A body that is not coded as its head says; the message says how."""


def undo_chunks(body: bytes, coding: str) -> bytes:
    """Return the body without the chunks of its Transfer-Encoding.

    Many crawlers take the chunks out and leave the header: what does not begin with a chunk is
    returned as it is. Raises Undecodable where the last chunk is missing or one is broken, and
    for transfer codings that nobody uses.
    """
    codings = [name for name in _split(coding) if name not in ("", "identity")]
    if any(name != "chunked" for name in codings):
        raise Undecodable(f"the transfer coding {coding!r} is not known")
    if not codings or not _CHUNK.match(body):
        return body
    parts: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(parts)
        start, at = chunk.end(), chunk.end() + size
        end = _END_OF_CHUNK.match(body, at)
        if end is None:
            break
        parts.append(body[start:at])
        at = end.end()
    raise Undecodable(f"the chunks of the body break off or do not fit at byte {at}")


def undo_codings(body: bytes, coding: str, most: int) -> bytes:
    """Return the body without its Content-Encoding: `most` bytes or fewer, `most` also of what has more.

    What is markup already, whatever is said of gzip, is returned as it is. Raises Undecodable.
    """
    codings = [name for name in _split(coding) if name not in ("", "identity")]
    if len(codings) > _MOST_CODINGS:
        raise Undecodable(f"{len(codings)} content codings, at most {_MOST_CODINGS}")
    for name in reversed(codings):
        if name in _GZIP:
            body = body if _MARKUP.match(body) else _inflate(body, name, most)
        elif name in ("br", "zstd"):
            body = _read(body, name, most)
        else:
            raise Undecodable(f"the content coding {name!r} is not known")
    return body[:most]


def _split(coding: str) -> list[str]:
    return [name.strip().lower() for name in coding.split(",")]


def _inflate(body: bytes, name: str, most: int) -> bytes:
    # Some servers mean by deflate the bare stream, without the frame of zlib (RFC 1950).
    for bits in (47, -15) if name == "deflate" else (47,):
        try:
            return _inflate_as(body, bits, most)
        except zlib.error as error:
            trouble = Undecodable(f"the body is no {name}: {error}")
    raise trouble


def _inflate_as(body: bytes, bits: int, most: int) -> bytes:
    content = b""
    for _ in range(_MOST_MEMBERS):
        unpack = zlib.decompressobj(wbits=bits)
        content += unpack.decompress(body, most - len(content))
        if len(content) >= most:
            return content
        if not unpack.eof:
            raise Undecodable("the packed body breaks off")
        # Of more than one member all are the body; anything else behind it is noise, as browsers see it.
        body = unpack.unused_data
        if bits < 0 or not body.startswith(b"\x1f\x8b"):
            return content
    raise Undecodable(f"more than {_MOST_MEMBERS} members of gzip")


def _read(body: bytes, name: str, most: int) -> bytes:
    reader = BrotliReader(BytesIO(body)) if name == "br" else ZstdReader(BytesIO(body))
    parts, missing = [], most
    try:
        while missing > 0 and (piece := reader.read(min(_PIECE, missing))):
            parts.append(piece)
            missing -= len(piece)
    except OSError as error:
        raise Undecodable(f"the body is no {name}: {error}") from None
    return b"".join(parts)
