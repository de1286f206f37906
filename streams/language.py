"""The language of an article, and how sure that is."""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from streams.draft import Draft
from streams.profiles import Profiles

_SAMPLE = 400  # characters: no verdict on 263 bodies changed with more
_MINIMUM = 12  # letters below which any answer would be a guess
_SHORT_BODY = 100  # letters below which the title is asked too
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255}|[@#]\w{1,100}")

# How far langdetect may move py3langid's answer, in logarithms, and what a language pays that
# langdetect does not know: chosen on sentences in 75 languages, headlines and bodies.
_WEIGHT, _ABSENT, _FLOOR = 0.4, -2.0, -60.0
_DECLARED = 1.0  # what the page says of itself is a hint: templates say "en" of everything

# BCP-47: one code for a language that the models know under several.
_CODES = {
    "zh-cn": "zh", "zh-tw": "zh", "wuu": "zh", "yue": "zh", "no": "nb", "arz": "ar", "ary": "ar",
    "uzs": "uz", "grc": "el", "hbo": "he", "iw": "he", "in": "id", "kik": "ki", "sdh": "ckb",
}  # fmt: skip
# Scripts that one language of the news writes, and those that a few share.
_SCRIPTS = {
    "HANGUL": {"ko"}, "THAI": {"th"}, "HEBREW": {"he"}, "GREEK": {"el"}, "GURMUKHI": {"pa"},
    "GUJARATI": {"gu"}, "TAMIL": {"ta"}, "TELUGU": {"te"}, "KANNADA": {"kn"}, "MALAYALAM": {"ml"},
    "ORIYA": {"or"}, "SINHALA": {"si"}, "GEORGIAN": {"ka"}, "ARMENIAN": {"hy"}, "KHMER": {"km"},
    "LAO": {"lo"}, "MYANMAR": {"my"}, "ETHIOPIC": {"am"}, "TIBETAN": {"dz"}, "BENGALI": {"bn", "as"},
    "HIRAGANA": {"ja"}, "CJK": {"zh"}, "DEVANAGARI": {"hi", "mr", "ne", "sa", "gom"},
    "CYRILLIC": {"ru", "uk", "bg", "be", "mk", "sr", "kk", "ky", "mn", "tg", "tt", "ba", "uz"},
    "ARABIC": {"ar", "fa", "ur", "ps", "ug", "ckb", "ku"},
}  # fmt: skip


class _Models:
    """Both models, and for each language they know the columns that speak of it."""

    def __init__(self) -> None:
        self.profiles = Profiles()
        self.identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.profiled = [_CODES.get(name, name) for name in self.profiles.languages]


_models: _Models | None = None


def load() -> None:
    """Load both models: once, before any thread or process starts, so that all share them."""
    global _models
    if _models is None:
        _models = _Models()


def tell_language(draft: Draft) -> Draft:
    """Return the draft with its language (BCP-47, `und` where there is too little) and confidence."""
    text = "\n".join(draft.lines)
    if len(text) < 4 * _SHORT_BODY and _count_letters(text) < _SHORT_BODY and draft.title:
        text = f"{draft.title}\n{text}"
    language, confidence = tell(text, draft.metadata.language or draft.raw.language)
    return replace(draft, language=language, language_confidence=confidence)


def tell(text: str, declared: str | None = None) -> tuple[str, float]:
    """Return the language of the text as BCP-47, and the probability (0..1) that it is right.

    `declared` is what the page says of itself; it decides only between near equals.
    """
    sample = _take_sample(text)
    scripts = Counter(map(_script, filter(str.isalpha, sample)))
    letters = scripts.total() + 2 * (scripts["CJK"] + scripts["HIRAGANA"] + scripts["HANGUL"])
    if letters < _MINIMUM:
        return "und", 0.0
    script, candidates = _candidates(scripts)
    if candidates and len(candidates) == 1:
        (language,) = candidates
        share = scripts[script] / scripts.total()
        return _written(language, sample), round(min(0.999, 0.5 + share / 2), 4)
    hint = _CODES.get(declared.lower().split("-")[0], declared.lower().split("-")[0]) if declared else None
    return _weigh(sample, candidates, hint)


def _weigh(sample: str, candidates: set[str] | None, hint: str | None) -> tuple[str, float]:
    if _models is None:
        load()
    assert _models is not None
    scores, known = _models.profiles.score(sample)
    scores = scores / math.sqrt(known or 1)
    scores -= scores.max()
    scores -= math.log(np.exp(scores).sum())
    profiled: dict[str, float] = {}
    for language, score in zip(_models.profiled, scores.tolist(), strict=True):
        profiled[language] = max(profiled.get(language, _FLOOR), score)
    combined: dict[str, float] = {}
    ranked = _models.identifier.rank(sample)
    for label, probability in ranked:
        language = _CODES.get(label, label)
        score = math.log(max(probability, 1e-12)) + _WEIGHT * profiled.get(language, _ABSENT)
        score += _DECLARED * (language == hint)
        if label != "zxx" and (candidates is None or language in candidates):
            combined[language] = max(combined.get(language, -math.inf), score)
    if not combined:
        return "und", 0.0
    best = max(combined, key=lambda language: (combined[language], language))
    probability = 1 / sum(math.exp(score - combined[best]) for score in combined.values())
    agreed = best == _CODES.get(ranked[0][0], ranked[0][0]) and profiled.get(best) == max(profiled.values())
    if agreed:
        probability = max(probability, 0.999)
    return best, round(min(probability, 0.999), 4)


def _take_sample(text: str) -> str:
    # What leads a long text may be a banner or a dateline in another language.
    start = len(text) // 4 if len(text) > 2 * _SAMPLE else 0
    window = text[start : start + 3 * _SAMPLE]
    sample = _ADDRESS.sub(" ", window)[:_SAMPLE]
    return unicodedata.normalize("NFC", sample)


def _count_letters(text: str) -> int:
    return sum(map(str.isalpha, text))


@lru_cache(maxsize=1 << 16)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ", 1)[0]
    return {"KATAKANA": "HIRAGANA", "KATAKANA-HIRAGANA": "HIRAGANA"}.get(name, name)


def _candidates(scripts: Counter[str]) -> tuple[str, set[str] | None]:
    """Return the script that leads, and the languages it leaves possible (None: any)."""
    total = scripts.total()
    # Two kana in a hundred are a quoted brand name in Chinese; Japanese has at least one in ten.
    if scripts["HIRAGANA"] * 10 > scripts["HIRAGANA"] + scripts["CJK"] > total / 2:
        return "HIRAGANA", {"ja"}
    script, count = scripts.most_common(1)[0]
    return script, _SCRIPTS.get(script) if count > total / 2 else None


def _written(language: str, sample: str) -> str:
    """Return the language with its script where that is a choice: simplified or traditional Han."""
    if language != "zh":
        return language
    traditional = simplified = 0
    for char in sample:
        in_mainland, in_taiwan = _encodes(char, "gb2312"), _encodes(char, "big5")
        traditional += in_taiwan and not in_mainland
        simplified += in_mainland and not in_taiwan
    return "zh-Hant" if traditional > simplified else "zh-Hans"


@lru_cache(maxsize=1 << 16)
def _encodes(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
