"""Who collects which source: two who collect the same one would ask its site twice as often."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from schemas.wrong_use import WrongUse


@contextmanager
def lock_sources(path: str, names: Sequence[str] | None) -> Iterator[None]:
    """Have the sources of a store for oneself, of these names or (None) all, until the block ends.

    Raises WrongUse where another process has one of them.
    """
    file = os.open(f"{os.path.realpath(path)}-sources-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        # One byte of the file stands for each name, its whole for all (POSIX record locks).
        for length, start, what in [(0, 0, path)] if names is None else [(1, _place(n), n) for n in names]:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
            except BlockingIOError:
                raise WrongUse(f"{what}: another process collects its sources") from None
        yield
    finally:
        os.close(file)


def _place(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:7], "big")
