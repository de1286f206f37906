"""Comparison keys of lines: what a line that keeps coming back on one host is recognised by."""

import re
from collections.abc import Sequence

import xxhash

from streams.fold import fold

_LONG = 60  # characters from which a line is more than a label, a name or a marker
_PROSE = 20  # words from which a line says something of its own
_FORM = 12  # words up to which numbers are the variable part of a form ("code 136", "20:26")
_LONG_UNSPACED, _PROSE_UNSPACED = 25, 50  # the same in characters of scripts without spaces
EDGE = 256  # lines at either end of a body that get a key; furniture stands nowhere else
_REACH = 400  # characters at either end of a line that its key is made of

_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,400}", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{6}")
_DIGITS = re.compile(r"\d+")


def line_keys(lines: Sequence[str]) -> tuple[int, ...]:
    """Return a 63-bit key for each line, 0 where it has no letters.

    Equal keys mean: the same words but for spelling habits and addresses, and in short lines
    for numbers. In a longer line the numbers are the news ("shares of 51 companies rose"), so
    they count. The middle of a body of more than 512 lines gets no keys.
    """
    middle = range(EDGE, len(lines) - EDGE)
    return tuple(0 if place in middle else _key(line) for place, line in enumerate(lines))


def is_long(line: str) -> bool:
    """Tell whether the line is more than a label: the long lines make two articles one."""
    return len(line) >= _LONG or (len(line) >= _LONG_UNSPACED and _is_unspaced(line))


def is_prose(line: str) -> bool:
    """Tell whether the line is a sentence of its own, without an address to write or to go to."""
    is_sentence = line.count(" ") + 1 >= _PROSE or (len(line) >= _PROSE_UNSPACED and _is_unspaced(line))
    return is_sentence and not holds_address(line)


def opens(line: str) -> bool:
    """Tell whether the line introduces what follows it: "Read also:", but a sub-head as well."""
    return line.endswith((":", "："))


def holds_address(line: str) -> bool:
    """Tell whether there is an address to write to or to go to in the line."""
    return "@" in line or "://" in line or "www." in line


def _is_unspaced(line: str) -> bool:
    return _UNSPACED.search(line, 0, 200) is not None


def _key(line: str) -> int:
    if len(line) > 2 * _REACH:
        line = f"{line[:_REACH]} {line[-_REACH:]}"
    if holds_address(line):
        line = _MAIL.sub(" mail ", _ADDRESS.sub(" url ", line))
    form = fold(line)
    if not any(map(str.isalpha, form)):
        return 0
    if form.count(" ") < _FORM and not (len(line) >= _LONG_UNSPACED and _is_unspaced(line)):
        form = _DIGITS.sub("0", form)
    return xxhash.xxh3_64_intdigest(form.encode("utf-8", "surrogatepass")) >> 1 or 1
