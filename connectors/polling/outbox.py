"""Letters from the loop that fetches to the thread that works on them: few at a time."""

import asyncio
import queue
from contextlib import suppress

from schemas.letter import Letter

_LETTERS = 64
_BYTES = 32 * 1024 * 1024


class Outbox:
    """`put` waits on the loop while too much is there; `take` waits in the other thread."""

    def __init__(self) -> None:
        self._letters: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()
        self._freed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = self._bytes = 0

    async def wait_for_room(self) -> None:
        """Come back when `put` would not wait."""
        while self._count >= _LETTERS or self._bytes >= _BYTES:
            self._freed.clear()
            await self._freed.wait()

    async def put(self, letter: Letter) -> None:
        """Hand over a letter once there is room."""
        self._loop = asyncio.get_running_loop()
        await self.wait_for_room()
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
        if letter is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits for room
                self._loop.call_soon_threadsafe(self._free, letter.size)
        return letter

    def _free(self, size: int) -> None:
        self._count -= 1
        self._bytes -= size
        self._freed.set()
