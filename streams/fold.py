"""The comparison form of a text: what is left when spelling habits are folded away.

Only keys are made of it (repeated lines, copies, titles); stored text stays faithful. It follows
NFKC with case folding (Unicode Annex 15 and 21), plus the variants that Arabic and Persian
newsrooms use for each other.
"""

import re
import unicodedata

_ARABIC = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و",
        "ک": "ك", "ہ": "ه", "ة": "ه", "ۀ": "ه", "ە": "ه", "ھ": "ه", "ء": None, "ـ": None,
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the words of the comparison form, divided by one space, digits in ASCII."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_ARABIC)
    if not text.isascii():
        # Marks go after decomposition: harakat, Latin accents, but not the vowels of Indic scripts.
        text = "".join(
            _digit(char) for char in unicodedata.normalize("NFD", text) if not unicodedata.category(char) in ("Mn", "Cf")
        )
    return " ".join(_WORD.findall(text))


def _digit(char: str) -> str:
    return str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char
