"""Repeats: paragraphs that stand in one article twice."""

from collections import Counter
from collections.abc import Sequence

from streams.fold import fold
from streams.text.sentence import ends_closed

_PROSE = 80  # characters: shorter lines come back on purpose (refrains, sub-heads, questions)
_NEXT = 40  # … and shorter ones still where the same line follows at once
_LEDE = (50, 500)  # characters
_LEDE_WITHIN = 4  # lines
_DATELINE = 60
_MOST = 2  # more of them, none beside another, are the form of a list


def find_repeats(lines: Sequence[str]) -> dict[int, str]:
    """Return the index of each line that says again what another says: `lede` or `repeat`.

    The first of two equal paragraphs stays. Of a lede and its shortened form (cut with an ellipsis,
    or without the dateline) the longer one stays. What an article says three times is its form.
    """
    keys = _keys(lines)
    lede = next((i for i, line in enumerate(lines) if len(line) >= _PROSE), None)
    counts = Counter(keys)
    repeats: dict[int, str] = {}
    first: dict[str, int] = {}
    for i, (line, key) in enumerate(zip(lines, keys, strict=True)):
        if not key:
            continue
        adjacent = i > 0 and keys[i - 1] == key
        if key in first and (adjacent or (len(line) >= _PROSE and counts[key] == 2 and ends_closed(line))):
            repeats[i] = "lede" if first[key] == lede else "repeat"
        first.setdefault(key, i)
    if len(repeats) > _MOST and not _runs(repeats):
        repeats = {i: kind for i, kind in repeats.items() if kind == "lede"}
    for i in range(min(_LEDE_WITHIN, len(lines))):
        if i not in repeats and _is_shortened(
            lines[i], [lines[j] for j in range(i + 1, i + 4) if j < len(lines)]
        ):
            repeats[i] = "lede"
    return repeats


def _keys(lines: Sequence[str]) -> list[str]:
    """Return the comparison forms of the lines that may be repeats, by how they begin; else ""."""
    heads = [fold(line[:_NEXT])[: _NEXT // 2] if len(line) >= _NEXT else "" for line in lines]
    seen = Counter(heads)
    return [fold(line) if head and seen[head] > 1 else "" for line, head in zip(lines, heads, strict=True)]


def _runs(repeats: dict[int, str]) -> bool:
    """Tell whether the repeats follow each other, as where a page prints its article twice."""
    return sum(i + 1 in repeats for i in repeats) >= len(repeats) // 2


def _is_shortened(lede: str, following: Sequence[str]) -> bool:
    """Tell whether one of the lines below begins with the lede, a dateline before it or not."""
    if not _LEDE[0] <= len(lede) <= _LEDE[1]:
        return False
    probe = lede[10:30]  # cheap, and nearly always the answer
    key = ""
    for line in following:
        if len(line) > len(lede) - 4 and probe in line[: len(lede) + _DATELINE]:
            key = key or f" {fold(lede.rstrip(' .…[]()'))} "
            opening = f" {fold(line[: len(lede) + _DATELINE])} "
            if key in opening and len(opening) > len(key):
                return True
    return False
