"""What is counted and hashed of a finished text."""

import unicodedata
from collections import Counter

from schemas.article import Direction
from schemas.ids import hash_parts
from schemas.raw import Id
from streams.copies.tokens import UNSPACED
from streams.fold import fold

# Written without spaces between words, so that characters are counted instead.
_UNSPACED_LANGUAGES = frozenset(("zh", "ja", "th", "lo", "km", "my", "bo", "dz", "und"))

# Words a minute, for Chinese and Japanese characters: Trauzettel-Klosinski and Dietz (2012),
# "Standardized Assessment of Reading Performance: The New International Reading Speed Texts IReST",
# IOVS 53(9), 5452-5461. Other languages get its mean over 17 languages; the scripts without spaces
# that it has not get its 68 ms a character.
_SPEED = {
    "ar": 138, "de": 179, "en": 228, "es": 218, "fi": 161, "fr": 195, "he": 187, "it": 188, "ja": 357,
    "nl": 202, "pl": 166, "pt": 181, "ru": 184, "sl": 180, "sv": 199, "tr": 166, "zh": 255,
    "th": 882, "lo": 882, "km": 882, "my": 882, "bo": 882, "dz": 882,
}  # fmt: skip
_MEAN_SPEED = 184

_DIRECTION_SAMPLE = 2_000
_STRONG: dict[str, Direction] = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def count_words(text: str, language: str) -> int:
    """Return the number of words; in a language written without spaces, of characters.

    A word holds a letter or a digit, so a dash that stands alone is none. Where such a language
    quotes another script (or the language is `und`), each of its words counts one.
    """
    if language.split("-")[0] in _UNSPACED_LANGUAGES:
        text = UNSPACED.sub(r" \g<0> ", text)
    words = text.split()
    odd = [word for word in words if not word[0].isalnum()]
    return len(words) - sum(not any(map(str.isalnum, word)) for word in odd)


def reading_minutes(words: int, language: str) -> int:
    """Return the minutes an adult takes to read `words` (see count_words), rounded, at least 1."""
    speed = _SPEED.get(language.split("-")[0], _MEAN_SPEED)
    return max(1, round(words / speed)) if words else 0


def direction(text: str) -> Direction:
    """Return the direction of most strong characters (Unicode Annex 9), at a tie the first one's.

    The annex takes the first strong character alone; an Arabic report that opens with the name of
    an agency in Latin letters would then be laid out from the left.
    """
    if text.isascii():
        return "ltr"
    strong: Counter[Direction] = Counter()
    for char, count in Counter(text[:_DIRECTION_SAMPLE]).items():  # in the order of first appearance
        if side := _STRONG.get(unicodedata.bidirectional(char)):
            strong[side] += count
    # Of equal counts the one that was met first comes first.
    return strong.most_common(1)[0][0] if strong else "ltr"


def content_hash(title: str | None, kicker: str | None, text: str) -> Id:
    """Return the hash of exactly what an article says, white space folded: any other text is new."""
    parts = (" ".join((part or "").split()) for part in (title, kicker, text))
    return hash_parts("naba content", *parts)


def text_key(text: str) -> Id:
    """Return the hash of the body's comparison form: one text under two headlines, or two spellings."""
    return hash_parts("naba text", fold(text))
