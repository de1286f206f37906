"""Repeats: paragraphs that stand in one article twice."""

from collections import Counter
from collections.abc import Sequence

from streams.fold import fold
from streams.sentence import ends_closed

_PROSE = 80  # characters: shorter lines come back on purpose (refrains, sub-heads, questions)
_NEXT = 40  # … and shorter ones still where the same line follows at once
_OPENING = 8  # lines among which a page shows its lede a second time
_LEDE = 50
_MOST = 2  # more of them, none beside another, are the form of a list


def find_repeats(lines: Sequence[str]) -> dict[int, str]:
    """Return the index of each line that says again what another says: `lede` or `repeat`.

    The first of two equal paragraphs stays. Of a lede and its shortened form (cut with an ellipsis,
    or without the dateline) the longer one stays. What an article says three times is its form.
    """
    keys = [fold(line) if len(line) >= _NEXT else "" for line in lines]
    counts = Counter(keys)
    repeats: dict[int, str] = {}
    first: dict[str, int] = {}
    for i, (line, key) in enumerate(zip(lines, keys, strict=True)):
        if not key:
            continue
        adjacent = i > 0 and keys[i - 1] == key
        if key in first and (adjacent or (len(line) >= _PROSE and counts[key] == 2 and ends_closed(line))):
            repeats[i] = (
                "lede" if first[key] == min(first.values()) and first[key] < _OPENING // 2 else "repeat"
            )
        first.setdefault(key, i)
    if len(repeats) > _MOST and not _runs(repeats):
        repeats = {i: kind for i, kind in repeats.items() if kind == "lede"}
    return repeats | _shortened_ledes(lines[:_OPENING], repeats)


def _runs(repeats: dict[int, str]) -> bool:
    """Tell whether the repeats follow each other, as where a page prints its article twice."""
    return sum(i + 1 in repeats for i in repeats) >= len(repeats) // 2


def _shortened_ledes(lines: Sequence[str], repeats: dict[int, str]) -> dict[int, str]:
    keys = [fold(line.rstrip(" .…[]()")) for line in lines]
    return {
        i: "lede"
        for i, key in enumerate(keys)
        if len(key) >= _LEDE
        and i not in repeats
        and any(
            len(key) < len(later) and (later.startswith(key + " ") or later.endswith(" " + key))
            for j, later in enumerate(keys[i + 1 :], i + 1)
            if j not in repeats
        )
    }
