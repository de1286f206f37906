"""Invented news of forty sites, as a file that is pushed."""

import json
import random
import re
from itertools import product
from pathlib import Path

from connectors.sources.files import FilesSource
from schemas.letter import INPUT, RAW_ID
from tests.news import make_inputs

TEXT = "The harbour office told the boats of the northern pier to wait for the tide, and they waited. " * 6
Delivery = tuple[str, str]  # its input and its raw_id

_WIRE = re.compile(rb"https://wire\d\.example/(\d+)")
_SENTENCE = re.compile(rb'(\b[A-Z][^.,<>"]*)(, and \d+ )(?=(?:people|persons) of ward )')
_SYLLABLES = (
    "bar",
    "del",
    "fin",
    "gor",
    "hul",
    "jam",
    "kep",
    "lor",
    "mid",
    "nas",
    "pur",
    "ton",
    "ves",
    "wil",
)
_WORDS = ["".join(parts).encode() for parts in product(_SYLLABLES, repeat=3)]
_COPY = re.compile(rb"https://copies\.example/(\d+)")


def make_lines(count: int) -> list[bytes]:
    """Return the lines of tests.news, on so many sites that every partition has some."""
    return [spread(line) for line in make_inputs(count)]


def spread(line: bytes) -> bytes:
    """Return the line with its address on one of many sites, and in words that are few articles' own."""
    line = _SENTENCE.sub(_reword, line)
    # 35 is a multiple of the 7 by which articles have a footer: a site has it always or never.
    line = _WIRE.sub(lambda found: b"https://wire%d.example/%s" % (int(found[1]) % 35, found[1]), line)
    return _COPY.sub(lambda found: b"https://copies%d.example/%s" % (int(found[1]) % 5, found[1]), line)


def make_page(kind: str, site: int, number: int) -> bytes:
    """Return a good article, whose address asks for harm of that kind (`harm/sitecustomize.py`)."""
    return json.dumps({"url": f"https://wire{site}.example/{kind}/{number}", "text": TEXT}).encode()


def _reword(found: re.Match[bytes]) -> bytes:
    # The sentences of tests.news are alike: each article would be compared with all others.
    chance = random.Random(found[2])
    words = [word if len(word) < 4 else chance.choice(_WORDS) for word in found[1].split()]
    return b" ".join(words) + found[2]


def write_lines(path: Path, lines: list[bytes]) -> list[Delivery]:
    """Write them, and return what `naba push` makes of them when it is started beside the file."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    found = []
    for letter in FilesSource([str(path)]).poll():
        where = letter.headers[INPUT].rpartition("/")[2]
        found.append((where, letter.headers[RAW_ID]))
    return found
