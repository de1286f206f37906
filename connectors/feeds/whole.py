"""Whether what a feed holds of an article is the article, or its beginning."""

import re
from html import unescape

_TAG = re.compile(r"<[^>]{0,5000}>")
_BLOCK = re.compile(r"</p\s*>|<br\s*/?>\s*<br\s*/?>|</div\s*>|</h[1-6]\s*>|</li\s*>|\n\s*\n", re.IGNORECASE)
_LEAST_LETTERS = 600
_LEAST_OF_DESCRIPTION = 1500
_LEAST_BLOCKS = 2
_END = 400  # characters in which a text says that it goes on elsewhere
# Where a text breaks off, and what publishers write behind: at its end, or within a last link.
_BREAKS_OFF = re.compile(
    r"(?:\.\.\.|…|\[\s*(?:…|\.{3}|&hellip;)\s*\])\W*$|"
    r"\b(?:read|see|view)\s(?:more|on|the\s(?:full|whole|rest|entire)\b.{0,30})\W*$|"
    r"\b(?:continue|keep)\sreading\b.{0,120}$|\bfull\s(?:story|article)\b.{0,40}$|\bclick\shere\b.{0,60}$|"
    r"\b(?:[اإأ]قر[أا]\sالمزيد|(?:تابع|[اإأ]كمل)\sالقراءة|طالع\sالمزيد|التفاصيل\sهنا|"
    r"لقراءة\s(?:المزيد|الخبر|المقال|الموضوع|النص|التقرير|التفاصيل|بقية|باقي|تتمة)|"
    r"للمزيد(?=\W*$|\s*:|\s(?:من\sالتفاصيل|من\sالمعلومات|[اإأ]ضغط|[اإأ]نقر))).{0,60}$|"
    r"(?:ادامه(?:\s|‌)?(?:مطلب|خبر)|بیشتر\sبخوانید).{0,60}$|"
    r"\b(?:weiterlesen|mehr\slesen|lire\s(?:la\ssuite|plus)|leer\smás|seguir\sleyendo|continua\sa\sleggere|"
    r"leia\smais|lees\s(?:meer|verder)|devamını\soku|czytaj\s(?:dalej|więcej)|читать\s(?:далее|полностью))\b.{0,80}$",
    re.IGNORECASE | re.DOTALL,
)
_APPEARED = re.compile(r"\bThe post\b.{1,400}?\bappeared first on\b.{0,200}$", re.IGNORECASE | re.DOTALL)


def is_whole(content: str, *, is_content: bool, summary: str | None) -> bool:
    """Return whether `content` (HTML) is the whole article; in doubt it is not, and the page is fetched.

    It is where it stands in an element for content (`is_content`), has two blocks and 600 letters, does not
    break off and is more than the summary. A description is believed only with 1,500 letters.
    """
    text = _strip(content)
    text = _APPEARED.sub("", text).rstrip()
    letters = sum(map(str.isalpha, text))
    if letters < (_LEAST_LETTERS if is_content else _LEAST_OF_DESCRIPTION):
        return False
    if len([block for block in _BLOCK.split(content) if _strip(block)]) < _LEAST_BLOCKS:
        return False
    if _BREAKS_OFF.search(text[-_END:]):
        return False
    if is_content and summary:
        own = sum(map(str.isalpha, _strip(summary)))
        # Feeds that give the same teaser twice; those that repeat a long article in both are whole.
        return letters > 1.2 * own or own >= _LEAST_OF_DESCRIPTION
    return True


def _strip(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())
