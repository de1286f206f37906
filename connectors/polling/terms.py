"""What the settings say of whose articles may be taken, as far as a source has to know it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.address import NO_ALIASES, Aliases, canonical_url
from schemas.ids import article_id


def _is_open(_source: str, _url: str | None) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Terms:
    """`is_shut` tells of a source and an address whether it may not be fetched; `aliases` of moved hosts."""

    is_shut: Callable[[str, str | None], bool] = _is_open
    aliases: Aliases = field(default_factory=lambda: NO_ALIASES)

    def identify(self, url: str) -> str | None:
        """Return the id of an article's address, the same for all spellings; None where it has none."""
        canonical = canonical_url(url)
        return article_id(canonical, b"", self.aliases) if canonical else None
