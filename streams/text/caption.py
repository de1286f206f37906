"""Captions: is a line of the text what stood under a picture?"""

import re

from streams.fold import fold
from streams.text.sentence import TERMINALS

_LONGEST = 260
_SHORTEST = 3  # words before a credit in brackets: fewer are a dateline
_SENTENCE = 6  # words before a credit without brackets: fewer are a byline
_INNER = TERMINALS - {"."}

_AGENCIES = frozenset(
    fold(name)
    for name in (
        "رويترز", "الأناضول", "أناضول", "فرانس برس", "أ ف ب", "ا ف ب", "أف ب", "أ ب", "أب", "د ب أ",
        "أسوشيتد برس", "أسوشييتد برس", "الأسوشيتد برس", "غيتي", "جيتي", "غيتي إيميجز", "جيتي إيميجز",
        "شينخوا", "سبوتنيك", "تاس", "إ ب أ", "إي بي إيه", "واس", "وام", "قنا", "بترا", "كونا", "وفا",
        "سانا", "واع", "أرشيف", "الأرشيف", "أرشيفية", "صورة أرشيفية", "أرشيفي", "مواقع التواصل",
        "مواقع التواصل الاجتماعي", "وسائل التواصل", "شترستوك", "ایرنا", "ایسنا", "تسنیم", "آرشیو",
        "آرشیوی", "گتی", "reuters", "afp", "agence france presse", "ap photo", "associated press",
        "the associated press", "getty", "getty images", "epa", "epa efe", "efe", "anadolu",
        "anadolu agency", "xinhua", "tass", "dpa", "ians", "pti", "ani", "upi", "ap images",
        "ap photos", "file photo", "file image", "shutterstock", "istock", "unsplash", "pexels",
        "pixabay", "flickr", "wikimedia", "wikimedia commons", "wikipedia", "alamy", "bloomberg",
        "nasa", "zuma", "zuma press", "sipa", "imago", "picture alliance", "keystone",
        "ritzau scanpix", "ntb", "ansa", "belga", "lusa", "kyodo", "yonhap", "nurphoto",
        "afp via getty images",
    )
)  # fmt: skip
# Words that are a credit where nothing else stands in the brackets.
_ALONE = frozenset(
    fold(name)
    for name in (
        "تويتر", "إكس", "فيسبوك", "انستغرام", "إنستغرام", "يوتيوب", "خاص", "الإنترنت", "إنترنت",
        "متداولة", "الجزيرة", "الفرنسية", "الأوروبية", "الألمانية", "الصينية", "وكالات", "أرشيف خاص",
        "منصة إكس", "فارس", "مهر", "عکس", "file", "courtesy", "supplied", "handout", "screenshot", "x",
        "facebook", "twitter", "instagram", "youtube", "aa", "ap", "archive", "archives",
        "social media",
    )
)  # fmt: skip
_CREDIT = re.compile(r"[(\[]([^()\[\]]{2,80})[)\]]$")
_PARTS = re.compile(r"[/|,،؛;:–—-]| via | and | عبر | و(?=ال)")
# A dash before an agency at the end of the line: `… in Baku. — Reuters`, `… in Baku. / AFP`.
_BARE = re.compile(r"[(\[]?(?:©|photos? by|image by|صور[ةه]? من) ?\S.{1,80}?(?: on Unsplash)?", re.IGNORECASE)
_DASH = re.compile(r"[–—/|©]")
_DASHED = re.compile(r"[.\s][–—/|©]\s?([^–—/|©.]{2,40})$")
_NAMED = re.compile(
    r"(?:photo|photograph|photography|image|picture|pic|foto|bild|credit|photo credit|image credit|courtesy"
    r"|صورة|تصوير|عدسة|مصدر الصورة|عکس|عکاس)(?:\s?by|\s?credit|\s?courtesy(?: of)?)?\s?[:：]\s?\S.{1,60}$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:photo|image|picture|caption|file photo|photo caption|in this photo|صورة أرشيفية|صورة من الأرشيف"
    r"|صورة تعبيرية|صورة توضيحية|م?صدر الصورة|التعليق على الصورة|تعليق الصورة|عکس"
    r"|image source|image caption|media caption|featured image|cover image)\s?[:：|،,–—-]\s?\S",
    re.IGNORECASE,
)


def is_caption(line: str) -> bool:
    """Tell whether the line is a picture's caption: short, with the credit of a photographer or agency.

    A paragraph that ends with an agency in brackets is none: it has more than one sentence.
    """
    if len(line) > _LONGEST:
        return False
    if _OPENING.match(line):
        return True
    if _BARE.fullmatch(line):
        return True
    if (credit := _CREDIT.search(line)) and _is_credit(credit[1]):
        return _describes(line[: credit.start()])
    if _DASH.search(line, len(line) - 45) and (credit := _DASHED.search(line)) and _is_credit(credit[1]):
        return _describes(line[: credit.start() + 1], _SENTENCE)
    named = _NAMED.search(line) if ":" in line or "：" in line else None
    return named is not None and (named.start() == 0 or _describes(line[: named.start()], _SENTENCE))


def _is_credit(text: str) -> bool:
    """Tell whether the text is an agency's name, or has one among its parts (`Name/Reuters`)."""
    if any(fold(part) in _AGENCIES and _is_named(part) for part in (text, *_PARTS.split(text))):
        return True
    return fold(text) in _ALONE and _is_named(text)


def _is_named(word: str) -> bool:
    """Tell an acronym in capitals from a word that only looks like it (`EPA`, `ePA`)."""
    word = word.strip()
    return len(word) > 3 or not word.isascii() or word.isupper()


def _describes(text: str, words: int = _SHORTEST) -> bool:
    """Tell whether the text before a credit says what a picture shows: one sentence, no place alone."""
    text = text.strip(" .–—-")
    return len(text.split()) >= words and not any(mark in text for mark in _INNER) and ". " not in text
