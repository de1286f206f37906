"""Width: texts and paragraphs whose lines were all wrapped at one width.

A line is full where the first word of the next one would not have fitted. In verse and lists the
lines are of all lengths; in wrapped text nearly every line that does not end a paragraph is full.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from streams.text.sentence import ends_closed, ends_sentence

VERSE = 40  # characters: verse, names and list items are shorter than what is wrapped
_WIDTHS = range(50, 133)
LONGEST = _WIDTHS.stop  # a longer line is no line of wrapped text but a paragraph
BULLET = re.compile(r"[-–—*•●▪■◆◦·#>]|[(\[]?[\d٠-٩۰-۹]{1,3}[.):\]–-]")
_LINES = 40  # of one wrapped paragraph
_SHORTER = 10  # characters by which its last line is


def find_full_lines(lines: Sequence[str]) -> list[bool]:
    """Return the breaks of a text wrapped at one width, empty where it is not."""
    width = max(map(len, lines), default=0)
    if width not in _WIDTHS or len(lines) < 5:
        return []
    full = [len(line) + 1 + _first_word(following) > width for line, following in pairwise(lines)]
    open_lines = [is_full for line, is_full in zip(lines, full, strict=False) if not ends_closed(line)]
    if len(open_lines) < max(3, len(lines) // 3) or sum(open_lines) < 0.9 * len(open_lines):
        return []
    return [
        is_full and not BULLET.match(following)
        for is_full, (_, following) in zip(full, pairwise(lines), strict=True)
    ]


def find_wrapped_paragraphs(lines: Sequence[str]) -> list[int]:
    """Return the breaks of each paragraph that is wrapped at a width of its own.

    All its lines but the last are full, two of them at least stop inside a sentence, and the last
    one ends it.
    """
    found: list[int] = []
    start = 0
    while start < len(lines) - 2:
        end = _paragraph_end(lines, start)
        if end:
            found += range(start, end)
        start = (end or start) + 1
    return found


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    """Return where the wrapped paragraph ends that begins at `start`, 0 where none does."""
    width = is_open = 0
    for i in range(start, min(start + _LINES, len(lines) - 1)):
        line = lines[i]
        if not VERSE < len(line) < LONGEST:
            return 0
        width = max(width, len(line))
        is_open += not ends_closed(line)
        last = lines[i + 1]
        if ends_sentence(last) and len(last) < width - _SHORTER:
            paragraph = lines[start : i + 2]
            full = all(len(line) + 1 + _first_word(below) > width for line, below in pairwise(paragraph))
            return i + 1 if full and is_open > 1 else 0
    return 0


def _first_word(line: str) -> int:
    space = line.find(" ")
    return space if space >= 0 else len(line)
