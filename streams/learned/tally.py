"""Counts of the lines that a host has shown at least twice, in fixed memory."""

from array import array
from dataclasses import dataclass, field

SETS, WAYS = 64, 8  # 512 lines; each has eight slots to be in and drives out the one unseen longest
SIZE = SETS * WAYS


def make_zeros(code: str, length: int) -> "array[int]":
    """Return an array of zeros of that type code."""
    return array(code, bytes(array(code).itemsize * length))


@dataclass(slots=True)
class Tallies:
    """For each slot: a key, the articles in which it stood by place, and when it was seen.

    `counts` holds head, middle and tail of a slot beside each other, `marks` all that was ever
    told of its line. Pages are numbers of this
    host's pages, `first_seq` is the delivery that opened the slot.
    """

    keys: "array[int]" = field(default_factory=lambda: make_zeros("q", SIZE))
    counts: "array[int]" = field(default_factory=lambda: make_zeros("H", 3 * SIZE))
    marks: "array[int]" = field(default_factory=lambda: make_zeros("B", SIZE))
    first_page: "array[int]" = field(default_factory=lambda: make_zeros("I", SIZE))
    last_page: "array[int]" = field(default_factory=lambda: make_zeros("I", SIZE))
    first_seq: "array[int]" = field(default_factory=lambda: make_zeros("q", SIZE))

    def find(self, key: int) -> int:
        """Return the slot that counts the key, -1 where none does."""
        base = key % SETS * WAYS
        try:
            return self.keys.index(key, base, base + WAYS)
        except ValueError:
            return -1

    def open(self, key: int, page: int, seq: int) -> int:
        """Return a slot for a key that has none, all counts zero."""
        base = key % SETS * WAYS
        slot = min(range(base, base + WAYS), key=self.last_page.__getitem__)
        self.close(slot)
        self.keys[slot], self.first_page[slot], self.first_seq[slot] = key, page, seq
        return slot

    def add(self, slot: int, place: int, mark: int, page: int) -> None:
        """Count one article in which the line stood at that place."""
        self.marks[slot] |= mark
        at = 3 * slot + place
        self.counts[at] = min(self.counts[at] + 1, 0xFFFF)
        self.last_page[slot] = page

    def counts_of(self, slot: int) -> list[int]:
        """Return in how many articles the line of the slot stood at head, middle and tail."""
        return self.counts[3 * slot : 3 * slot + 3].tolist()

    def close(self, slot: int) -> None:
        """Empty the slot."""
        self.keys[slot] = self.last_page[slot] = self.marks[slot] = 0
        self.counts[3 * slot : 3 * slot + 3] = array("H", (0, 0, 0))
