"""Truncation: does the text stop in the middle of a sentence?"""

import re
from collections.abc import Sequence
from dataclasses import replace

from streams.draft import Draft
from streams.text.sentence import LEADING_WORDS, TERMINALS, ends_closed

_SENTENCE = 90  # characters: credits, list items, names and headlines are mostly shorter
_CREDIT = 32  # characters after the last full stop: an agency's or a writer's name
_CUT_MARK = re.compile(r"[\[(]\s?(?:…|\.\.\.)\s?[\])]$")
# An address, a telephone number, or a full stop that bidirectional text has moved (`.2014`).
_NO_SENTENCE = re.compile(r"(?:\S\.\S+|\S*[@#/]\S*|[+\d][\d ()/-]{4,}|\s\.\d+)$")
_LABEL = re.compile(r"\w: \w")  # credits: `Text: …, Photos: …`
_TAIL = 200


def mark_truncated(draft: Draft) -> Draft:
    """Return the draft with `truncated` set where its last line breaks off.

    A short line without a full stop (credit, list item, name) breaks off only where it ends with a
    comma or a word that leads on; a long one also where its sentences are otherwise ended.
    """
    return replace(draft, truncated=True) if draft.lines and breaks_off(draft.lines) else draft


def breaks_off(lines: Sequence[str]) -> bool:
    """Tell whether the last of the lines, which are a whole body, stops in the middle of a sentence."""
    last = lines[-1]
    if _CUT_MARK.search(last[-12:]) or _last_word(last.rstrip(" .…")) in LEADING_WORDS:
        return True
    if ends_closed(last) or last[-1] == ":" or _NO_SENTENCE.search(last[-_TAIL:]):
        return False
    if last[-1] in ",،、":
        return last.count(" ") > 1
    if len(last) < _SENTENCE or len(_LABEL.findall(last)) > 1:
        return False
    full_stop = max(map(last.rfind, TERMINALS))
    rest = last[full_stop + 1 :].lstrip() if full_stop >= 0 else last
    if full_stop >= 0 and (len(rest) <= _CREDIT or rest[0] in "*•"):
        return False
    prose = [line for line in lines[:-1] if len(line) >= _SENTENCE]
    return 2 * sum(map(ends_closed, prose)) >= len(prose)


def _last_word(line: str) -> str:
    words = line[-_TAIL:].split()
    return words[-1] if len(words) > 2 else ""
