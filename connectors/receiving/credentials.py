"""Who may push: tokens and secrets from files, read again when a file has changed."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from connectors.polling.desk import NotListening
from connectors.receiving.request import TOKEN
from connectors.receiving.signature import Signed, is_signed
from connectors.sources.receive import ReceiveSource
from schemas.webhook import read_secret

T = TypeVar("T")


@dataclass(slots=True)
class _Known:
    tokens: list[bytes] = field(default_factory=list)  # their digests: all of one length
    secrets: list[bytes] = field(default_factory=list)
    is_readable: bool = True


class Credentials:
    """Of all sources that receive, by their names."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def read(self, source: ReceiveSource) -> None:
        """Take up what the files of a source say now, one token or secret a line.

        Raises NotListening where a file cannot be read or names none; then nobody is let in by it.
        """
        self._known[source.name] = _Known(is_readable=False)
        known = _Known()
        if source.token_file is not None:
            known.tokens = _read_lines(source.token_file, _digest)
        if source.secret_file is not None:
            known.secrets = _read_lines(source.secret_file, read_secret)
        self._known[source.name] = known

    def are_readable(self, source: ReceiveSource) -> bool:
        """Return whether it is known who may push for a source."""
        return self._of(source).is_readable

    def has_secrets(self, source: ReceiveSource) -> bool:
        """Return whether anybody signs for a source."""
        return bool(self._of(source).secrets)

    def owns_token(self, source: ReceiveSource, token: str) -> bool:
        """Return whether a token is one of the source's, in a time that tells nothing of them."""
        digest, found = sha256(token.encode("utf-8", "surrogateescape")).digest(), False
        for known in self._of(source).tokens:
            found |= hmac.compare_digest(digest, known)
        return found

    def has_signed(self, source: ReceiveSource, signed: Signed, body: bytes) -> bool:
        """Return whether a message is signed with one of the source's secrets."""
        return any(is_signed(signed, body, secret) for secret in self._of(source).secrets)

    def _of(self, source: ReceiveSource) -> _Known:
        return self._known.get(source.name) or _Known(is_readable=False)


def _digest(token: str) -> bytes:
    if not TOKEN.fullmatch(token):
        raise ValueError("a token has letters, digits and -._~+/= alone (RFC 6750)")
    return sha256(token.encode()).digest()


def _read_lines(file: str, read: Callable[[str], T]) -> list[T]:
    try:
        lines = Path(file).read_text(encoding="utf-8-sig").split("\n")
        found = [read(line.strip()) for line in lines if line.strip()]
    except OSError as error:
        raise NotListening(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise NotListening(f"{file}: {error}") from None
    if not found:
        raise NotListening(f"{file}: is empty")
    return found
