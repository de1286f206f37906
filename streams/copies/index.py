"""The inverted index of fingerprints: which published articles share hashes with a text.

Postings stand in sorted runs that are merged when they reach each other's size (O'Neil et al. 1996,
"The Log-Structured Merge-Tree"), behind a small dict of the newest. The index is built from the rows
and holds nothing that they don't.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.copies.postings import LOW, SHIFT, Run

_HOT = 512  # articles in the dict before they become a run
# A key in more articles than this is boilerplate or a template's frame: it tells nothing.
_COMMON = 50


@dataclass(frozen=True, slots=True)
class Keys:
    """What an article is found under: a hash of its whole text, and the smallest of its fingerprint.

    Every gram whose hash is under `complete_below` is among the sorted `hashes`.
    """

    whole: int
    hashes: NDArray[np.uint32]
    complete_below: int


class Index:
    """Articles by the 32-bit keys they are found under; `day` is YYYY-MM-DD."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._hot: dict[int, list[int]] = {}
        self._hot_from = 0  # number of the first article that stands in the dict
        self._ids = bytearray()  # 16 bytes an article
        # Of each article: the day (20261122; 0: forgotten or discarded), up to where its hashes are
        # complete, and how many they are.
        self._days = np.zeros(1024, np.uint32)
        self._limits = np.zeros(1024, np.uint32)
        self._sizes = np.zeros(1024, np.uint16)
        self._count = 0
        self._before = 0

    def __len__(self) -> int:
        """Return the number of articles that can be found."""
        return int(np.count_nonzero(self._days[: self._count]))

    @property
    def nbytes(self) -> int:
        """Return the bytes that the frozen part takes."""
        tables = self._days.nbytes + self._limits.nbytes + self._sizes.nbytes + len(self._ids)
        return tables + sum(run.nbytes for run in self._runs)

    def add(self, article_id: str, day: str, keys: Keys) -> None:
        """Make an article findable under its keys; one older than what was forgotten is left out."""
        if _day_number(day) < self._before:
            return
        number = self._number(article_id, day, keys)
        for key in _spread(keys.hashes, keys.whole).tolist():
            self._hot.setdefault(key, []).append(number)
        if self._count - self._hot_from >= _HOT:
            self._freeze_hot()

    def extend(self, articles: Iterable[tuple[str, str, Keys]]) -> None:
        """Add many at once, (article_id, day, keys) each: ten times as fast."""
        self._freeze_hot()
        pending: list[NDArray[np.uint64]] = []
        for article_id, day, keys in articles:
            if _day_number(day) < self._before:
                continue
            number = self._number(article_id, day, keys)
            pending.append(_spread(keys.hashes, keys.whole) << SHIFT | np.uint64(number))
            if len(pending) == 64 * _HOT:
                self._freeze(np.concatenate(pending))
                pending.clear()
        if pending:
            self._freeze(np.concatenate(pending))
        self._hot_from = self._count

    def discard(self, article_id: str, keys: Keys) -> None:
        """Make an article that was added under these keys unfindable."""
        wanted = bytes.fromhex(article_id)
        for number in self._find(_spread(keys.hashes[:0], keys.whole))[0].tolist():
            if self._ids[16 * number : 16 * number + 16] == wanted:
                self._days[number] = 0

    def find_same(self, whole: int) -> list[str]:
        """Return the articles whose whole text has this hash."""
        return self._read_ids(self._find(_spread(np.zeros(0, np.uint32), whole))[0])

    def find_near(self, hashes: NDArray[np.uint32], complete_below: int, share: float) -> list[str]:
        """Return the articles one of which may hold this share of the text, or the text that of it.

        At least two hashes must be the same. Hashes that more than fifty articles have are not
        looked at. What was discarded or forgotten does not count among the fifty, so an index built
        anew from the rows answers the same.
        """
        numbers, counts, common = self._find(_spread(hashes), _COMMON)
        if not len(numbers):
            return []
        limits, sizes = self._limits[numbers], self._sizes[numbers]
        limit = np.minimum(limits, complete_below)
        of_text = np.searchsorted(hashes, limit)
        of_article = np.where(limits > complete_below, sizes * (complete_below / limits), sizes)
        fewer = np.maximum(1, np.minimum(of_text, of_article))
        # Two standard errors of a share near one half, so that hardly any is lost here.
        likely = (counts + common) / fewer >= share - 1 / np.sqrt(fewer)
        return self._read_ids(numbers[likely & (counts + common >= 2)])

    def _find(
        self, spread: NDArray[np.uint64], common: int | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Return living article numbers, the keys each has, and how many keys were too common."""
        most = 8 * common if common else self._count
        while True:
            which, numbers = self._look_up(spread, most)
            living = self._days[numbers] > 0
            if common is None:
                break
            alive = np.bincount(which[living], minlength=len(spread))
            cut = np.bincount(which, minlength=len(spread)) >= most
            if not (cut & (alive <= common)).any():
                living &= alive[which] <= common
                break
            most *= 8  # so many are discarded that what was looked at cannot tell
        left_out = int((alive > common).sum()) if common else 0
        found, counts = np.unique(numbers[living], return_counts=True)
        return found, counts, left_out

    def _read_ids(self, numbers: NDArray[np.int64]) -> list[str]:
        return [self._ids[16 * number : 16 * number + 16].hex() for number in numbers.tolist()]

    def forget(self, before: str) -> None:
        """Forget the articles of the days before this one, and give their memory back.

        Where that is less than a hundredth of all, it is given back another time.
        """
        self._before = max(self._before, _day_number(before))
        days = self._days[: self._count]
        kept = np.flatnonzero(days >= max(1, self._before))
        if len(kept) > 0.99 * self._count:
            days[days < self._before] = 0
            return
        self._freeze_hot()
        days[days < self._before] = 0
        renumbered = np.zeros(self._count, np.uint64)
        renumbered[kept] = np.arange(len(kept), dtype=np.uint64)
        runs = []
        for run in self._runs:
            numbers = (run.postings & LOW).astype(np.int64)
            alive = days[numbers] > 0
            # Numbers keep their order, so the run stays sorted.
            runs.append(run.postings[alive] >> SHIFT << SHIFT | renumbered[numbers[alive]])
        self._runs = [Run(postings) for postings in runs if len(postings)]
        self._ids = bytearray(np.frombuffer(bytes(self._ids), np.uint8).reshape(-1, 16)[kept].tobytes())
        self._days = days[kept].copy()
        self._limits, self._sizes = self._limits[kept].copy(), self._sizes[kept].copy()
        self._count = self._hot_from = len(kept)

    def _number(self, article_id: str, day: str, keys: Keys) -> int:
        number = self._count
        if number == len(self._days):
            more = max(1024, number // 8)
            self._days = np.append(self._days, np.zeros(more, np.uint32))
            self._limits = np.append(self._limits, np.zeros(more, np.uint32))
            self._sizes = np.append(self._sizes, np.zeros(more, np.uint16))
        self._days[number] = _day_number(day)
        self._limits[number] = keys.complete_below
        self._sizes[number] = len(keys.hashes)
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
        self._runs.append(Run(postings))


def _spread(hashes: NDArray[np.uint32], *whole: int) -> NDArray[np.uint64]:
    """Return the keys evenly spread: fingerprints keep the smallest hashes, which crowd low down.

    Hashes have 28 bits; what stands for a whole text has the highest bit, so the two never meet.
    """
    keys = np.append(hashes, np.array(whole, np.uint32) | np.uint32(1 << 31)) if whole else hashes
    return keys.astype(np.uint64) * np.uint64(0x9E3779B1) & LOW


def _day_number(day: str) -> int:
    return int(day.replace("-", ""))
