"""Unpacking: what servers send, whole and in pieces, and what is built to cost us."""

import gzip
import time
import zlib

import pytest

from connectors.fetching.page import FetchError
from connectors.fetching.unpack import Unpacker

TEXT = "The ferry waits for the tide. العبّارة تنتظر المدّ.\n".encode() * 400
_RAW = zlib.compressobj(wbits=-15)
PACKED = {
    "plain": ("", TEXT),
    "identity": ("identity", TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip in capitals": ("X-GZIP ", gzip.compress(TEXT)),
    "gzip of several members": ("gzip", gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:])),
    "gzip with an empty member": ("gzip", gzip.compress(b"") + gzip.compress(TEXT) + gzip.compress(b"")),
    "gzip with padding": ("gzip", gzip.compress(TEXT) + bytes(100)),
    "gzip with text behind it": ("gzip", gzip.compress(TEXT) + b"<!-- 3 ms -->"),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate without a header": ("deflate", _RAW.compress(TEXT) + _RAW.flush()),
}  # fmt: skip


def unpack(encoding: str, data: bytes, step: int) -> tuple[bytes, bool]:
    unpacker = Unpacker(encoding)
    parts = [
        piece for start in range(0, len(data), step) for piece in unpacker.unpack(data[start : start + step])
    ]
    return b"".join(parts), unpacker.broken_off


@pytest.mark.parametrize("step", [1, 7, 1000, 10_000_000])
@pytest.mark.parametrize(("encoding", "packed"), PACKED.values(), ids=PACKED)
def test_a_body_comes_out_whole_in_whatever_pieces_it_came(encoding: str, packed: bytes, step: int) -> None:
    assert unpack(encoding, packed, step) == (TEXT, False)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_breaks_off_is_told_from_a_whole_one(encoding: str) -> None:
    packed = PACKED[encoding][1]
    for end in range(1, len(packed), 13):
        assert unpack(encoding, packed[:end], 100)[1]


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", TEXT),
        ("gzip", zlib.compress(TEXT)),
        ("deflate", b"\xff\xff" + TEXT),
        ("gzip", gzip.compress(b"")[:10] + b"\x07" * 40),
        ("gzip", gzip.compress(TEXT)[:-8] + bytes(8)),
    ],
    ids=["no gzip", "another form", "no deflate", "broken within", "wrong checksum"],
)
def test_what_cannot_be_undone_is_said(encoding: str, data: bytes) -> None:
    with pytest.raises(FetchError) as raised:
        unpack(encoding, data, 1000)
    assert raised.value.cause == "encoding"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,br", "compress", "\x1b[31m"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(FetchError) as raised:
        Unpacker(encoding)
    assert raised.value.cause == "encoding"


def test_a_bomb_comes_out_in_pieces() -> None:
    bomb = zlib.compressobj(wbits=31)
    packed = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(32)) + bomb.flush()
    sizes = [len(piece) for piece in Unpacker("gzip").unpack(packed)]
    assert sum(sizes) == 32 << 20
    assert max(sizes) <= 256 * 1024


def test_a_body_of_nothing_but_members_costs_little() -> None:
    member = gzip.compress(b"")
    start = time.perf_counter()
    with pytest.raises(FetchError, match="members"):
        unpack("gzip", member * 250_000, 5_000_000)
    assert time.perf_counter() - start < 1.0
