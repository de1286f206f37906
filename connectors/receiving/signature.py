"""Signatures of Standard Webhooks (version 1.0.0): HMAC-SHA256 over id, time and body."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.webhook import digest

WINDOW = 300.0  # seconds that the time of a message may be off, either way
_MOST_SIGNATURES = 10  # a sender that rotates its secret signs with both
_TIME = re.compile(r"[0-9]{1,12}")


class BadSignature(ValueError):
    """A message that nobody known has signed, or not now; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the three headers of a message say: its id, when it was sent (seconds since 1970), who vouches."""

    id: str
    time: int
    signatures: tuple[bytes, ...]


def read_signed(headers: Mapping[str, str], now: float) -> Signed | None:
    """Return what a message says of itself, None where it is not signed.

    Raises BadSignature where a header is missing or malformed, or its time is outside the window.
    """
    given = {name: headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature")}
    if not any(given.values()):
        return None
    for name, value in given.items():
        if not value:
            raise BadSignature(f"webhook-{name} is missing")
    written = given["timestamp"] or ""
    if not _TIME.fullmatch(written):
        raise BadSignature("webhook-timestamp is no number of seconds since 1970")
    time = int(written)
    if abs(now - time) > WINDOW:
        raise BadSignature(f"webhook-timestamp is more than {WINDOW:g} s off")
    signatures = tuple(_read_signatures(given["signature"] or ""))
    if not signatures:
        raise BadSignature("webhook-signature has no signature of version v1")
    return Signed(id=given["id"] or "", time=time, signatures=signatures)


def is_signed(signed: Signed, body: bytes, key: bytes) -> bool:
    """Return whether one of the signatures is that of `key`, in a time that tells nothing of it."""
    expected, found = digest(signed.id, signed.time, body, key), False
    for signature in signed.signatures:
        found |= hmac.compare_digest(expected, signature)
    return found


def _read_signatures(written: str) -> list[bytes]:
    found = []
    for one in written.split(" ")[:_MOST_SIGNATURES]:
        version, _, signature = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(signature, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
