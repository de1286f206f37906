"""The comparison form of a text: what is left when spelling habits are folded away.

Only keys are made of it (repeated lines, copies, titles); stored text stays faithful. It follows
NFKC_Casefold (Unicode Standard 3.13), which also drops what is invisible (ZWNJ, soft hyphen,
bidirectional controls), and folds on: accents, harakat and Hebrew points go, digits of every script
are ASCII, and the letters that Arabic, Persian and Urdu newsrooms use for each other are one.
"""

import re
import unicodedata
from functools import lru_cache

import numpy as np

# ZWNJ goes without a space: the Persian compound with it and the joined one (which tools that
# delete ZWNJ leave behind) are the same text more often than the one in two words.
_VARIANTS = {
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
    "ة": "ه", "ۃ": "ه", "ء": "", "ـ": "", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
    "ʼ": " ", "ʻ": " ",
}  # fmt: skip

_LINE = 1_000  # characters
_UNKNOWN, _DROPPED, _LONGER = 0, 0xFFFF, 0x110000
# One entry a code point, worked out when first met (4 MB of address space; pages nobody writes in
# are never touched). str.translate does the same in fifteen times the time.
_table = np.zeros(0x110000, np.uint32)
_longer: dict[int, str] = {}

_KEPT_MARKS = "".join(c for c in map(chr, range(0x300, 0x1E950)) if 0 < unicodedata.combining(c) < 200)
_LONG_RUN = re.compile(f"([{_KEPT_MARKS}]{{30}})[{_KEPT_MARKS}]+")
_ASCII_FOLDED = bytes(c if chr(c).isalnum() else 32 for c in range(128)).lower() + b" " * 128


def fold(text: str) -> str:
    """Return the words of the comparison form, divided by one space.

    A word is a run of letters and digits with the marks that belong to them: the vowel signs of
    Indic and Thai scripts and the voicing marks of kana stay.
    """
    # Each stage folds the lines of a page again, one after the other: a memory of the last ones
    # makes it once, and what is bounded here is its size (a few MB, and two whole texts).
    return _fold_line(text) if len(text) <= _LINE else _fold_text(text)


@lru_cache(maxsize=2048)
def _fold_line(text: str) -> str:
    return _fold(text)


@lru_cache(maxsize=2)
def _fold_text(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if not text.isascii():
        text = _fold_characters(text)
    if text.isascii():
        return b" ".join(text.encode().translate(_ASCII_FOLDED).split()).decode()
    # Normalising sorts a run of marks in quadratic time: 100,000 on one letter take 20 s. Thirty are
    # the limit of the Stream-Safe Text Format (Unicode Annex 15); a longer run meets every thirtieth place.
    if any(map(unicodedata.combining, text[::30])):
        text = _LONG_RUN.sub(r"\1", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _fold_characters(text: str) -> str:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    folded = _table[codes]
    if not folded.all():
        for code in np.unique(codes[folded == _UNKNOWN]).tolist():
            _learn(code)
        folded = _table[codes]
    if folded.max() == _LONGER:
        return _fold_characters(text.translate(_longer))
    return str(folded.tobytes(), "utf-32-le").replace("\uffff", "")


def _learn(code: int) -> None:
    folded = _fold_character(chr(code))
    if len(folded) > 1:
        _longer[code] = folded
        _table[code] = _LONGER
    else:
        _table[code] = ord(folded) if folded else _DROPPED


def _fold_character(char: str) -> str:
    # Twice: some capitals appear only by decomposition (ᴭ), some letters only by case folding.
    lower = unicodedata.normalize("NFKD", char.casefold()).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", lower) if not _is_dropped(c))
    plain = "".join(_VARIANTS.get(c, c) for c in unicodedata.normalize("NFC", bare))
    return "".join(_word_character(c) for c in plain)


def _is_dropped(char: str) -> bool:
    """Tell harakat, points, accents and strokes (by combining class) and what is invisible."""
    mark = unicodedata.combining(char)
    invisible = unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u034f"
    return mark == 1 or 10 <= mark <= 36 or mark >= 200 or invisible


def _word_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return char if category[0] in "LNM" else " "
