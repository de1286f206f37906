"""SIGTERM and Ctrl-C as an exception that is heard wherever the program is."""

import signal
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
_AGAIN = 0.5  # seconds


class Stopped(BaseException):
    """Raised in the main thread, again and again until `ignore_signals` says that it was heard."""


def raise_on_signals() -> None:
    """Have SIGTERM and Ctrl-C raise Stopped."""
    for number in _SIGNALS:
        signal.signal(number, _raise)


def ignore_signals() -> None:
    """Have them do nothing more: once is enough, and the ending must not be cut short."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _raise(_number: int, _frame: FrameType | None) -> None:
    # What is raised while a destructor or a callback of C runs is printed and forgotten.
    signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    raise Stopped
