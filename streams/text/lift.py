"""Lift: what stands in the text but is none of its paragraphs moves to a field of its own."""

import re
from dataclasses import replace

from schemas.article import Removal
from streams.draft import Draft
from streams.fold import fold
from streams.text.caption import is_caption
from streams.text.opening import OPENING, PROSE, SHORTEST, find_headline, is_dateline, is_kicker, read_byline
from streams.text.repair import repair_text
from streams.text.repeat import find_repeats
from streams.text.sentence import ends_sentence

_HEAD = 4  # lines among which a byline stands
_KICKER = 90  # characters that may stand before a headline in its own line
_SITE = re.compile(r"\s+[|–—-]\s+|\s*\|\s*")


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
        start = find_headline(lines)
        if start is None:
            return draft if draft.kicker == kicker else replace(draft, kicker=kicker)
        title = lines.pop(start)
        if start:
            kicker = kicker or lines[0]
            lines = lines[1:]
    keys = _title_keys(title)
    longest = 2 * len(title) + SHORTEST
    removed: list[Removal] = []
    if lines and len(lines) > 1 and (above := _kicker_before(title, lines[0])):
        removed.append(Removal(text=lines.pop(0), kind="repeat", rule="lift.headline@1"))
        kicker = kicker or above
    for i, line in reversed(list(enumerate(lines[:OPENING]))):
        if len(lines) > 1 and len(line) <= longest and fold(line) in keys and _stands_alone(lines, i):
            removed.insert(0, Removal(text=lines.pop(i), kind="repeat", rule="lift.headline@1"))
            if i == 1 and is_kicker(lines[0]) and len(lines) > 1 and kicker is None:
                kicker = lines.pop(0)
    return replace(draft, title=title, kicker=kicker, lines=tuple(lines), removed=(*draft.removed, *removed))


def _kicker_before(title: str, line: str) -> str | None:
    """Return what stands before the title in a line that runs kicker and headline together."""
    if len(line) - len(title) > _KICKER or len(title) < SHORTEST or not line.endswith(title):
        return None
    above = line[: -len(title)].strip(" :|–—-")
    return above if above and not is_dateline(above) else None


def _stands_alone(lines: list[str], i: int) -> bool:
    """Tell whether a line is a headline and not the verse that a poem has its title from."""
    below = lines[i + 1 : i + (5 if i == 0 else 2)]
    return any(len(line) >= PROSE or is_caption(line) or (i == 0 and ends_sentence(line)) for line in below)


def _title_keys(title: str) -> frozenset[str]:
    """Return the comparison forms of a title, with and without the site's name beside it."""
    keys = {fold(title)}
    parts = [fold(part) for part in _SITE.split(title)]
    keys |= {part for part in parts if len(part.split()) >= 4 and 2 * len(part) > len(title)}
    return frozenset(filter(None, keys))


def _lift_byline(draft: Draft) -> Draft:
    """Move the names of a line that says `by` to the authors, where it says nothing else."""
    for i, line in enumerate(draft.lines[:_HEAD]):
        names = read_byline(line)
        if names and len(draft.lines) > 1:
            known = {fold(author) for author in draft.authors}
            authors = draft.authors + tuple(name for name in names if fold(name) not in known)
            return replace(draft, authors=authors, lines=draft.lines[:i] + draft.lines[i + 1 :])
    return draft


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
