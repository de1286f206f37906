"""A name for a source that nobody named: after its title or its host."""

import re
from collections.abc import Container

from schemas.address import host_of, site_of

_OTHER = re.compile(r"[^\w.-]+")


def name_source(url: str, taken: Container[str], title: str | None = None) -> str:
    """Return a name in small letters that is not taken: the title's words, else the site."""
    name = _OTHER.sub("-", (title or "").casefold()).strip("-.")[:60] or site_of(host_of(url)) or "source"
    number, unique = 2, name
    while unique in taken:
        unique = f"{name}-{number}"
        number += 1
    return unique
