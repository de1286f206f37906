"""Short texts of a page's head (a headline, a name) as plain text."""

import html
import re

from streams.text.repair import repair_text

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


def plain(value: object, limit: int = 1000) -> str:
    """Return `value` as one line of repaired text, empty where it is no string.

    Character references are decoded, twice where they were encoded twice, and markup goes. What
    is longer than `limit` characters is no headline and no name: it counts as empty.
    """
    if not isinstance(value, str) or len(value) > 4 * limit:
        return ""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    if "<" in value:
        value = _TAG.sub(" ", value)
    value = " ".join(value.split())
    if not (value.isascii() and value.isprintable()):
        value = " ".join(repair_text(value).split())
    return value if len(value) <= limit else ""
