"""Postings in order: which article numbers stand under a key, looked up many keys at a time."""

import numpy as np
from numpy.typing import NDArray

SHIFT = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


class Run:
    """Postings (key in the upper half, article number in the lower) in order, with a directory.

    A binary search of ten million postings misses the cache at each step; the directory finds the
    bucket of a key by its upper bits in one. Keys must be spread evenly for that.
    """

    def __init__(self, postings: NDArray[np.uint64]) -> None:
        """`postings` are sorted, and not written to afterwards."""
        self.postings = postings
        bits = max(1, (len(postings) // 8).bit_length())
        self._shift = np.uint64(64 - bits)
        counts = np.bincount((postings >> self._shift).astype(np.int64), minlength=1 << bits)
        self._starts = np.zeros((1 << bits) + 1, np.uint32)
        np.cumsum(counts, out=self._starts[1:])

    @property
    def nbytes(self) -> int:
        return self.postings.nbytes + self._starts.nbytes

    def look_up(self, keys: NDArray[np.uint64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (position in `keys`, article number) of each posting, the newest `most` of a key."""
        buckets = (keys << SHIFT >> self._shift).astype(np.int64)
        low = self._starts[buckets].astype(np.int64)
        lengths = self._starts[buckets + 1] - low
        for at in np.flatnonzero(lengths > most).tolist():  # a crowd in it: its own range alone, and cut
            start = int(self.postings.searchsorted(keys[at] << SHIFT))
            end = int(self.postings.searchsorted(keys[at] << SHIFT | LOW, "right"))
            low[at], lengths[at] = max(start, end - most), min(end - start, most)
        which = np.repeat(np.arange(len(keys)), lengths)
        place = np.arange(len(which)) + np.repeat(low - np.cumsum(lengths) + lengths, lengths)
        postings = self.postings[place]
        own = postings >> SHIFT == keys[which]
        return which[own], (postings[own] & LOW).astype(np.int64)
