"""XML of feeds made harmless and readable before it is parsed."""

import re
from html import escape
from html.entities import html5

from resiliparse.parse.encoding import detect_encoding

MOST_DEPTH = 200
_MOST_NAME = 300  # characters
_MOST_PERSON = 1_000  # with the elements of Atom in it
_WIDE = [
    (re.compile(rb"\xff\xfe\x00\x00|[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\xfe\xff|\x00\x00\x00[^\x00]"), "utf-32-be"),
    (re.compile(rb"\xff\xfe|[^\x00]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\xfe\xff|\x00[^\x00]\x00[^\x00]"), "utf-16-be"),
]
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*?\?>")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([\w.:-]{2,40})["']""")
# Possessive, and at the beginning alone: nothing here goes back; what does not end, ends with the document.
# Quotes of an internal subset can hold brackets, its remarks quotes.
_PROLOG = re.compile(r"(?:\s++|<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z))*+", re.DOTALL)
_DOCTYPE = re.compile(
    r"""<!DOCTYPE(?:"[^"]*+"|'[^']*+'|[^\["'<>])*+"""
    r"""(?:\[(?:<!--.*?(?:-->|\Z)|"[^"]*+"|'[^']*+'|[^\]"'])*+\]\s*+)?+>""",
    re.DOTALL | re.IGNORECASE,
)
# The controls that XML does not know; C1 stays, it may be a letter of a single-byte charset.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HUGE_NUMBER = re.compile(r"&(?:amp;)?#[xX]?[0-9a-fA-F]{8,};?")
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!"
    # What nobody reads, and takes the square of its number: subjects, and attributes by the thousand.
    r"|<category\b[^<>]*+>(?:<!\[CDATA\[.{0,500}?\]\]>|[^<])*+</category\s*+>"
    r"|<[A-Za-z_][\w.:-]*+[^<>]{10000,}+>"
    # Without this feedparser takes any name of an item for a relative address, and makes it one.
    r"|(?i:<(?:[\w.-]+:)?(?:guid|id)(?=[\s>])(?![^<>]*\bisPermaLink)[^<>]*(?<!/)>"
    r"(?!\s*(?:<!\[CDATA\[)?\s*(?:https?:|/)))"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31};))?",
    re.DOTALL,
)
_GUID = re.compile(r"<(?:[\w.-]+:)?(?:guid|id)(?=[\s>])[^<>]{0,9999}>\Z", re.IGNORECASE)
# feedparser looks for a mail address in time that grows with the square: 250 s for 200,000 letters.
_NAMED = re.compile(
    r"(<((?:[\w.-]+:)?(?:author|creator|name|email|managingEditor|webMaster|publisher|contributor))\b[^<>]*>)"
    r"(.*?)(?=</\2\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<(/?)[A-Za-z_][\w.:-]*[^<>]*?(/?)>", re.DOTALL)


def clean_xml(body: bytes) -> bytes:
    """Return `body` without DOCTYPE, remarks, subjects and control characters, every reference readable.

    No declaration of an entity is left that could be expanded or fetched. Unicode becomes UTF-8,
    and says so; bytes of another charset stay, with the likeliest declared where none or a wrong
    one was. What stands for a name and is far too long for one is left out.
    """
    body = narrow(body)
    unicode = is_utf8(body)
    # ISO 8859-1 takes every byte and gives it back.
    text = body.decode("utf-8", "ignore") if unicode else body.decode("iso-8859-1")
    declaration = _DECLARATION.match(text)
    said = _ENCODING.search(declaration[0]) if declaration else None
    text = _CONTROL.sub("", text[declaration.end() :] if declaration else text)
    text = text[_end(_PROLOG, text) :]
    text = text[_end(_DOCTYPE, text) :]
    text = _NAMED.sub(_keep_name, _REFERENCE.sub(_mend, _HUGE_NUMBER.sub("&#65533;", text)))
    if unicode:
        return b"<?xml version='1.0' encoding='utf-8'?>" + text.encode("utf-8")
    charset = said[1] if said and said[1].lower() not in ("utf-8", "utf8", "us-ascii") else None
    charset = charset or detect_encoding(body) or "windows-1252"
    return f"<?xml version='1.0' encoding='{charset}'?>".encode() + text.encode("iso-8859-1")


def narrow(body: bytes) -> bytes:
    """Return a document in UTF-16 or UTF-32 as UTF-8, any other as it is, without its byte order mark."""
    codec = next((codec for shape, codec in _WIDE if shape.match(body)), None)
    if codec is None:
        return body.removeprefix(b"\xef\xbb\xbf")
    text = body.decode(codec, "replace").removeprefix("\ufeff")
    return _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")


def is_nested(body: bytes) -> bool:
    """Return whether elements stand more than 200 deep in each other: no feed does that."""
    depth = 0
    for match in _TAG.finditer(body):
        if match[1] is None or match[2]:
            continue  # CDATA, or an element that is closed at once
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MOST_DEPTH:
            return True
    return False


def is_utf8(body: bytes) -> bool:
    """Return whether the bytes are UTF-8: all of them, or but a few that were broken on the way."""
    text = body.decode("utf-8", "replace")
    holes = text.count("\ufffd")
    return holes <= 1 or holes * 10 < sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _keep_name(match: re.Match[str]) -> str:
    most = (
        _MOST_PERSON
        if re.search(r"<(?:[\w.-]+:)?name\b", match[3][:_MOST_PERSON], re.IGNORECASE)
        else _MOST_NAME
    )
    return match[0] if len(match[3]) <= most else match[1]


def _mend(match: re.Match[str]) -> str:
    whole, number, name = match[0], match[1], match[2]
    if whole.startswith("<![CDATA["):
        return whole
    if whole.startswith(("<!--", "<?", "<category")):
        return ""
    if whole == "<!":
        return "&lt;!"
    if _GUID.match(whole):
        return f"{whole[:-1]} isPermaLink='false'>"
    if whole.startswith("<"):
        return f"<{re.split(r'[^A-Za-z0-9_.:-]', whole[1:], maxsplit=1)[0]}{'/' * whole.endswith('/>')}>"
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return whole if _is_character(code) else "&#65533;"
    if name is None:
        return "&amp;"
    if name not in html5:
        return f"&amp;{name}"
    return "".join(f"&#{ord(char)};" if ord(char) > 127 else escape(char) for char in html5[name])


def _is_character(code: int) -> bool:
    # The production Char of XML 1.0.
    return (
        code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
