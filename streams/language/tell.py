"""The language of an article, and how sure that is."""

import math
import re
import unicodedata
from dataclasses import replace
from functools import cache

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from streams.draft import Draft
from streams.language.function_words import prefer_malay, recognise
from streams.language.profiles import Profiles
from streams.language.script import count_scripts, list_candidates, name_chinese

_SAMPLE = 400  # characters: no verdict on 263 bodies changed with more
_MINIMUM = 10  # letters below which any answer would be a guess …
_MINIMUM_OWN_SCRIPT = 3  # … where the script is not one language's alone
_SHORT_BODY = 100  # letters below which the title is asked too, or another place of the text
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255}|[@#]\w{1,100}")

# How far langdetect may move py3langid's answer, in logarithms, and what a language pays that
# langdetect does not know: chosen on sentences in 75 languages, headlines and bodies.
_WEIGHT, _ABSENT, _FLOOR = 0.4, -2.5, -60.0
# Languages langdetect does not know, and those it takes them for: py3langid tells the two apart, with
# a little more trust in the one that is written more.
_RELATIVES = {"bs": ("hr",), "ms": ("id",), "nn": ("nb",), "sr": ("mk", "hr")}
_RARER = 0.75
_CLOSE = {*_RELATIVES, *(relative for relatives in _RELATIVES.values() for relative in relatives)}
# Known by their commonest words alone, as neither model has them.
_UNKNOWN = ("mi", "tn", "ts")
_RECOGNISED = 0.9
_UNLIKELY = 1e-6
_MALAY_WORD = 1.0
_DECLARED = 1.0  # what the page says of itself is a hint: templates say "en" of everything

# BCP-47: one code for a language that the models know under several.
_CODES = {
    "zh-cn": "zh", "zh-tw": "zh", "wuu": "zh", "yue": "zh", "no": "nb", "arz": "ar", "ary": "ar",
    "uzs": "uz", "grc": "el", "hbo": "he", "iw": "he", "in": "id", "kik": "ki", "sdh": "ckb",
}  # fmt: skip


class _Models:
    """Both models, and for each language they know the columns that speak of it."""

    def __init__(self) -> None:
        self.profiles = Profiles()
        self.identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.profiled = [_CODES.get(name, name) for name in self.profiles.languages]


@cache
def _load() -> _Models:
    return _Models()


def load() -> None:
    """Load both models: once, before any thread or process starts, so that all share them."""
    _load()


def tell_language(draft: Draft) -> Draft:
    """Return the draft with its language (BCP-47, `und` where there is too little) and confidence."""
    text = "\n".join(draft.lines)
    if len(text) < 4 * _SHORT_BODY and sum(map(str.isalpha, text)) < _SHORT_BODY and draft.title:
        text = f"{draft.title}\n{text}"
    language, confidence = tell(text, draft.metadata.language or draft.raw.language)
    return replace(draft, language=language, language_confidence=confidence)


def tell(text: str, declared: str | None = None) -> tuple[str, float]:
    """Return the language of the text as BCP-47, and the probability (0..1) that it is right.

    `declared` is what the page says of itself; it decides only between near equals.
    """
    sample = _take_sample(text)
    scripts = count_scripts(sample)
    script, candidates = list_candidates(scripts)
    if candidates and len(candidates) == 1 and scripts[script] >= _MINIMUM_OWN_SCRIPT:
        (language,) = candidates
        share = scripts[script] / scripts.total()
        return _write_code(language, sample), round(min(0.999, 0.5 + share / 2), 4)
    if scripts.total() < _MINIMUM:
        return "und", 0.0
    language, confidence = _weigh(sample, candidates, _read_code(declared or ""))
    return _write_code(language, sample), confidence


def _read_code(tag: str) -> str:
    """Return the language of a tag as pages write it: `pt-BR`, `en_US`, `iw`."""
    code = tag.strip().lower().replace("_", "-").split("-")[0]
    return _CODES.get(code, code)


def _weigh(sample: str, candidates: set[str] | None, hint: str) -> tuple[str, float]:
    models = _load()
    scores, known = models.profiles.score(sample)
    scores = scores / math.sqrt(known or 1)
    scores -= scores.max()
    scores -= math.log(np.exp(scores).sum())
    profiled: dict[str, float] = {}
    for language, score in zip(models.profiled, scores.tolist(), strict=True):
        profiled[language] = max(profiled.get(language, _FLOOR), score)
    for language, relatives in _RELATIVES.items():
        profiled[language] = max(profiled[relative] for relative in relatives) - _RARER
    combined: dict[str, float] = {}
    ranked = models.identifier.rank(sample)
    for label, probability in ranked:
        if probability < _UNLIKELY and combined:
            break
        language = _CODES.get(label, label)
        score = math.log(max(probability, 1e-12)) + _WEIGHT * profiled.get(language, _ABSENT)
        score += _DECLARED * (language == hint)
        if label != "zxx" and (candidates is None or language in candidates):
            combined[language] = max(combined.get(language, -math.inf), score)
    if not combined:
        return "und", 0.0
    if recognised := _recognise(sample, candidates):
        return recognised, _RECOGNISED
    if "ms" in combined:
        combined["ms"] += _MALAY_WORD * prefer_malay(sample)
    best = max(combined, key=lambda language: (combined[language], language))
    probability = 1 / sum(math.exp(score - combined[best]) for score in combined.values())
    # Where both models say the same, they are right 999 times in 1,000; not where one knows but one
    # of two close relatives.
    first = _CODES.get(ranked[0][0], ranked[0][0])
    if best == first and profiled.get(best) == max(profiled.values()) and best not in _CLOSE:
        probability = max(probability, 0.999)
    return best, round(min(probability, 0.999), 4)


def _recognise(sample: str, candidates: set[str] | None) -> str | None:
    recognised = recognise(sample) if candidates is None else None
    return recognised if recognised in _UNKNOWN else None


def _take_sample(text: str) -> str:
    # What leads a long text may be a banner or a dateline in another language; what stands at a
    # quarter may be a table of results.
    starts = (len(text) // 4, 0, len(text) // 2) if len(text) > 2 * _SAMPLE else (0,)
    best, most = "", -1
    for start in starts:
        window = text[start : start + 3 * _SAMPLE]
        if "@" in window or "#" in window or "://" in window or "www." in window:
            window = _ADDRESS.sub(" ", window)
        letters = sum(map(str.isalpha, window[:_SAMPLE]))
        if letters > most:
            best, most = window[:_SAMPLE], letters
        if letters >= _SHORT_BODY:
            break
    return unicodedata.normalize("NFC", best)


def _write_code(language: str, sample: str) -> str:
    return name_chinese(sample) if language == "zh" else language
