"""The inverted index of fingerprints: which published articles share hashes with a text.

Postings stand in sorted runs that are merged when they reach each other's size (O'Neil et al. 1996,
"The Log-Structured Merge-Tree"), behind a small dict of the newest. The index is built from the rows
and holds nothing that they don't.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32]

_HOT = 512  # articles in the dict before they become a run
# A key in more articles than this is boilerplate or a template's frame: it tells nothing.
_COMMON = 50
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)


class _Run:
    """Postings (key in the upper half, article number in the lower) in order, with a directory.

    A binary search of ten million postings misses the cache at each step; the directory finds the
    bucket of a key by its upper bits in one. Keys must be spread evenly for that.
    """

    def __init__(self, postings: NDArray[np.uint64]) -> None:
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
        buckets = (keys << _SHIFT >> self._shift).astype(np.int64)
        low = self._starts[buckets].astype(np.int64)
        lengths = self._starts[buckets + 1] - low
        for at in np.flatnonzero(lengths > most).tolist():  # a crowd in it: its own range alone, and cut
            start, end = self.postings.searchsorted(np.array([keys[at], keys[at] + _ONE]) << _SHIFT)
            low[at], lengths[at] = max(start, end - most), min(end - start, most)
        which = np.repeat(np.arange(len(keys)), lengths)
        place = np.arange(len(which)) + np.repeat(low - np.cumsum(lengths) + lengths, lengths)
        postings = self.postings[place]
        own = postings >> _SHIFT == keys[which]
        return which[own], (postings[own] & _LOW).astype(np.int64)


class Index:
    """Articles by the 32-bit keys they are found under; `day` is YYYY-MM-DD."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._hot: dict[int, list[int]] = {}
        self._hot_from = 0  # number of the first article that stands in the dict
        self._ids = bytearray()  # 16 bytes an article
        self._days = np.zeros(1024, np.uint32)  # 20261122; 0: forgotten or discarded
        self._count = 0
        self._before = 0

    def __len__(self) -> int:
        """Return the number of articles that can be found."""
        return int(np.count_nonzero(self._days[: self._count]))

    @property
    def nbytes(self) -> int:
        """Return the bytes that the frozen part takes."""
        return sum(run.nbytes for run in self._runs) + len(self._ids) + self._days.nbytes

    def add(self, article_id: str, day: str, keys: Keys) -> None:
        """Make an article findable under its keys; one older than what was forgotten is left out."""
        if _day_number(day) < self._before or not len(keys):
            return
        number = self._number(article_id, day)
        for key in _spread(keys).tolist():
            self._hot.setdefault(key, []).append(number)
        if self._count - self._hot_from >= _HOT:
            self._freeze_hot()

    def extend(self, articles: Iterable[tuple[str, str, Keys]]) -> None:
        """Add many at once, (article_id, day, keys) each: ten times as fast."""
        self._freeze_hot()
        pending: list[NDArray[np.uint64]] = []
        for article_id, day, keys in articles:
            if _day_number(day) < self._before or not len(keys):
                continue
            number = self._number(article_id, day)
            pending.append(_spread(keys) << _SHIFT | np.uint64(number))
            if len(pending) == 64 * _HOT:
                self._freeze(np.concatenate(pending))
                pending.clear()
        if pending:
            self._freeze(np.concatenate(pending))
        self._hot_from = self._count

    def discard(self, article_id: str, keys: Keys) -> None:
        """Make an article that was added under these keys unfindable."""
        wanted = bytes.fromhex(article_id)
        for number in np.unique(self._look_up(_spread(keys), self._count)[1]).tolist():
            if self._ids[16 * number : 16 * number + 16] == wanted:
                self._days[number] = 0

    def find(self, keys: Keys, shared: int) -> dict[str, int]:
        """Return the articles that have at least `shared` of these keys, and how many they have.

        Keys that more than fifty articles have are not looked at, and as many fewer are asked for
        (but one at least). What was discarded or forgotten does not count among the fifty, so an
        index built anew from the rows answers the same.
        """
        spread, most = _spread(keys), 8 * _COMMON
        while True:
            which, numbers = self._look_up(spread, most)
            living = self._days[numbers] > 0
            alive = np.bincount(which[living], minlength=len(keys))
            cut = np.bincount(which, minlength=len(keys)) >= most
            if not (cut & (alive <= _COMMON)).any():
                break
            most *= 8  # so many are discarded that what was looked at cannot tell
        common = alive > _COMMON
        numbers, counts = np.unique(numbers[living & ~common[which]], return_counts=True)
        enough = counts >= max(1, shared - int(common.sum()))
        found: dict[str, int] = {}
        for number, count in zip(numbers[enough].tolist(), counts[enough].tolist(), strict=True):
            found[self._ids[16 * number : 16 * number + 16].hex()] = count
        return found

    def forget(self, before: str) -> None:
        """Forget the articles of the days before this one, and give their memory back."""
        self._before = max(self._before, _day_number(before))
        self._freeze_hot()
        days = self._days[: self._count]
        days[days < self._before] = 0
        kept = np.flatnonzero(days)
        renumbered = np.zeros(self._count, np.uint64)
        renumbered[kept] = np.arange(len(kept), dtype=np.uint64)
        runs = []
        for run in self._runs:
            numbers = (run.postings & _LOW).astype(np.int64)
            alive = days[numbers] > 0
            # Numbers keep their order, so the run stays sorted.
            runs.append(run.postings[alive] >> _SHIFT << _SHIFT | renumbered[numbers[alive]])
        self._runs = [_Run(postings) for postings in runs if len(postings)]
        self._ids = bytearray(np.frombuffer(bytes(self._ids), np.uint8).reshape(-1, 16)[kept].tobytes())
        self._days = days[kept].copy()
        self._count = self._hot_from = len(kept)

    def _number(self, article_id: str, day: str) -> int:
        number = self._count
        if number == len(self._days):
            self._days = np.concatenate((self._days, np.zeros(max(1024, number // 8), np.uint32)))
        self._days[number] = _day_number(day)
        self._ids += bytes.fromhex(article_id)
        self._count += 1
        return number

    def _look_up(self, keys: NDArray[np.uint64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = [run.look_up(keys, most) for run in self._runs]
        hot = [(at, self._hot[key]) for at, key in enumerate(keys.tolist()) if key in self._hot]
        which = np.array([at for at, numbers in hot for _ in numbers], np.int64)
        found.append((which, np.array([number for _, numbers in hot for number in numbers], np.int64)))
        return np.concatenate([at for at, _ in found]), np.concatenate([number for _, number in found])

    def _freeze_hot(self) -> None:
        if self._hot:
            postings = [key << 32 | number for key, numbers in self._hot.items() for number in numbers]
            self._freeze(np.array(postings, np.uint64))
            self._hot = {}
        self._hot_from = self._count

    def _freeze(self, postings: NDArray[np.uint64]) -> None:
        postings.sort()
        while self._runs and len(self._runs[-1].postings) < 2 * len(postings):
            postings = np.concatenate((self._runs.pop().postings, postings))
            postings.sort(kind="stable")  # which merges what is sorted already
        self._runs.append(_Run(postings))


def _spread(keys: Keys) -> NDArray[np.uint64]:
    """Return the keys evenly spread: fingerprints keep the smallest hashes, which crowd low down."""
    return keys.astype(np.uint64) * np.uint64(0x9E3779B1) & _LOW


def _day_number(day: str) -> int:
    return int(day.replace("-", ""))
