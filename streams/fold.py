"""The comparison form of a text: what is left when spelling habits are folded away.

Only keys are made of it (repeated lines, copies, titles); stored text stays faithful. It follows
NFKC_Casefold (Unicode Standard 3.13), which also drops what is invisible (ZWNJ, soft hyphen,
bidirectional controls), and folds on: accents, harakat and Hebrew points go, digits of every script
are ASCII, and the letters that Arabic, Persian and Urdu newsrooms use for each other are one.
"""

import re
import unicodedata

# ZWNJ goes without a space: the Persian compound with it and the joined one (which tools that
# delete ZWNJ leave behind) are the same text more often than the one in two words.
_VARIANTS = {
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
    "ة": "ه", "ۃ": "ه", "ء": "", "ـ": "", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
    "ʼ": " ", "ʻ": " ",
}  # fmt: skip
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code)))
_LONG_RUN = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")


def fold(text: str) -> str:
    """Return the words of the comparison form, divided by one space.

    A word is a run of letters and digits with the marks that belong to them: the vowel signs of
    Indic and Thai scripts and the voicing marks of kana stay.
    """
    if not text.isascii():
        if len(text) > 4_000:
            # Normalising sorts a run of marks in quadratic time: 100,000 on one letter take 20 s.
            # Thirty are the limit of the Stream-Safe Text Format (Unicode Annex 15).
            text = _LONG_RUN.sub(r"\1", text)
        text = unicodedata.normalize("NFKC", text)
        if len(text.encode("ascii", "ignore")) * 4 > len(text) * 3:
            text = _NOT_ASCII.sub(lambda run: run[0].translate(_FOLDED), text)
    if text.isascii():
        return b" ".join(text.encode().translate(_FOLDED_ASCII).split()).decode()
    return " ".join(text.translate(_FOLDED).split())


class _Folded(dict[int, str]):
    """The folded form of each code point, worked out when first met: a table for str.translate."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x10000:  # beyond, a hostile text could fill the memory with letters nobody writes
            self[code] = folded
        return folded


def _fold_character(char: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", char.casefold()) if not _is_dropped(c))
    plain = "".join(_VARIANTS.get(c, c) for c in unicodedata.normalize("NFC", bare))
    return "".join(_word_character(c) for c in plain)


def _is_dropped(char: str) -> bool:
    """Tell harakat, points and accents (by combining class) and what is invisible."""
    mark = unicodedata.combining(char)
    invisible = unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u034f"
    return 10 <= mark <= 36 or mark >= 200 or invisible


def _word_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return char if category[0] in "LNM" else " "


_FOLDED = _Folded()
_FOLDED_ASCII = "".join(_FOLDED[code] for code in range(128)).encode() + b" " * 128
