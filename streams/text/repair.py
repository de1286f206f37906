"""Repair: the characters of a text put right, its words and spelling left alone.

Stored text is NFC (Unicode Annex 15), not NFKC: what folds letters together belongs in comparison
keys. Nothing is guessed, mojibake included.
"""

import re
import unicodedata
from dataclasses import replace

from streams.draft import Draft, Metadata

# CR LF, and what the Unicode newline guidelines (chapter 5.8) count as the end of a line.
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACE = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Controls, byte order marks, soft hyphens, embedded objects, and the embeddings, overrides and
# isolates that can turn a text around. U+200C and U+200D shape words; U+200E, U+200F and U+061C
# only settle on which side a neighbour stands: they all stay.
_DROPPED = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]"
)
_BROKEN = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_ZERO_WIDTH_SPACE = "\u200b"
_WRITTEN_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
# Presentation forms but for the word ligatures (ﷲ ﷺ ﷻ ﷼ ﷽), which are signs of their own.
_PRESENTATION = re.compile("[\ufb50-\ufdf1\ufdf3-\ufdf9\ufe70-\ufefc]")
_SPACES = re.compile(" {2,}")
# All of the above: one look for what most texts have none of.
_ODD = re.compile(
    "[\x00-\t\x0b-\x1f\x7f-\xa0\xad\u1680\u2000-\u200b\u2028-\u202f\u205f-\u2069\u3000\ud800-\udfff"
    "\ufb50-\ufdff\ufe70-\ufeff\ufff9-\uffff]|  "
)
_EDGE = " \u200e\u200f\u061c"
_MARKS_KEPT = 30


def repair_text(text: str) -> str:
    r"""Return the text in NFC with plain spaces, no controls, and `\n` as its only line end.

    Lines are stripped and runs of spaces collapsed. U+0000 and lone surrogates become U+FFFD.
    Arabic presentation forms become their letters; tatweel, harakat, hamza and digits stay.
    Applying it twice changes nothing.
    """
    if _ODD.search(text):
        text = _repair_characters(text)
    if not text.isascii():
        text = _compose(text)
    return "\n".join(line.strip(_EDGE) for line in text.split("\n")) if "\n" in text else text.strip(_EDGE)


def _repair_characters(text: str) -> str:
    text = _SPACE.sub(" ", _LINE_END.sub("\n", text))
    text = _BROKEN.sub("\ufffd", _DROPPED.sub("", text))
    if _ZERO_WIDTH_SPACE in text and not _WRITTEN_WITHOUT_SPACES.search(text):
        text = text.replace(_ZERO_WIDTH_SPACE, "")
    return _SPACES.sub(" ", _PRESENTATION.sub(_base_letters, text))


def repair(draft: Draft) -> Draft:
    """Return the draft with every text in it repaired; empty lines are gone."""
    return replace(
        draft,
        title=_one_line(draft.title),
        kicker=_one_line(draft.kicker),
        lines=_lines(draft.lines),
        captions=_lines(draft.captions),
        authors=_one_liners(draft.authors),
        metadata=_repair_metadata(draft.metadata),
    )


def _repair_metadata(metadata: Metadata) -> Metadata:
    return replace(
        metadata,
        title=_one_line(metadata.title),
        kicker=_one_line(metadata.kicker),
        authors=_one_liners(metadata.authors),
        publisher=_one_line(metadata.publisher),
        section=_one_line(metadata.section),
        tags=_one_liners(metadata.tags),
    )


def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for text in texts for line in repair_text(text).split("\n") if line)


def _one_line(text: str | None) -> str | None:
    if text is None:
        return None
    return " ".join(filter(None, repair_text(text).split("\n"))) or None


def _one_liners(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for text in texts if (line := _one_line(text)))


def _base_letters(form: re.Match[str]) -> str:
    letters = unicodedata.normalize("NFKC", form[0])
    # A mark on its own decomposes to a space or a tatweel that carries it; its word is at hand.
    if len(letters) > 1 and letters[0] in " ـ" and unicodedata.combining(letters[1]):
        return letters[1:]
    return letters


def _compose(text: str) -> str:
    """Return the text in NFC, no run of marks longer than that of the stream-safe format.

    Ordering a run of marks takes quadratic time; no language needs more than a few (Annex 15 §13).
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    if not any(map(unicodedata.combining, text)):
        return unicodedata.normalize("NFC", text)
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MARKS_KEPT:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))
