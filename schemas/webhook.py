"""Signatures of Standard Webhooks (version 1.0.0): HMAC-SHA256 over id, time and body."""

import base64
import hmac
from collections.abc import Iterable


def read_secret(written: str) -> bytes:
    """Return the key of a secret (`whsec_` and base64, padded or not). Raises ValueError."""
    coded = written.removeprefix("whsec_")
    try:
        key = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except ValueError:
        raise ValueError("no secret of Standard Webhooks: whsec_ and base64 are expected") from None
    if not key:
        raise ValueError("an empty secret")
    return key


def digest(id: str, time: int, body: bytes, key: bytes) -> bytes:
    """Return the signature of a message that is sent at `time`, in seconds since 1970."""
    # Headers that are no UTF-8 come with their bytes escaped: what was signed is those bytes.
    said = f"{id}.{time}.".encode("utf-8", "surrogateescape")
    return hmac.digest(key, said + body, "sha256")


def sign(id: str, time: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """Return the three headers of a message, with one signature for each key."""
    signatures = (base64.b64encode(digest(id, time, body, key)).decode() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(time),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
