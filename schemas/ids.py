"""Stable ids: 32 hex digits of SHA-256 (FIPS 180-4) over length-prefixed parts."""

from datetime import UTC, datetime
from hashlib import sha256

from schemas.address import NO_ALIASES, Aliases, address_key

VERSION = "1"


def hash_parts(kind: str, *parts: str | bytes) -> str:
    """Return 32 hex digits; no two different lists of parts meet by gluing."""
    digest = sha256()
    for part in (kind, *parts):
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:32]


def raw_id(source: str, url: str | None, content: bytes, fetched_at: datetime | None) -> str:
    """Return the id of a delivered page; `fetched_at` only where it came with the delivery."""
    moment = fetched_at.astimezone(UTC).isoformat() if fetched_at else ""
    return hash_parts("naba raw", source, url or "", content, moment)


def push_id(source: str, key: str, number: int) -> str:
    """Return the raw_id of the article of that number which a source sends under a key of its own."""
    return hash_parts("naba push", source, key, str(number))


def article_id(identifying: str | None, content: bytes, aliases: Aliases = NO_ALIASES) -> str:
    """Return the id of an article: of its identifying address, else of its raw bytes.

    Of an address on a site that `aliases` name, the id is that on the site it is known by.
    """
    if identifying is None:
        return hash_parts("naba bytes", content)
    return hash_parts("naba address", address_key(identifying, aliases))


def delivery_id(input: str, raw: str) -> str:
    """Return the id of a delivery: one `input` with one `raw_id`."""
    return hash_parts("naba delivery", input, raw)
