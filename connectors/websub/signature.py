"""Whether content is the hub's: `X-Hub-Signature`, an HMAC of the body (WebSub, 7.1)."""

import hmac
from collections.abc import Iterable

_METHODS = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}  # and the bytes of each


def read_signature(header: str | None, *, secure: bool) -> tuple[str, bytes] | None:
    """Return method and digest, None where there is none that can be believed.

    Most hubs sign with sha1 and cannot be asked for another. Nobody is known to forge an HMAC by what
    breaks SHA-1 itself, but the specification (8.3) wants more where the signature is all there is: so
    sha1 counts only at a callback by https (`secure`), which guards what comes as well.
    """
    method, _, digits = (header or "").strip().partition("=")
    method = method.lower()
    if method not in _METHODS or (method == "sha1" and not secure):
        return None
    try:
        digest = bytes.fromhex(digits) if digits.isascii() and digits.isalnum() else b""
    except ValueError:
        return None
    return (method, digest) if len(digest) == _METHODS[method] else None


def is_signed(body: bytes, signature: tuple[str, bytes], secrets: Iterable[str]) -> bool:
    """Return whether one of `secrets` has signed `body`, in a time that says nothing of where it differs."""
    method, digest = signature
    return any(hmac.compare_digest(hmac.digest(one.encode(), body, method), digest) for one in secrets)
