"""Short texts of a page's head (a headline, a name) as plain text."""

import html
import re
import unicodedata

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
# What no reader sees: controls, bidirectional overrides and isolates, soft hyphen, word joiner,
# BOM. U+200C and U+200D stay: Persian and Indic words are misspelt without them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: object, limit: int = 1000) -> str:
    """Return `value` as one line of plain text in NFC, empty where it is no string.

    Character references are decoded, twice where they were encoded twice; markup and what
    nobody sees goes, white space becomes one space. A string longer than `limit` characters is
    no headline and no name: it counts as empty.
    """
    if not isinstance(value, str) or len(value) > 4 * limit:
        return ""
    if "&" in value:
        value = html.unescape(value)
        if "&" in value:
            value = html.unescape(value)
    if "<" in value:
        value = _TAG.sub(" ", value)
    if not value.isascii():
        value = _pair_surrogates(value)
        value = unicodedata.normalize("NFC", value)
    value = " ".join(_UNSEEN.sub("", value).split())
    return value if len(value) <= limit else ""


def _pair_surrogates(value: str) -> str:
    if not _SURROGATE.search(value):
        return value
    return _SURROGATE.sub("\ufffd", value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
