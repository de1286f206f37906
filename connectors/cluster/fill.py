"""Fills a sink from topics, until it is told to stop or nothing more is to come."""

import time
from collections.abc import Callable, Sequence
from functools import partial

from connectors.cluster.reader import Reader
from connectors.cluster.settled import Settled
from connectors.sink import Received, Refused, Sink, Tell, Unfinished
from connectors.sinks.portion import Portion
from connectors.sinks.waiting import Waiting

_SECONDS = 0.2  # after which it looks whether it shall stop


def fill(
    sink: Sink,
    reader: Reader,
    settled: Settled | None,
    stop: Callable[[], bool],
    tell: Tell,
    *,
    bury: Callable[[Sequence[Refused]], None] | None = None,
) -> None:
    """Carry what `reader` reads to the sink; what it has is committed.

    A store that is away is waited for, as `tell` is told. `bury` comes back when what the store
    refuses is safe elsewhere; without it that is told and passed over. Comes back when `stop` says
    so, or when everything has `settled`.
    """
    portion = Portion()
    waiting = Waiting(tell, partial(_pause, stop))
    give_up = bury or partial(_tell_refused, tell)
    while not stop():
        batch = reader.read(_SECONDS)
        if not batch and settled is not None and settled.look(reader.position):
            return
        while batch and not stop():
            with reader.held():
                count = _write(sink, batch[: portion.size], portion, waiting, give_up)
            if count is None:
                return
            reader.commit(batch[:count])
            batch = batch[count:]


def _write(
    sink: Sink,
    batch: Sequence[Received],
    portion: Portion,
    waiting: Waiting,
    bury: Callable[[Sequence[Refused]], None],
) -> int | None:
    """Return how many of the batch the store has, from its first on; None where it was told to stop."""
    count: int = len(batch)
    try:
        refused = waiting.until_there(partial(portion.measure, count, partial(sink.write, batch)))
    except Unfinished as part:
        count, refused = part.count, part.refused
    if refused:
        bury(refused)
    return None if refused is None else count


def _tell_refused(tell: Tell, refused: Sequence[Refused]) -> None:
    for one in refused:
        tell(f"{one.item}: passed over, is refused: {one.detail}")


def _pause(stop: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not stop() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _SECONDS))
    return not stop()
