"""Where pushed letters are safe: what both runners promise a sender before it gets its 2xx."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.letter import Letter


class Busy(Exception):
    """Nothing can be kept now; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was read of one request; `body` is the hash of what came, `key` what its sender calls it."""

    source: str
    key: str | None
    body: str
    letters: Sequence[Letter]


class Keep(Protocol):
    """Keeps letters so that no crash takes them back."""

    def check(self) -> None:
        """Raise Busy where it is of no use to send anything now."""
        ...

    async def take(self, pushed: Pushed) -> None:
        """Come back when all is safe. Raises Busy, and KeyReused."""
        ...
