"""Unwrap: hard-wrapped lines joined again, on strong evidence only.

Of the real lines that end without a full stop nearly all are complete (headings, list items, verse),
so a break is mended only where it cannot be the end of a paragraph, or where the whole text is
wrapped at one width.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from streams.draft import Draft
from streams.text.sentence import LEADING_WORDS, ends_closed, ends_sentence
from streams.text.width import BULLET, LONGEST, VERSE, find_full_lines, find_wrapped_paragraphs

_REMNANT_WORDS = 3
_LIST_AND = re.compile(r"[,;] (?:and|or|und|oder|et|ou|y|o|e)$")
_PAIRS = {"«": "»", "“": "”", "(": ")", "[": "]"}
_WRAPPED = 60
_HEAD = 3  # lines among which a headline and what belongs to it stand
_MOST = 30  # breaks that are looked up in the text, and its length: more is a list
_LONGEST_TEXT = 200_000
_MARKS = ".,;:!?\"'()[]“”«»،؛؟"


def unwrap(draft: Draft) -> Draft:
    """Return the draft with the pieces of wrapped paragraphs joined by a space.

    A hyphen at the end of a line stays, and nothing is put after it, but where the text elsewhere
    has the word in one piece.
    """
    lines = draft.lines
    broken = _breaks(lines)
    if not any(broken):
        return draft
    paragraphs = [[lines[0]]]
    for line, is_broken in zip(lines[1:], broken, strict=True):
        if is_broken:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    words = (
        _words(lines) if any(len(p) > 1 and any(map(_is_hyphenated, p)) for p in paragraphs) else frozenset()
    )
    return replace(draft, lines=tuple(_join(pieces, words) for pieces in paragraphs))


def _breaks(lines: Sequence[str]) -> list[bool]:
    """Return, for each line but the last, whether its paragraph goes on in the next one."""
    broken = find_full_lines(lines)
    if broken:
        return broken
    broken = [_goes_on(line, following) for line, following in pairwise(lines)]
    for i in (*_said_elsewhere(lines), *find_wrapped_paragraphs(lines), *_clauses(lines)):
        broken[i] = True
    # What is cut at one place was cut by a width: the lines above it, as long as it, were too.
    for i in range(len(broken) - 1, 0, -1):
        if broken[i] and lines[i + 1][0].isalnum() and _is_cut_alike(lines[i - 1], lines[i]):
            broken[i - 1] = True
    return broken


def _goes_on(line: str, following: str) -> bool:
    if ends_closed(line) or line[-1] in ":؛;" or BULLET.match(following):
        return False
    if _closes_quote(line, following):
        return True
    if len(line) < VERSE or BULLET.match(line):
        return False
    if _is_remnant(following):
        return line[-1] not in ",،"
    if len(following) < VERSE and not ends_closed(following):
        return False
    if line.rsplit(None, 1)[-1] in LEADING_WORDS:
        return True
    if _LIST_AND.search(line):
        return False
    return following[0].islower() and line[-1].islower() and ends_closed(following)


def _said_elsewhere(lines: Sequence[str]) -> list[int]:
    """Return the breaks whose two words stand side by side elsewhere in the text (`old | bridge`)."""
    candidates = [
        (i, f" {line.rsplit(None, 1)[-1]} {following.split(None, 1)[0].strip(_MARKS)}")
        for i, (line, following) in enumerate(pairwise(lines))
        if len(line) >= _WRAPPED and _may_go_on(line, following)
    ]
    if not candidates or len(candidates) > _MOST or sum(map(len, lines)) > _LONGEST_TEXT:
        return []
    text = "\n".join(lines)
    return [i for i, pair in candidates if min(map(len, pair.split())) > 2 and pair in text]


def _clauses(lines: Sequence[str]) -> list[int]:
    """Return the breaks after a line of more than one clause: a heading has no comma in it.

    Headlines do, so the first lines are left alone.
    """
    return [
        i
        for i, (line, following) in enumerate(pairwise(lines))
        if i >= _HEAD
        and _WRAPPED <= len(line) <= LONGEST
        and ("،" in line or "," in line)
        and ":" not in line
        and not _LIST_AND.search(line)
        and _may_go_on(line, following)
        and ends_sentence(following)
        and len(following) >= _WRAPPED
    ]


def _may_go_on(line: str, following: str) -> bool:
    return (
        not ends_closed(line)
        and line[-1] not in ":؛;،,"
        and len(following) >= VERSE
        and following[0] != "و"  # "and": how Arabic paragraphs begin
        and not following[0].isupper()
        and not BULLET.match(line)
        and not BULLET.match(following)
    )


def _closes_quote(line: str, following: str) -> bool:
    """Tell whether a quotation or bracket opens inside the line and closes inside the next one.

    One that opens with the line is a quoted paragraph or a verse of its own.
    """
    for opener, closer in _PAIRS.items():
        if opener == "“" and "„" in line + following:  # German closes with what English opens with
            continue
        start = line.rfind(opener)
        if start > 0 and start > line.rfind(closer) and len(following) >= VERSE:
            end = following.find(closer)
            if end > 0 and not 0 <= following.find(opener) < end:
                return True
    if line.count('"') % 2 and not line.startswith('"') and line[-1] != '"':
        end = following.find('"')
        opened = line.rfind('"')
        # The mark that opened stands before a word, the one that closes after one.
        return (
            line[opened - 1] in " (:،,"
            and line[opened + 1] != " "
            and end > 0
            and following[end - 1] != " "
            and following[end + 1 : end + 2] in ("", " ", ".", ",", "،", "؛", ")", ":", "؟", "!")
        )
    return False


def _is_remnant(line: str) -> bool:
    """Tell whether a line is the last word or two of a sentence, and no sentence itself."""
    return (
        line[-1] in ".۔。"
        and not line.endswith("..")
        and len(line) < VERSE
        and len(line.split()) <= _REMNANT_WORDS
        and not line[0].isupper()
    )


def _is_cut_alike(line: str, following: str) -> bool:
    return (
        VERSE <= len(line) <= LONGEST
        and abs(len(line) - len(following)) <= max(len(line), len(following)) // 10
        and not ends_closed(line)
        and line[-1] not in ":؛;"
        and not following[0].isupper()
        and not BULLET.match(following)
    )


def _is_hyphenated(line: str) -> bool:
    return len(line) > 2 and line[-1] in "-\u2010" and line[-2].isalpha()


def _words(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(word.strip(_MARKS).lower() for line in lines for word in line.split())


def _join(pieces: Sequence[str], words: frozenset[str]) -> str:
    joined = [pieces[0]]
    for piece in pieces[1:]:
        before = joined[-1]
        if _is_hyphenated(before) and piece[0].islower():
            whole = before.rsplit(None, 1)[-1][:-1] + piece.partition(" ")[0]
            if whole.strip(_MARKS).lower() in words:
                joined[-1] = before[:-1]
            joined.append(piece)
        else:
            joined.append(" " + piece)
    return "".join(joined)
