"""Fingerprints: a sample of a text's word 5-grams by which the share of one text in another is estimated.

The smallest hashes of the 5-grams are kept (bottom-k sampling, Broder 1997), with the value below which
the sample is complete. Two samples are compared below the lower of the two values, where both are
complete; that gives the containment of either text in the other, which Jaccard cannot tell for texts
of unlike length (FracMinHash: Irber et al. 2022).
"""

import base64
import re
import struct
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from streams.copies.tokens import divide
from streams.fold import fold

VERSION = "f1"

_GRAM = 5  # words: longer ones lose edited copies, shorter ones take templates for copies
# Up to as many grams, thus for most news, the shares are exact. With 128, which were enough to find
# copies, one verdict in ten near the line was wrong.
_KEPT = 768
_KEPT_NUMBERS = 64
_BITS = 28  # of a hash: a million articles with 128 each meet by chance twice a hash at most
_SEED = 0x6E616261  # "naba"; another seed is another VERSION
# 209,020 and 209.020 and ٢٠٩٠٢٠ are one: desks write a number in more ways than they round it.
_NUMBER = re.compile(r"\d{1,18}(?:[.,٬٫’']\d{1,18}){0,6}")
_SEPARATOR = re.compile(r"\D")
_HEAD = struct.Struct("<HBI")  # number of hashes, number of numbers, `complete_below`

_POWERS = np.array([0x9E3779B97F4A7C15**power % (1 << 64) for power in range(_GRAM)], np.uint64)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A fingerprint read back.

    `hashes` are sorted and distinct; every 5-gram whose hash is under `complete_below` is among
    them. `numbers` are hashes (16 bits) of the distinct numbers of the text, at most 64.
    """

    hashes: NDArray[np.uint32]
    complete_below: int
    numbers: NDArray[np.uint16]


def fingerprint(text: str) -> str:
    """Return the fingerprint of a text: `f1:` and base64, under 4 characters a word, 2.8 KB at most.

    Grams are of words, of characters in scripts without spaces. A text of fewer than five words is
    one gram; one without any word has none.
    """
    tokens = divide(fold(text))
    hashes = np.unique(_hash_grams(tokens))
    complete_below = int(hashes[_KEPT]) if len(hashes) > _KEPT else 1 << _BITS
    values = {int(_SEPARATOR.sub("", number)) for number in _NUMBER.findall(text)}
    numbers = sorted({xxhash.xxh32_intdigest(b"%d" % value, _SEED) >> 16 for value in values})
    kept = hashes[:_KEPT]
    kept_numbers = np.array(numbers[:_KEPT_NUMBERS], "<u2")
    data = _HEAD.pack(len(kept), len(kept_numbers), complete_below) + kept_numbers.tobytes() + _pack(kept)
    return f"{VERSION}:{base64.b64encode(data).decode()}"


def read_fingerprint(written: str) -> Sketch:
    """Return the sketch that `fingerprint` wrote. Raises ValueError where it is none of this version."""
    version, _, coded = written.partition(":")
    if version != VERSION:
        raise ValueError(f"fingerprint of version {version!r}, not {VERSION!r}")
    data = base64.b64decode(coded, validate=True)
    if len(data) < _HEAD.size:
        raise ValueError("fingerprint cut short")
    hashes, numbers, complete_below = _HEAD.unpack_from(data)
    end = _HEAD.size + 2 * numbers
    return Sketch(
        hashes=_unpack(data[end:], hashes),
        complete_below=complete_below,
        numbers=np.frombuffer(data[_HEAD.size : end], "<u2").astype(np.uint16, copy=False),
    )


def _low_bits(count: int) -> int:
    return _BITS - count.bit_length() if count else _BITS


def _pack(hashes: NDArray[np.uint32]) -> bytes:
    """Return sorted hashes in Elias-Fano form: lower bits as they are, upper bits as steps of a staircase."""
    if not len(hashes):
        return b""
    low = _low_bits(len(hashes))
    lower = np.unpackbits(hashes.astype(">u4").view(np.uint8)).reshape(-1, 32)[:, 32 - low :]
    stairs = np.zeros(len(hashes) + (1 << (_BITS - low)), np.uint8)
    stairs[(hashes >> np.uint32(low)) + np.arange(len(hashes))] = 1
    return np.packbits(np.concatenate((lower.ravel(), stairs))).tobytes()


def _unpack(data: bytes, count: int) -> NDArray[np.uint32]:
    if not count:
        return np.zeros(0, np.uint32)
    low = _low_bits(count)
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    steps = np.flatnonzero(bits[count * low :])
    if len(bits) < count * low or len(steps) != count:
        raise ValueError("fingerprint cut short")
    lower = np.zeros((count, 32), np.uint8)
    lower[:, 32 - low :] = bits[: count * low].reshape(count, low)
    upper = (steps - np.arange(count)).astype(np.uint32) << np.uint32(low)
    hashes: NDArray[np.uint32] = upper | np.packbits(lower).view(">u4")
    return hashes


def containment(a: Sketch, b: Sketch) -> tuple[float, float]:
    """Return the estimated share of a in b, and of b in a."""
    shared, of_a, of_b = count_shared(a, b)
    return (shared / of_a if of_a else 0.0, shared / of_b if of_b else 0.0)


def count_shared(a: Sketch, b: Sketch) -> tuple[int, int, int]:
    """Return how many hashes both have, a has, and b has, where both samples are complete."""
    limit = min(a.complete_below, b.complete_below)
    of_a = a.hashes[: int(np.searchsorted(a.hashes, limit))]
    of_b = b.hashes[: int(np.searchsorted(b.hashes, limit))]
    return _count_common(of_a, of_b), len(of_a), len(of_b)


def share_of_numbers(a: Sketch, b: Sketch) -> float | None:
    """Return the share of the smaller set of numbers that the other has; None under four in either."""
    if min(len(a.numbers), len(b.numbers)) < 4:
        return None
    limit = min(
        int(a.numbers[-1]) if len(a.numbers) == _KEPT_NUMBERS else 1 << 16,
        int(b.numbers[-1]) if len(b.numbers) == _KEPT_NUMBERS else 1 << 16,
    )
    of_a, of_b = a.numbers[a.numbers <= limit], b.numbers[b.numbers <= limit]
    return _count_common(of_a, of_b) / max(1, min(len(of_a), len(of_b)))


def _count_common(
    a: NDArray[np.uint32] | NDArray[np.uint16], b: NDArray[np.uint32] | NDArray[np.uint16]
) -> int:
    both = np.concatenate((a, b))
    both.sort(kind="stable")  # which merges what is sorted already
    return int((both[1:] == both[:-1]).sum())


def _hash_grams(tokens: list[str]) -> NDArray[np.uint32]:
    if not tokens:
        return np.zeros(0, np.uint32)
    words = np.array([xxhash.xxh64_intdigest(token.encode(), _SEED) for token in tokens], np.uint64)
    if len(words) < _GRAM:
        words = np.concatenate((words, np.zeros(_GRAM - len(words), np.uint64)))
    grams = np.zeros(len(words) - _GRAM + 1, np.uint64)
    for at, power in enumerate(_POWERS):
        grams += words[at : len(words) - _GRAM + 1 + at] * power
    # The finalizer of MurmurHash3: without it the sum of products is far from uniform.
    grams ^= grams >> np.uint64(33)
    grams *= np.uint64(0xFF51AFD7ED558CCD)
    grams ^= grams >> np.uint64(33)
    return (grams >> np.uint64(64 - _BITS)).astype(np.uint32)
