"""Fills a sink from topics, until it is told to stop or nothing more is to come."""

from collections.abc import Callable

from connectors.cluster.reader import Reader
from connectors.cluster.settled import Settled
from connectors.sink import Sink

_SECONDS = 0.2  # after which it looks whether it shall stop


def fill(sink: Sink, reader: Reader, settled: Settled | None, stop: Callable[[], bool]) -> None:
    """Carry what `reader` reads to `sink`; a batch is committed once the sink has it.

    Comes back when `stop` says so, or when everything has `settled`.
    """
    while not stop():
        batch = reader.read(_SECONDS)
        if batch:
            sink.write(batch)
            reader.commit(batch)
        elif settled is not None and settled.look(reader.position):
            return
