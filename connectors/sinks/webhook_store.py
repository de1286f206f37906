"""Hands batches to a receiver: some messages at once, those of one article in their order."""

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from connectors.sink import Received, Refused, StoreAway, Unfinished
from connectors.sinks.webhook_endpoint import Endpoint
from connectors.sinks.webhook_message import write_message
from connectors.sinks.webhook_secrets import read_secrets
from schemas.codec import DecodeError
from schemas.wrong_use import WrongUse

_SECONDS = 0.5  # of one write
_Place = tuple[str, int, int]  # topic, partition and offset


class WebhookStore:
    """A receiver behind an address: who receives tells by `webhook-id` what it has.

    A write ends with its time, and not with its slowest request: what is under way then goes on with
    the next write, and what was answered by then is known in it. So one request that hangs costs the
    others nothing, and however slow the receiver is, as many are under way as may be.
    """

    is_new = False

    def __init__(
        self, topics: tuple[str, ...], secret_file: Path, url: str, at_once: int, seconds: float
    ) -> None:
        """Raises WrongUse where the file has no secret."""
        self.topics = topics
        self._secret_file, self._at_once = secret_file, at_once
        self._keys = read_secrets(secret_file)
        self._waiting: deque[list[Received]] = deque()  # of one article each
        self._begun: set[str] = set()  # articles of which something is under way
        self._workers: set[asyncio.Task[None]] = set()
        self._settled: dict[_Place, str | None] = {}  # why it is refused, None where it is taken
        self._trouble: StoreAway | None = None  # with it nothing more is begun
        self._runner = asyncio.Runner()
        self._endpoint = self._runner.run(_open(url, at_once, seconds))

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Come back when the receiver has said of each whether it takes it. Raises Unfinished, StoreAway.

        What it has taken of a batch by then is not sent again when that batch comes again.
        """
        try:
            self._keys = read_secrets(self._secret_file)  # each time: they may be changed under way
        except WrongUse as error:
            raise StoreAway(str(error)) from None
        places = [_place(item) for item in batch]
        self._settled = {place: self._settled[place] for place in places if place in self._settled}
        known = len(self._settled)
        self._runner.run(self._deliver(batch))
        count = next((at for at, place in enumerate(places) if place not in self._settled), len(batch))
        taken = len(self._settled) - known
        if not count and self._trouble is not None and not self._workers:
            trouble, self._trouble = self._trouble, None
            raise trouble
        answers = [
            (item, self._settled.pop(place)) for item, place in zip(batch, places[:count], strict=False)
        ]
        refused = [Refused(item, detail) for item, detail in answers if detail is not None]
        if count < len(batch):
            raise Unfinished(count, refused, taken)
        return refused

    def close(self) -> None:
        """Close all connections; requests under way are broken off."""
        self._runner.run(self._break_off())
        self._runner.close()

    async def _deliver(self, batch: Sequence[Received]) -> None:
        """Come back when all that could be begun has its answer, at the latest when the time is over."""
        chains: dict[str, list[Received]] = {}
        for item in batch:
            if item.letter.key not in self._begun and _place(item) not in self._settled:
                chains.setdefault(item.letter.key, []).append(item)
        if self._trouble is None:
            self._waiting.extend(chains.values())
        free = self._at_once - len(self._workers)
        self._workers |= {asyncio.create_task(self._work()) for _ in range(min(free, len(self._waiting)))}
        if self._workers:
            done, self._workers = await asyncio.wait(self._workers, timeout=_SECONDS)
            for worker in done:
                worker.result()
        self._waiting.clear()  # the next batch has them, if they are still wanted

    async def _work(self) -> None:
        while self._waiting:
            chain = self._waiting.popleft()
            key = chain[0].letter.key
            self._begun.add(key)
            try:
                await self._send(chain)
            except StoreAway as error:
                # What is under way elsewhere is waited for, so that it is known to be taken.
                self._trouble = self._trouble or error
                self._waiting.clear()
            finally:
                self._begun.remove(key)

    async def _send(self, chain: Sequence[Received]) -> None:
        answers: dict[str, str | None] = {}  # by id: the same message may come more than once
        for item in chain:
            try:
                message = write_message(item)
            except DecodeError as error:
                self._settled[_place(item)] = str(error)
                continue
            if message is not None and message.id not in answers:
                if self._trouble is not None:
                    return
                answers[message.id] = await self._endpoint.post(message, self._keys, self._has_trouble)
            self._settled[_place(item)] = None if message is None else answers[message.id]

    def _has_trouble(self) -> bool:
        return self._trouble is not None

    async def _break_off(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._endpoint.close()


def _place(item: Received) -> _Place:
    return item.letter.topic, item.partition, item.offset


async def _open(url: str, at_once: int, seconds: float) -> Endpoint:
    return Endpoint(url, at_once, seconds)  # aiohttp wants to be made within its loop
