"""Letters between the loop and a runner: bounded, in their order, all of them."""

import asyncio
import threading
import time

from connectors.polling.outbox import Outbox
from schemas.letter import Letter


def test_a_slow_runner_gets_everything_and_little_waits_for_it() -> None:
    async def fill(outbox: Outbox) -> int:
        most = 0
        for number in range(300):
            await outbox.put(Letter("t", "k", str(number).encode()))
            most = max(most, outbox._letters.qsize())
        outbox.end()
        return most

    outbox, most = Outbox(), list[int]()
    thread = threading.Thread(target=lambda: most.append(asyncio.run(fill(outbox))))
    thread.start()
    taken = []
    while (letter := outbox.take(5)) is not None:
        taken.append(int(letter.value))
        time.sleep(0.001)
    thread.join()
    assert taken == list(range(300))
    assert most[0] <= 64


def test_large_letters_wait_for_room_by_their_bytes() -> None:
    async def fill(outbox: Outbox) -> None:
        for _ in range(10):
            await outbox.put(Letter("t", "k", b"x" * 7_000_000))

    outbox = Outbox()
    thread = threading.Thread(target=lambda: asyncio.run(fill(outbox)))
    thread.start()
    time.sleep(0.3)
    assert outbox._letters.qsize() == 5
    for _ in range(10):
        assert outbox.take(5) is not None
    thread.join()
    assert outbox.take(0.01) is None
