"""The sinks of the settings beside a run: each is fed from the store, and brought up to date at its end."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType

from connectors.sink import SinkSettings, Tell
from streams.embedded.feeder import Feeder

_FIRST_SECONDS = 3.0  # for which a wrong setting is waited for, before anything is taken in
_IDLE_SECONDS = 60.0  # for which a sink may stand still at the end
_STOP_SECONDS = 3.0  # for the portions that are on their way
_LOOK_SECONDS = 0.2


class Sinks:
    """All feeders of one store, from `__enter__` to `__exit__`."""

    def __init__(self, path: str, settings: Sequence[SinkSettings], say: Tell) -> None:
        """`path` is a store that is there; a second run on it must have been refused."""
        self._say = say
        self._feeders = [Feeder(path, one, say) for one in settings]

    def __enter__(self) -> "Sinks":
        """Begin to feed them. Raises WrongUse for one that cannot be opened as it is set."""
        for feeder in self._feeders:
            feeder.start()
        until = time.monotonic() + _FIRST_SECONDS
        for feeder in self._feeders:
            feeder.wait_until_tried(max(0.0, until - time.monotonic()))
        try:
            self.check()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stop()

    def has_failed(self) -> bool:
        """Return whether one has ended by an error: a run that goes on would only widen the gap."""
        return any(feeder.error is not None for feeder in self._feeders)

    def check(self) -> None:
        """Raise the error by which one has ended."""
        for feeder in self._feeders:
            if feeder.error is not None:
                raise feeder.error

    def finish(self, stop: Callable[[], bool] = lambda: False) -> list[str]:
        """Bring all up to date, and return the names of those that are not.

        One that takes nothing for a minute is given up, with a line that says so, and all are when
        `stop` says so; the next run goes on. Raises the error by which one has ended.
        """
        self.check()
        begun = time.monotonic()
        for feeder in self._feeders:
            feeder.finish()
        running = list(self._feeders)
        while running and not stop() and not self.has_failed():
            running = [feeder for feeder in running if not feeder.join(_LOOK_SECONDS)]
            latest = time.monotonic() - _IDLE_SECONDS
            running = [feeder for feeder in running if max(begun, feeder.moved_at) > latest]
        self.check()
        late = [feeder.name for feeder in self._feeders if not feeder.is_up_to_date]
        for name in late:
            self._say(f"sink {name}: does not have everything; the next run goes on")
        return late

    def _stop(self) -> None:
        for feeder in self._feeders:
            feeder.stop()
        until = time.monotonic() + _STOP_SECONDS
        for feeder in self._feeders:
            feeder.join(until - time.monotonic())
