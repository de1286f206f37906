"""From the bytes of a delivery to its characters.

The order is that of the WHATWG Encoding and HTML standards where the page tells the truth: byte
order mark, charset of the content type, meta. Two things differ, since many servers name a charset
that they never looked at. Bytes that are strict UTF-8 are UTF-8 before any single-byte charset is
believed, and windows-1252 (what `iso-8859-1` means on the web) is not believed where the
characters it yields stand as no Western language sets them.
"""

import codecs
import re
from dataclasses import replace
from email.message import Message
from html import unescape

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from schemas.raw import read_content
from streams.draft import Draft
from streams.reject import Reject

MAX_BYTES = 5_000_000

_MARKUP_TYPES = {"text/html", "application/xhtml+xml"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = (
    (b"%PDF-", "a PDF"), (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"), (b"\xfd7zXZ", "xz"), (b"7z\xbc\xaf", "7-Zip"), (b"RIFF", "a RIFF file"),
    (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0", "an OLE document"), (b"\x7fELF", "a program"),
)  # fmt: skip
_META = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""", re.I
)
_META_WITHIN = 16_384
_MARKUP_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|div|article|p|h1|script|table)\b", re.I
)
# Letters in a row above U+007F: hardly ever four in a Western word, nearly always in Arabic or
# Cyrillic bytes that were read as windows-1252.
_FOREIGN_RUN = re.compile(r"[\xaa\xb5\xba\xc0-\xff]{4,}")
_ASCII = bytes(range(0x80))
_CONTROLS = bytes(c for c in range(0x20) if c not in b"\t\n\r\v\f\x1b")
# What XML cannot hold, as itself and as a numeric reference; libxml2 would let both into the tree,
# and no later stage could set a text that has one.
_UNFIT_BYTES = _CONTROLS[1:] + b"\v\f\x1b"
_UNFIT = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f]")
_UNFIT_REFERENCE = re.compile(
    r"&#(?:0{0,7}(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|[xX]0{0,7}(?:[1-8bceBCE]|1[0-9a-fA-F]|[fF]{3}[eEfF])"
    r"(?![0-9a-fA-F]));?"
)
# What str.splitlines() takes as line ends, but for the separators U+001C-1E.
_LINE_END = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]+")


def decode(draft: Draft) -> Draft:
    """Return the draft with `markup` (a page) or `lines` (plain text: one per line, none blank).

    U+0000 becomes U+FFFD. Raises Reject: `too_large` over 5,000,000 bytes, `empty`, `not_text` for
    bytes that are no text in any charset.
    """
    content = read_content(draft.raw)
    if len(content) > MAX_BYTES:
        raise Reject("too_large", f"{len(content):,} bytes")
    if content.isspace() or not content:
        raise Reject("empty", "no bytes but white space")
    media_type, charset = _parse_content_type(draft.raw.content_type)
    if draft.raw.content is not None and charset is not None and charset.lower() == "utf-8":
        text = draft.raw.content.removeprefix("\ufeff")  # decoded before, and declared so
        _refuse_binary(content)
    else:
        text = _decode_bytes(content, charset)
    text = text.replace("\0", "\ufffd")
    if media_type in _MARKUP_TYPES and "<" not in text:
        text = unescape(text)  # a feed's text without a tag, in lines of its own
    elif media_type in _MARKUP_TYPES or (media_type != "text/plain" and _MARKUP_START.search(text, 0, 2048)):
        # Looking at the bytes is a hundred times faster than looking at the characters.
        unfit = len(content.translate(None, _UNFIT_BYTES)) < len(content)
        return replace(draft, markup=_make_fit(_UNFIT.sub(" ", text) if unfit else text))
    lines = tuple(stripped for line in _LINE_END.split(text) if (stripped := line.strip(" \t\xa0\ufeff")))
    if not lines:
        raise Reject("empty", "no line but blank ones")
    return replace(draft, lines=lines)


def _make_fit(markup: str) -> str:
    if "&#" in markup:
        markup = _UNFIT_REFERENCE.sub(" ", markup)
    return markup.replace("\ufffe", " ").replace("\uffff", " ")


def _parse_content_type(written: str) -> tuple[str, str | None]:
    message = Message()
    message["content-type"] = written.replace("\r", " ").replace("\n", " ")
    charset = message.get_param("charset")
    media_type = message.get_content_type() if "/" in written else ""
    return media_type, charset if isinstance(charset, str) else None


def _decode_bytes(content: bytes, charset: str | None) -> str:
    for mark, unicode_form in _BOMS:
        if content.startswith(mark):
            return content.decode(unicode_form, "replace").removeprefix("\ufeff")
    declared = _codec_of(charset)
    if declared is not None and declared.startswith("utf-16"):
        # Half of the bytes of a page in UTF-16 are zero; without them the label is a lie.
        if (
            content.count(0, 0, 4096) * 8 > len(content[:4096])
            and (text := _try(content, declared)) is not None
        ):
            return text
        declared = None
    _refuse_binary(content)
    text = _try(content, "utf-8")
    # A few bytes in a row of a multi-byte charset can pass for UTF-8, and ISO-2022-JP for ASCII.
    sure = not _is_multibyte(declared) or _count_high(content) >= 24
    if text is not None and sure and b"\x1b$" not in content:
        return text
    found = _META.search(content, 0, _META_WITHIN)
    for codec in (declared, _codec_of(found[1].decode("ascii", "replace")) if found else None):
        # A page that could name UTF-16 in ASCII letters is not in UTF-16.
        if codec is None or codec == "utf-8" or codec.startswith("utf-16"):
            continue
        believed = _try(content, codec)
        if believed is not None and not (codec == "cp1252" and _looks_foreign(believed)):
            return believed
    return text if text is not None else _detect(content)


def _detect(content: bytes) -> str:
    # UTF-8 with a few broken characters, as of a page cut to a length, stays UTF-8.
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") * 18 < _count_high(content):
        return text
    codec = detect_encoding(content) or "utf-8"
    text = content.decode(codec, "replace")
    holes = text.count("\ufffd")
    if holes * 50 > len(text):
        raise Reject("not_text", f"no charset fits; the likeliest, {codec}, leaves {holes:,} holes")
    return text


def _try(content: bytes, codec: str) -> str | None:
    if codec == "cp1252":
        # WHATWG's windows-1252 has no holes; Python's has five, and no text means them.
        return content.decode(codec, "replace")
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


def _count_high(content: bytes) -> int:
    return len(content.translate(None, _ASCII))


def _codec_of(label: str | None) -> str | None:
    """Return the Python codec of a WHATWG label, None for a label that the standard does not know."""
    codec = map_encoding_to_html5(label.strip(" \t\"'").lower(), fallback_utf8=False) if label else None
    return str(codec) if codec else None


def _is_multibyte(codec: str | None) -> bool:
    return codec is not None and not codec.startswith(("cp125", "iso8859", "koi8", "mac", "cp866", "utf-8"))


def _looks_foreign(text: str) -> bool:
    return len(_FOREIGN_RUN.findall(text, 0, 200_000)) > 8


def _refuse_binary(content: bytes) -> None:
    for magic, name in _MAGIC:
        if content.startswith(magic):
            raise Reject("not_text", name)
    head = content[:65_536]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > 8 and controls * 50 > len(head):
        raise Reject("not_text", f"{controls:,} control characters in the first {len(head):,} bytes")
