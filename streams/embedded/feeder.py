"""Feeds one sink from the store, in a thread of its own: what it waits for, nobody else does."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from connectors.sink import ANEW, Received, Refused, Sink, SinkSettings, StoreAway, Tell, Unfinished
from connectors.sinks.portion import Portion
from connectors.sinks.waiting import Waiting
from streams.embedded.backlog import Backlog

_LOOK_SECONDS = 0.25  # after which it looks again whether the store has more


class Feeder:
    """Goes on until it is told to `finish` or to `stop`; a run that is killed goes on from there."""

    def __init__(self, path: str, settings: SinkSettings, say: Tell) -> None:
        """`path` is a store that is there; `say` gets what a person should know."""
        self.name = settings.name
        self.error: BaseException | None = None  # what ended it, where that was neither of the two
        self.is_up_to_date = False  # it had everything when it ended
        self.moved_at = time.monotonic()  # when its store last took something
        self._path, self._settings = path, settings
        self._portion = Portion()
        self._tell: Tell = lambda line: say(f"sink {settings.name}: {line}")
        self._waiting = Waiting(self._tell, self._pause)
        self._tried = threading.Event()  # its store was asked for once
        self._wake = threading.Event()
        self._finishing = self._stopping = False
        # A daemon: a store that hangs must not keep the program from its end.
        self._thread = threading.Thread(target=self._run, name=f"sink {self.name}", daemon=True)

    def start(self) -> None:
        """Begin; what the sink's `open` raises is in `error` soon, or later where it takes its time."""
        self._thread.start()

    def wait_until_tried(self, seconds: float) -> None:
        """Come back when its store was asked for, whatever came of it, at the latest after `seconds`."""
        self._tried.wait(seconds)

    def finish(self) -> None:
        """Let it end as soon as its sink has everything that the store holds."""
        self._finishing = True
        self._wake.set()

    def stop(self) -> None:
        """Let it end behind the write that is on its way."""
        self._stopping = True
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Return whether it has ended, at the latest after `seconds`."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            sink = self._waiting.until_there(self._open)
            if sink is None:
                return
            try:
                with closing(Backlog(self._path, self.name, sink.topics)) as backlog:
                    if sink.is_new and backlog.has_begun():
                        self._tell(ANEW)
                    self.is_up_to_date = self._feed(sink, backlog)
            finally:
                sink.close()
        except BaseException as error:  # raised by the thread that runs the whole
            self.error = error
        finally:
            self._tried.set()

    def _open(self) -> Sink:
        try:
            sink = self._settings.open(self._tell)
        except StoreAway:
            self._tried.set()
            raise
        self._tried.set()
        return sink

    def _feed(self, sink: Sink, backlog: Backlog) -> bool:
        while not self._stopping:
            # Asked before it looks: what the run has brought by then is in the store.
            is_last = self._finishing
            batch = backlog.read(self._portion.size)
            if not batch:
                if is_last:
                    return True
                self._pause(_LOOK_SECONDS)
                continue
            written, refused = self._write(sink, batch)
            if refused is None:
                return False
            backlog.move(written, refused)
            self.moved_at = time.monotonic()
        return False

    def _write(
        self, sink: Sink, batch: Sequence[Received]
    ) -> tuple[Sequence[Received], Sequence[Refused] | None]:
        """Return what is written of the batch and what of that is refused; None where it was told to stop."""
        write = partial(self._portion.measure, len(batch), partial(sink.write, batch))
        try:
            return batch, self._waiting.until_there(write)
        except Unfinished as part:
            return batch[: part.count], part.refused

    def _pause(self, seconds: float) -> bool:
        self._wake.wait(seconds)
        self._wake.clear()
        return not self._stopping
