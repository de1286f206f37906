"""Opening: is a line at the head of a bare text its headline, kicker, byline or dateline?"""

import re

from streams.fold import fold
from streams.text.byline import split_names
from streams.text.caption import is_caption
from streams.text.sentence import ends_closed, ends_sentence

OPENING = 8  # lines among which a page shows its headline again
_HEADLINE = 160
_UNREPEATED = 120  # a headline that stands only once is believed up to this length
_QUESTION = 80
SHORTEST = 20
_UNSPACED = 15  # characters of a headline in a script without spaces
_KICKER = 45
_KICKER_WORDS = 6
PROSE = 80
_DATELINE = 80
_DATELINE_WORDS = 9
# Words that are nouns too (a report, books) need a colon or slash after them.
_BYLINE = re.compile(
    r"(?:(?:by|written by|story by|reported by|von|par|por|بقلم|به قلم)(?:\s*[:/|-]\s*|\s+)"
    r"|(?:كتبت?|كتبه|كتابة|تقرير|إعداد|اعداد|تحرير|نویسنده|گزارش|author|text|texte|texto)\s*[:/|]\s*)"
    r"(?P<names>.{3,80})",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}[ ./-]\S{1,12}[ ./-]{1,3}(?:19|20)\d\d|\d{1,2}:\d{2}|@|https?:|www\.")
# `Writer – City`, `City (Agency)`, `Writer, Writer _ Paper`: a dash with a word or three behind it.
_BETWEEN = re.compile(
    r"\s?[-–—ـ_|/]\s+(?:\S+\s?){1,3}$|\s[-–—ـ_|/]\s?(?:\S+\s?){1,3}$|\S:\s?(?:\S+\s?){1,2}$"
)
_BULLET = re.compile(r"[-–—*•●▪■◆◦·#>_=]|[\d٠-٩۰-۹]{1,3}[.)\]-]")


def find_headline(lines: list[str]) -> int | None:
    """Return where a text without title has its headline: in the first line, or below a kicker.

    A headline comes again, or it is a short line without a full stop over paragraphs that have one.
    """
    opening = [fold(line) if len(line) <= _HEADLINE else "" for line in lines[:OPENING]]
    for start, key in enumerate(opening):
        if start > 1 or (start == 1 and not is_kicker(lines[0])):
            break
        if (key.count(" ") >= 2 or len(key) >= _UNSPACED) and key in opening[start + 1 :]:
            return start
    prose = [line for line in lines[1:] if len(line) >= PROSE]
    if not prose or 2 * sum(map(ends_sentence, prose)) < len(prose):
        return None
    if is_kicker(lines[0]) and len(lines[0]) < len(lines[1]) and _is_headline(lines, 1):
        return 1
    return 0 if _is_headline(lines, 0) else None


def _is_headline(lines: list[str], i: int) -> bool:
    """Tell whether line `i` is a headline over a paragraph; a byline or dateline may stand between."""
    line = lines[i]
    words = line.split()
    below = next((below for below in lines[i + 1 : i + 5] if not is_dateline(below)), "")
    return (
        SHORTEST <= len(line) <= (_QUESTION if line[-1] in "؟?!" else _UNREPEATED)
        and len(words) >= 4
        and not line.endswith((".", "…", ":", "،", ",", "؛", ";", "۔"))
        and not _BULLET.match(line)
        and not is_dateline(line)
        and not is_caption(line)
        and len(below) >= max(PROSE, len(line))
        and ends_closed(below)
    )


def is_kicker(line: str) -> bool:
    return (
        3 <= len(line) <= _KICKER
        and len(line.split()) <= _KICKER_WORDS
        and not ends_sentence(line)
        and not line.endswith(("،", ","))
        and not _BULLET.match(line)
        and not is_dateline(line)
        and not is_caption(line)
    )


def is_dateline(line: str) -> bool:
    """Tell whether a line names a place, a time, an agency or a writer, and no more."""
    if len(line) > _DATELINE:
        return False
    if _TIME.search(line) or read_byline(line):
        return True
    return len(line.split()) <= _DATELINE_WORDS and bool(_BETWEEN.search(line))


def read_byline(line: str) -> tuple[str, ...]:
    match = _BYLINE.fullmatch(line)
    if match is None or ends_sentence(line):
        return ()
    names = split_names([match["names"]])
    return names if all(map(_is_name, names)) else ()


def _is_name(name: str) -> bool:
    words = name.split()
    if not 2 <= len(words) <= 5 or any(char.isdigit() for char in name):
        return False
    return not name[0].isascii() or sum(word[0].isupper() for word in words) >= 2
