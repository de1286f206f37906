"""What the head of a push says: the token (RFC 6750), the key, the address of a page."""

import re
from collections.abc import Mapping

from aiohttp import web

from connectors.receiving.problem import Refused
from schemas.address import canonical_url

TOKEN = re.compile(r"[A-Za-z0-9._~+/=:-]+")
_BEARER = re.compile(rf"bearer +({TOKEN.pattern})", re.IGNORECASE)
# As draft-ietf-httpapi-idempotency-key-header quotes it, and as everybody writes it.
_KEY = re.compile(r'"([\x21\x23-\x5b\x5d-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]{0,254})"|([\x21-\x7e]{1,255})')
_WEB = re.compile(r"https?://", re.IGNORECASE)
_MOST_URL = 4000  # a line of the head has room for it


def read_token(headers: Mapping[str, str]) -> str | None:
    """Return the bearer token, None where there is none."""
    found = _BEARER.fullmatch(headers.get("Authorization", "").strip())
    return found[1] if found else None


def read_key(headers: Mapping[str, str]) -> str | None:
    """Return the Idempotency-Key, None where there is none; raises Refused for one that cannot be."""
    written = headers.get("Idempotency-Key")
    if written is None:
        return None
    found = _KEY.fullmatch(written.strip())
    if not found:
        raise Refused(400, "a key has 1 to 255 visible ASCII characters")
    return found[1] or found[2]


def read_url(request: web.BaseRequest) -> str | None:
    """Return the address of a page that is sent as it is: Content-Location (RFC 9110, 8.7), or `?url=`.

    Raises Refused where one of them is no address of the web.
    """
    given = [request.headers.get("Content-Location"), request.query.get("url")]
    written = [one for one in given if one is not None]
    for one in written:
        if len(one) > _MOST_URL or not _WEB.match(one) or canonical_url(one) is None:
            raise Refused(400, f"no address of the web: {one[:200]!r}")
    return written[0] if written else None
