"""A step that does what its letter says, and ways in which none is made: for children to run.

In a module of its own, because every child imports it, and pytest takes a quarter of a second.
"""

import os
import signal
import time
from pathlib import Path

from schemas.letter import CLEAN, INPUT, RAW_ID, Letter
from streams.children.work import Step


def make_letter(value: bytes) -> Letter:
    return Letter(CLEAN, "", value, {INPUT: "a:1", RAW_ID: "0" * 32})


def obey(letter: Letter) -> tuple[Letter, ...]:
    """Do what the letter says."""
    order, _, number = letter.value.partition(b" ")
    if order == b"die":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif order == b"exit":
        os._exit(int(number))
    elif order == b"once" and not Path(number.decode()).exists():
        Path(number.decode()).touch()
        os._exit(1)
    elif order == b"eat":
        bytearray(10**12)
    elif order == b"raise":
        raise ValueError("as told")
    elif order == b"sleep":
        time.sleep(float(number))
    elif order == b"who":
        return (make_letter(str(os.getpid()).encode()),)
    while order == b"hang":
        pass
    return (letter,)


def make_obeying() -> Step:
    return obey


def make_failing() -> Step:
    raise RuntimeError("cannot start")


def make_dying() -> Step:
    os._exit(3)


def make_slowly() -> Step:
    time.sleep(1.0)
    return obey
