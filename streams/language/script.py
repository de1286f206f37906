"""Scripts: which one a text is written in, and what that says of its language."""

import unicodedata
from collections import Counter
from functools import lru_cache

# Scripts that one language of the news writes, and those that a few share.
_SCRIPTS = {
    "HANGUL": {"ko"}, "THAI": {"th"}, "HEBREW": {"he"}, "GREEK": {"el"}, "GURMUKHI": {"pa"},
    "GUJARATI": {"gu"}, "TAMIL": {"ta"}, "TELUGU": {"te"}, "KANNADA": {"kn"}, "MALAYALAM": {"ml"},
    "ORIYA": {"or"}, "SINHALA": {"si"}, "GEORGIAN": {"ka"}, "ARMENIAN": {"hy"}, "KHMER": {"km"},
    "LAO": {"lo"}, "MYANMAR": {"my"}, "ETHIOPIC": {"am"}, "TIBETAN": {"bo"}, "BENGALI": {"bn", "as"},
    "HIRAGANA": {"ja"}, "CJK": {"zh"}, "DEVANAGARI": {"hi", "mr", "ne", "sa", "gom"},
    "CYRILLIC": {"ru", "uk", "bg", "be", "mk", "sr", "kk", "ky", "mn", "tg", "tt", "ba", "uz"},
    "ARABIC": {"ar", "fa", "ur", "ps", "ug", "ckb", "ku"},
}  # fmt: skip


def count_scripts(text: str) -> Counter[str]:
    """Return how many letters and marks of each script a text has, by Unicode's names of them.

    Kana of both kinds are `HIRAGANA`, Han is `CJK`.
    """
    scripts = Counter(map(_script, text))
    del scripts[""]
    return scripts


def list_candidates(scripts: Counter[str]) -> tuple[str, set[str] | None]:
    """Return the script that leads, and the languages it leaves possible (None: any)."""
    total = scripts.total()
    if not total:
        return "", None
    # Two kana in a hundred are a quoted brand name in Chinese; Japanese has at least one in ten.
    if scripts["HIRAGANA"] * 10 > scripts["HIRAGANA"] + scripts["CJK"] > total / 2:
        return "HIRAGANA", {"ja"}
    script, count = scripts.most_common(1)[0]
    return script, _SCRIPTS.get(script) if count > total / 2 else None


def name_chinese(text: str) -> str:
    """Return `zh-Hans` or `zh-Hant`: a character is counted where only one of the two old charsets has it."""
    traditional = simplified = 0
    for char in text:
        in_mainland, in_taiwan = _encodes(char, "gb2312"), _encodes(char, "big5")
        traditional += in_taiwan and not in_mainland
        simplified += in_mainland and not in_taiwan
    return "zh-Hant" if traditional > simplified else "zh-Hans"


@lru_cache(maxsize=1 << 16)
def _script(char: str) -> str:
    """Return the script of a letter or a mark, empty for anything else."""
    # A mark counts: half of what is written in Hindi or Thai stands above or below the line.
    if unicodedata.category(char)[0] not in "LM":
        return ""
    name = unicodedata.name(char, "").split(" ", 1)[0]
    return {"KATAKANA": "HIRAGANA", "KATAKANA-HIRAGANA": "HIRAGANA"}.get(name, name)


@lru_cache(maxsize=1 << 16)
def _encodes(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
