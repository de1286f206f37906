"""Lift: what stands in the text but is none of its paragraphs moves to a field of its own."""

import re
from dataclasses import replace

from schemas.article import Removal
from streams.byline import split_names
from streams.caption import is_caption
from streams.draft import Draft
from streams.fold import fold
from streams.repair import repair_text
from streams.repeat import find_repeats
from streams.sentence import ends_closed, ends_sentence

_OPENING = 8  # lines among which a page shows its headline again
_HEAD = 4  # lines among which a byline stands
_HEADLINE = 160
_UNREPEATED = 120  # a headline that stands only once is believed up to this length
_QUESTION = 80
_SHORTEST = 20
_KICKER = 45
_KICKER_WORDS = 6
_PROSE = 80
_DATELINE = 80
_DATELINE_WORDS = 9
# Words that are nouns too (a report, books) need a colon or slash after them.
_BYLINE = re.compile(
    r"(?:(?:by|written by|story by|reported by|von|par|por|بقلم|به قلم)(?:\s*[:/|-]\s*|\s+)"
    r"|(?:كتبت?|كتبه|كتابة|تقرير|إعداد|اعداد|تحرير|نویسنده|گزارش|author|text|texte|texto)\s*[:/|]\s*)"
    r"(?P<names>.{3,80})",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s+[|–—-]\s+|\s*\|\s*")
_TIME = re.compile(r"\d{1,2}[ ./-]\S{1,12}[ ./-]{1,3}(?:19|20)\d\d|\d{1,2}:\d{2}|@|https?:|www\.")
# `Writer – City`, `City (Agency)`, `Writer, Writer _ Paper`: a dash with a word or three behind it.
_BETWEEN = re.compile(
    r"\s?[-–—ـ_|/]\s+(?:\S+\s?){1,3}$|\s[-–—ـ_|/]\s?(?:\S+\s?){1,3}$|\S:\s?(?:\S+\s?){1,2}$"
)
_BULLET = re.compile(r"[-–—*•●▪■◆◦·#>_=]|[\d٠-٩۰-۹]{1,3}[.)\]-]")


def lift(draft: Draft) -> Draft:
    """Return the draft with headline, kicker, captions and byline out of its lines.

    What repeats another line (the headline, the lede, a paragraph) goes into `removed`; what moves
    to a field of its own does not. No title is made of a sentence. The last line never goes.
    """
    draft = _lift_headline(draft)
    draft = _lift_byline(draft)
    draft = _lift_captions(draft)
    return _drop_repeats(draft)


def _lift_headline(draft: Draft) -> Draft:
    title = (
        draft.title or draft.metadata.title or (repair_text(draft.raw.title or "").replace("\n", " ") or None)
    )
    lines = list(draft.lines)
    kicker = draft.kicker or draft.metadata.kicker
    if title is None:
        start = _find_headline(lines)
        if start is None:
            return draft if draft.kicker == kicker else replace(draft, kicker=kicker)
        title = lines.pop(start)
        if start:
            kicker = kicker or lines[0]
            lines = lines[1:]
    keys = _title_keys(title)
    longest = 2 * len(title) + _SHORTEST
    removed: list[Removal] = []
    if lines and len(lines) > 1 and (above := _kicker_before(title, lines[0])):
        removed.append(Removal(text=lines.pop(0), kind="repeat", rule="lift.headline@1"))
        kicker = kicker or above
    for i, line in reversed(list(enumerate(lines[:_OPENING]))):
        if len(lines) > 1 and len(line) <= longest and fold(line) in keys and _stands_alone(lines, i):
            removed.insert(0, Removal(text=lines.pop(i), kind="repeat", rule="lift.headline@1"))
            if i == 1 and _is_kicker(lines[0]) and len(lines) > 1 and kicker is None:
                kicker = lines.pop(0)
    return replace(draft, title=title, kicker=kicker, lines=tuple(lines), removed=(*draft.removed, *removed))


def _kicker_before(title: str, line: str) -> str | None:
    """Return what stands before the title in a line that runs kicker and headline together."""
    if len(line) - len(title) > 2 * _KICKER or len(title) < _SHORTEST or not line.endswith(title):
        return None
    above = line[: -len(title)].strip(" :|–—-")
    return above if above and not _TIME.search(above) else None


def _stands_alone(lines: list[str], i: int) -> bool:
    """Tell whether a line is a headline and not the verse that a poem has its title from."""
    below = lines[i + 1 : i + (5 if i == 0 else 2)]
    return any(len(line) >= _PROSE or is_caption(line) or (i == 0 and ends_sentence(line)) for line in below)


def _title_keys(title: str) -> frozenset[str]:
    """Return the comparison forms of a title, with and without the site's name beside it."""
    keys = {fold(title)}
    parts = [fold(part) for part in _SITE.split(title)]
    keys |= {part for part in parts if len(part.split()) >= 4 and 2 * len(part) > len(title)}
    return frozenset(filter(None, keys))


def _find_headline(lines: list[str]) -> int | None:
    """Return where a text without title has its headline: in the first line, or below a kicker.

    A headline comes again, or it is a short line without a full stop over paragraphs that have one.
    """
    opening = [fold(line) for line in lines[:_OPENING]]
    for start, (line, key) in enumerate(zip(lines, opening, strict=False)):
        if start > 1 or (start == 1 and not _is_kicker(lines[0])):
            break
        if len(line) <= _HEADLINE and key.count(" ") >= 2 and key in opening[start + 1 :]:
            return start
    prose = [line for line in lines[1:] if len(line) >= _PROSE]
    if not prose or 2 * sum(map(ends_sentence, prose)) < len(prose):
        return None
    if _is_kicker(lines[0]) and len(lines[0]) < len(lines[1]) and _is_headline(lines, 1):
        return 1
    return 0 if _is_headline(lines, 0) else None


def _is_headline(lines: list[str], i: int) -> bool:
    """Tell whether line `i` is a headline over a paragraph; a byline or dateline may stand between."""
    line = lines[i]
    words = line.split()
    below = next((below for below in lines[i + 1 : i + 5] if not _is_dateline(below)), "")
    return (
        _SHORTEST <= len(line) <= (_QUESTION if line[-1] in "؟?!" else _UNREPEATED)
        and len(words) >= 4
        and not line.endswith((".", "…", ":", "،", ",", "؛", ";", "۔"))
        and not _BULLET.match(line)
        and not _is_dateline(line)
        and not is_caption(line)
        and len(below) >= max(_PROSE, len(line))
        and ends_closed(below)
    )


def _is_kicker(line: str) -> bool:
    return (
        3 <= len(line) <= _KICKER
        and len(line.split()) <= _KICKER_WORDS
        and not ends_sentence(line)
        and not line.endswith(("،", ","))
        and not _BULLET.match(line)
        and not _is_dateline(line)
        and not is_caption(line)
    )


def _is_dateline(line: str) -> bool:
    """Tell whether a line names a place, a time, an agency or a writer, and no more."""
    if len(line) > _DATELINE:
        return False
    if _TIME.search(line) or _read_byline(line):
        return True
    return len(line.split()) <= _DATELINE_WORDS and bool(_BETWEEN.search(line))


def _lift_byline(draft: Draft) -> Draft:
    """Move the names of a line that says `by` to the authors, where it says nothing else."""
    for i, line in enumerate(draft.lines[:_HEAD]):
        names = _read_byline(line)
        if names and len(draft.lines) > 1:
            known = {fold(author) for author in draft.authors}
            authors = draft.authors + tuple(name for name in names if fold(name) not in known)
            return replace(draft, authors=authors, lines=draft.lines[:i] + draft.lines[i + 1 :])
    return draft


def _read_byline(line: str) -> tuple[str, ...]:
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


def _lift_captions(draft: Draft) -> Draft:
    # A credit at the end of the last line is the article's own.
    found = {i for i, line in enumerate(draft.lines[:-1]) if is_caption(line)}
    if not found:
        return draft
    known = {fold(caption) for caption in draft.captions}
    captions = [draft.lines[i] for i in sorted(found) if fold(draft.lines[i]) not in known]
    return replace(
        draft,
        lines=tuple(line for i, line in enumerate(draft.lines) if i not in found),
        captions=(*draft.captions, *dict.fromkeys(captions)),
    )


def _drop_repeats(draft: Draft) -> Draft:
    repeats = find_repeats(draft.lines)
    if not repeats:
        return draft
    removed = [
        Removal(text=draft.lines[i], kind="repeat", rule=f"lift.{repeats[i]}@1") for i in sorted(repeats)
    ]
    lines = tuple(line for i, line in enumerate(draft.lines) if i not in repeats)
    return replace(draft, lines=lines, removed=(*draft.removed, *removed))
