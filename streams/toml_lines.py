"""Where a key stands in a TOML file: the parser of the standard library does not tell."""

import re
from collections import Counter

import msgspec

_TABLE = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w\"'.\- ]+?)\s*=")
_LAST_PLACE = re.compile(r"\[\d+\]$")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")


def find_line(text: str, key: str) -> int | None:
    """Return the number (from 1) of the line on which `key` is set (`clean.seconds`, `cut[2].lines[0]`).

    None where it is not found: in an inline table, or where it comes from elsewhere.
    """
    wanted = {key, _LAST_PLACE.sub("", key)}
    table, tables = "", Counter[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if matched := _TABLE.match(line):
            table = _plain(matched[2])
            if matched[1] == "[[":
                tables[table] += 1
                table = f"{table}[{tables[table] - 1}]"
            if table in wanted:
                return number
        elif matched := _KEY.match(line):
            name = _plain(matched[1])
            if (f"{table}.{name}" if table else name) in wanted:
                return number
    return None


def name_key(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return the key that a validation error is about, empty for the whole, and what is wrong with it."""
    message, _, path = str(error).partition(" - at `$")
    keys = [part for part in (path.rstrip("`").lstrip("."),) if part]
    if unknown := _UNKNOWN.search(message):
        return ".".join([*keys, unknown[1]]), "unknown key"
    return ".".join(keys), message


def _plain(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))
