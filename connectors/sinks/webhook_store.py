"""Hands batches to a receiver: some messages at once, those of one article in their order."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from connectors.sink import Received, Refused, StoreAway
from connectors.sinks.webhook_endpoint import Endpoint
from connectors.sinks.webhook_message import write_message
from schemas.codec import DecodeError
from schemas.webhook import read_secret
from schemas.wrong_use import WrongUse


class WebhookStore:
    """A receiver behind an address. Nothing is kept here: who receives tells by `webhook-id` what it has."""

    def __init__(
        self, topics: tuple[str, ...], secret_file: Path, url: str, at_once: int, seconds: float
    ) -> None:
        """Raises WrongUse where the file has no secret."""
        self.topics = topics
        self._secret_file, self._at_once = secret_file, at_once
        self._settled: dict[str, str | None] = {}  # by id: why it is refused, None where it is taken
        read_secrets(secret_file)
        self._runner = asyncio.Runner()
        self._endpoint = self._runner.run(_open(url, at_once, seconds))

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Come back when the receiver has said of each whether it takes it. Raises StoreAway.

        What it has taken of a batch by then is not sent again when that batch comes again.
        """
        try:
            keys = read_secrets(self._secret_file)  # each time: they may be changed under way
        except WrongUse as error:
            raise StoreAway(str(error)) from None
        refused = self._runner.run(self._deliver(batch, keys))
        self._settled.clear()
        return refused

    def close(self) -> None:
        """Close all connections."""
        self._runner.run(self._endpoint.close())
        self._runner.close()

    async def _deliver(self, batch: Iterable[Received], keys: Sequence[bytes]) -> list[Refused]:
        chains: dict[str, list[Received]] = {}
        for item in batch:
            chains.setdefault(item.letter.key, []).append(item)
        waiting = deque(chains.values())
        refused: list[Refused] = []
        trouble: list[StoreAway] = []

        async def work() -> None:
            while waiting:
                for item in waiting.popleft():
                    # What is under way elsewhere is waited for, so that it is known to be taken.
                    if trouble:
                        return
                    try:
                        detail = await self._settle(item, keys, lambda: bool(trouble))
                    except StoreAway as error:
                        trouble.append(error)
                        return
                    if detail is not None:
                        refused.append(Refused(item, detail))

        await asyncio.gather(*(work() for _ in range(min(self._at_once, len(waiting)))))
        if trouble:
            raise trouble[0]
        return refused

    async def _settle(self, item: Received, keys: Sequence[bytes], stop: Callable[[], bool]) -> str | None:
        """Return why a record is refused, None where the receiver has it."""
        try:
            message = write_message(item)
        except DecodeError as error:
            return str(error)
        if message.id not in self._settled:
            self._settled[message.id] = await self._endpoint.post(message, keys, stop)
        return self._settled[message.id]


def read_secrets(file: Path) -> list[bytes]:
    """Return the keys of a file with one secret a line. Raises WrongUse, which never quotes one."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
        keys = [read_secret(line.strip()) for line in lines if line.strip()]
    except OSError as error:
        raise WrongUse(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{file}: is no text in UTF-8") from None
    except ValueError as error:
        raise WrongUse(f"{file}: {error}") from None
    if not keys:
        raise WrongUse(f"{file}: is empty")
    return keys


async def _open(url: str, at_once: int, seconds: float) -> Endpoint:
    return Endpoint(url, at_once, seconds)  # aiohttp wants to be made within its loop
