"""What a child process does: its step, on one letter after another, until nobody asks any more."""

import fcntl
import gc
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from schemas.letter import Letter
from streams.steps.ending import NO_MEMORY, describe_crash

Step = Callable[[Letter], tuple[Letter, ...]]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a child says instead of letters: a reason of a dead letter, and its detail."""

    reason: str
    detail: str


# Made while there is memory to make it in.
_NO_MEMORY = ForkingPickler.dumps(Failure("out_of_memory", NO_MEMORY))


def work(pipe: Connection, make_step: Callable[[], Step], memory_mb: int) -> None:
    """Say None through `pipe` when ready, or why not; then answer each letter by letters or a Failure."""
    _die_with_parent()
    try:
        step = make_step()
    except Exception as error:
        pipe.send(describe_crash(error))
        return
    _limit_memory(memory_mb)
    # What was loaded so far stays: the collector need not walk it again and again.
    gc.freeze()
    # Whoever asks may have ended: nobody waits for an answer then.
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        pipe.send(None)
        while True:
            letter = pipe.recv()
            pipe.send_bytes(_answer(step, letter))


def _answer(step: Step, letter: Letter) -> memoryview | bytes:
    try:
        return ForkingPickler.dumps(step(letter))
    except MemoryError:
        return _NO_MEMORY
    except Exception as error:
        return ForkingPickler.dumps(Failure("crashed", describe_crash(error)))


def _die_with_parent() -> None:
    # The child of the fork server outlives the process that it works for, and a page may keep it
    # from noticing for a minute. So the kernel kills it when the parent's end of a pipe is closed,
    # on which nothing is ever written. (PR_SET_PDEATHSIG would ask for the fork server's end, which
    # comes after that of its children.)
    parent = multiprocessing.parent_process()
    assert parent is not None
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)


def _limit_memory(memory_mb: int) -> None:
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = in_use + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
