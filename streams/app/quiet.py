"""Logs of the libraries: warnings only, and a bounded number of them a minute.

While a broker is away Faust and aiokafka write thousands of lines (1,900 to 9,300 an outage).
"""

import logging
import time

_A_MINUTE = 30


class RateLimit(logging.Filter):
    """Lets so many records through a minute, and tells with the next one how many it held back."""

    def __init__(self, a_minute: int = _A_MINUTE) -> None:
        super().__init__()
        self._a_minute, self._since, self._passed, self._held = a_minute, 0.0, 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is shown."""
        now = time.monotonic()
        if now - self._since >= 60:
            if self._held:
                record.msg, record.args = f"({self._held} lines held back) {record.getMessage()}", None
            self._since, self._passed, self._held = now, 0, 0
        self._passed += 1
        self._held += self._passed > self._a_minute
        return self._passed <= self._a_minute


class OneLine(logging.Formatter):
    """A record as one line, without the trace that an error brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger and message."""
        text = _join(record.getMessage(), 500)
        if record.exc_info and record.exc_info[1]:
            text += f" ({type(record.exc_info[1]).__name__}: {_join(str(record.exc_info[1]), 300)})"
        return f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower()} {record.name}: {text}"


def _join(text: str, most: int) -> str:
    return " ".join(text.split())[:most]


def quieten() -> None:
    """Send what libraries log to standard error, bounded."""
    handler = logging.StreamHandler()
    handler.addFilter(RateLimit())
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # It says of every partition without an acknowledgement of Faust's own that it is slow.
    logging.getLogger("faust.transport.drivers.aiokafka").setLevel(logging.CRITICAL)
