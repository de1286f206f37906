"""What kafka-python complains of in its log: the reason of a failure stands nowhere else."""

import logging
from collections import deque

_KEPT = 100


class Complaints(logging.Handler):
    """Takes what the client logs instead of a terminal and keeps the newest errors in it.

    While a broker is away the client logs some twenty lines a second; the one line that a person
    needs is written by who waits.
    """

    def __init__(self) -> None:
        """Start with nothing to complain of."""
        super().__init__(logging.WARNING)
        self.errors: deque[BaseException] = deque(maxlen=_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception that the line tells of, if it tells of one."""
        given = record.args if isinstance(record.args, tuple) else ()
        for one in (*given, record.exc_info[1] if record.exc_info else None):
            if isinstance(one, BaseException):
                self.errors.append(one)


_complaints = Complaints()


def listen() -> Complaints:
    """Return what is kept of the log of all clients of this process, which says nothing from now on."""
    logger = logging.getLogger("kafka")
    logger.propagate = False
    if _complaints not in logger.handlers:
        logger.handlers = [_complaints]
    return _complaints
