"""Letters from the loop that fetches to the thread that works on them: few at a time."""

import asyncio
import queue

from schemas.letter import Letter

_LETTERS = 64
_BYTES = 32 * 1024 * 1024


class Outbox:
    """`put` waits on the loop while too much is there; `take` waits in the other thread."""

    def __init__(self) -> None:
        self._letters: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()
        self._room = asyncio.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Return whether `put` would wait."""
        return self._count >= _LETTERS or self._bytes >= _BYTES

    async def wait_for_room(self) -> None:
        """Come back when `put` would not wait."""
        async with self._room:
            await self._room.wait_for(lambda: not self.is_full)

    async def put(self, letter: Letter) -> None:
        """Hand over a letter once there is room."""
        self._loop = asyncio.get_running_loop()
        async with self._room:
            await self._room.wait_for(lambda: not self.is_full)
            self._count += 1
            self._bytes += letter.size
        self._letters.put(letter)

    def end(self) -> None:
        """Say that nothing more comes: `take` returns at once from then on."""
        self._letters.put(None)

    def take(self, seconds: float) -> Letter | None:
        """Return the next letter, None where none came within `seconds` or none will."""
        try:
            letter = self._letters.get(timeout=seconds)
        except queue.Empty:
            return None
        if letter is not None and self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._free(letter.size), self._loop)
        return letter

    async def _free(self, size: int) -> None:
        async with self._room:
            self._count -= 1
            self._bytes -= size
            self._room.notify_all()
