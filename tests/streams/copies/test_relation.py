import numpy as np
import pytest

from streams.copies.fingerprint import Sketch
from streams.copies.relation import relate


def sketch(first: int, last: int, numbers: range = range(0)) -> Sketch:
    """Return the sketch of a text whose grams are the numbers from `first` up to `last`."""
    return Sketch(np.arange(first, last, dtype=np.uint32), 1 << 28, np.array(numbers, np.uint16))


CASES = {
    "the same": (sketch(0, 100), sketch(0, 100), ("near_copy", 1, 1)),
    "like in length, mostly the same": (sketch(0, 100), sketch(30, 130), ("near_copy", 0.7, 0.7)),
    "a part of the other": (sketch(0, 50), sketch(0, 200), ("excerpt", 1, 0.25)),
    "the other is a part of it": (sketch(0, 200), sketch(0, 50), ("contains", 0.25, 1)),
    "half of one alone": (sketch(0, 100), sketch(50, 200), ("excerpt", 0.5, 0.3333)),
    "less than half of either": (sketch(0, 100), sketch(60, 160), None),
    "nothing in common": (sketch(0, 100), sketch(100, 200), None),
    "two common grams of two": (sketch(0, 2), sketch(0, 2), None),
    "other numbers in one template": (
        sketch(0, 100, range(5)),
        sketch(30, 130, range(4, 9)),
        ("same_template", 0.7, 0.7),
    ),
    "half of the numbers are the same": (
        sketch(0, 100, range(6)),
        sketch(30, 130, range(3, 9)),
        ("near_copy", 0.7, 0.7),
    ),
    "too few numbers to tell": (
        sketch(0, 100, range(3)),
        sketch(30, 130, range(5, 8)),
        ("near_copy", 0.7, 0.7),
    ),
    "no gram at all": (sketch(0, 0), sketch(0, 0), None),
}


@pytest.mark.parametrize(("this", "other", "expected"), CASES.values(), ids=CASES)
def test_texts_are_related_by_the_shares_of_either_in_the_other(
    this: Sketch, other: Sketch, expected: tuple[str, float, float] | None
) -> None:
    assert relate(this, other) == expected
