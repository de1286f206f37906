"""Names of authors out of what pages write where a name should stand."""

import re
import unicodedata
from collections.abc import Iterable

from streams.text.dateline import is_arabic, split_arabic
from streams.text.plain import plain

_MOST = 30  # authors of one article; a longer list is a menu
_LONGEST = 80
_MOST_WORDS = 8

# Spaces, punctuation, accents and harakat; the vowel signs of Indic scripts are letters here.
_NO_LETTER = re.compile(
    r"[\s!-/:-@\[-`{-~\u00a0-\u00bf\u0300-\u036f\u060c\u061b\u061f\u0640\u064b-\u0655\u2000-\u206f\u3000-\u303f\uff0c\uff5c]+"
)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:]{1,64}@[^\s@<>()\[\],;:]{1,255}")
_ADDRESS = re.compile(r"https?:|www\.|//|\.(?:html?|php)\b", re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"(?:(?:written|words|story|posted|published|reported|text|report)\s+by|by|authors?|by-?line|"
    r"von|autor(?:in|en|es|a)?|text|par|por|door|auteurs?|av|af|tekst|yazan|kaynak|haber|di(?=\s[A-ZÀ-Þ])|"
    r"автор[ыи]?|текст|"
    r"كتبته?|كتبه?ا?|كتب[تو]?|بقلم|ب?إعداد|اعداد|تحرير|الكاتب|المؤلف|نویسنده|نوشته|به قلم)(?:\s*:\s*|\s+)",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*[;|•·●\n]\s*|\s+/\s+|(?<=[a-z]{5})\.\s+(?=[A-Z])|\s*[,،、]\s*")
# Between two full names; the one-letter words also stand inside a single name (Ortega y Gasset).
_AND = re.compile(r"\s+(?:and|und|et|och|og|&|\+|with|mit|avec|ve|y|e|i|и|і|та|و)\s+", re.IGNORECASE)
_SURE_AND = frozenset(("and", "und", "et", "och", "with", "mit", "avec"))
_ASIDE = re.compile(r"\s*[(\[（][^()\[\]（）]{0,80}[)\]）]\s*")
_CREDENTIAL = re.compile(
    r"(?:Jr|Sr|II|III|IV|Ph\.?\s?D|Psy\.?D|M\.?D|M\.?A|B\.?A|M\.?Sc?|B\.?Sc?|MBA|MPH|J\.?D|CFA|CFP|CPA|R\.?N|"
    r"R\.?D|RDN|LCSW|DO|DPT|FNP|Esq|OBE|CBE)\.?(?:\s+on\b.*)?$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:editors?|editor-in-chief|correspondents?|reporters?|journalists?|producers?|columnists?|contributors?|"
    r"(?:senior|staff|freelance|contributing|guest|chief|sports?|political|business|feature)\s+writers?|"
    r"photographers?|bureau chief|presenter|analyst|fellow|professor|lecturer|director|founder|ceo|"
    r"redakteur(?:in)?|ressortleiter(?:in)?|korrespondent(?:in|en)?|reporter(?:in)?|volontär(?:in)?|autorin|"
    r"journalist(?:in|e|es)?|chefredakteur(?:in)?|redactor(?:a|es)?|corresponsal(?:es)?|periodistas?|"
    r"correspondant(?:e|s)?|rédact(?:eur|rice)s?|giornalista|inviat[oa]|repórter|jornalistas?|dziennikarz|"
    r"muhabiri?|editörü?|корреспондент|редактор|обозреватель)\b"
    r"|^(?:(?:ال)?(?:مراسل|محرر|صحفي|صحافي|كاتب)[ةو]?|رئيس التحرير|مدير التحرير|خبرنگار)(?:\s|$)",
    re.IGNORECASE,
)
# "Jane Roe in Cairo", "Jane Roe for the Daily Herald".
_WHERE = re.compile(r"\s+(?:in|from|aus|à|en|[Ff]or|für|pour)\s+(?:the\s+)?[A-ZÀ-Þ].*$")
_EDGES = " \t.,:-–—*_'\"«»“”@/\u200e\u200f"
# "Jane Roe Monday", "Jane Roe on May", left when the number behind is cut.
_DAY_NAME = re.compile(
    r"(?:^|\s+)(?:on\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|"
    r"september|october|november|december|jan|feb|apr|jul|aug|sept?|oct|nov|dec)\.?(?:\s+\d{1,2})?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:^|\s)\d")
# Who took the picture, and what stands beside a name on a page.
_CREDIT = re.compile(
    r"(?:photos?|fotos?|images?|bild(?:er)?|video|quelle|source|credit|copyright|©|تصوير|عدسة|الصورة|"
    r"follow|view|read|watch|share|published|updated|last|veröffentlicht|aktualisiert|publié|mis à jour)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d{1,2}[:./]\d{2}|(?:19|20)\d\d")
# fmt: off
_NOBODY = frozenset((
    "admin", "administrator", "author", "authors", "editor", "unknown", "anonymous", "none", "null",
    "undefined", "nan", "n/a", "na", "staff", "user", "guest", "root", "webmaster", "autor", "redacteur",
    "test", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "agencies", "agenturen", "agences",
    "wires", "гость", "زائر", "مجهول", "المحرر",
))
# fmt: on


def split_names(written: Iterable[object], *, inverted: bool = False) -> tuple[str, ...]:
    """Return the names in `written`, in their order, each once.

    What introduces a name ("By", "بقلم") and what follows it (a role, a degree, an address, a
    place in brackets) goes. Agencies and desks stay: they are who signs. With `inverted`,
    "Last, First" is one name, as libraries write it (Dublin Core).
    """
    names: dict[str, str] = {}
    for item in written:
        text = plain(item, 2000)
        if inverted and text.count(",") == 1:
            last, _, first = text.partition(",")
            text = f"{first.strip()} {last.strip()}"
        for name in _split(text):
            names.setdefault(name_key(name), name)
            if len(names) >= _MOST:
                return tuple(names.values())
    return tuple(names.values())


def introduces(text: str) -> bool:
    """Return whether a line begins with words that introduce its author."""
    return bool(_INTRODUCTION.match(text))


def name_key(name: str) -> str:
    """Return the form in which two spellings of one name are equal: no case, no marks, no spaces."""
    name = name.casefold()
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
    return _NO_LETTER.sub("", name)


def _split(text: str) -> list[str]:
    text = _EMAIL.sub(" ", text).strip()
    if not text or _ADDRESS.search(text):
        return []
    text = _introduced(text)
    if is_arabic(text):
        parts = split_arabic(text)
    else:
        text = _ASIDE.sub(" ", text).strip() or text
        parts = [name for part in _APART.split(text) for name in _split_at_and(part)]
    return [name for name in map(_clean, parts) if name]


def _introduced(text: str) -> str:
    """Return the text without the words that introduce a name."""
    text = text.strip()
    found = _INTRODUCTION.match(text)
    return text[found.end() :] if found else text


def _split_at_and(part: str) -> list[str]:
    names: list[str] = []
    start = 0
    for found in _AND.finditer(part):
        left, right = part[start : found.start()], part[found.end() :]
        if found[0].strip().lower() in _SURE_AND or (" " in left.strip() and " " in right.strip()):
            names.append(left)
            start = found.end()
    return [*names, part[start:]]


def _clean(part: str) -> str | None:
    """Return the name in one part of a byline, None where there is none."""
    part = _introduced(part)
    if _CREDIT.match(part):
        return None
    bare = part.strip("()[]" + _EDGES)
    if _DATED.search(bare):
        bare = _NUMBER.split(bare, maxsplit=1)[0].strip(_EDGES)
        if " " not in bare:
            return None
    bare = _DAY_NAME.sub("", bare)
    where = _WHERE.search(bare)
    if where and " " in bare[: where.start()]:  # else "Center for Reporting"
        bare = bare[: where.start()]
    words = bare.split()
    if not 1 < len(bare) <= _LONGEST or len(words) > _MOST_WORDS or not any(map(str.isalpha, bare)):
        return None
    if len(words) > 3 and 2 * sum(word[0].islower() for word in words) > len(words):
        return None  # a sentence
    if bare.lower() in _NOBODY or _ROLE.search(bare) or _CREDENTIAL.match(bare):
        return None
    return bare + "." if len(words[-1]) <= 2 and bare + "." in part else bare
