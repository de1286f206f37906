"""The folder of a worker's tables: one for each worker, locked while its processes live."""

import fcntl
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from schemas.wrong_use import WrongUse

DEFAULT = Path("naba-data")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is ours; the lock lasts until every process that holds the descriptor has ended."""

    path: Path
    lock: int


def claim_folder(named: Path | None) -> Folder:
    """Return the folder that was named, else the first free one under ./naba-data, made if missing.

    Raises WrongUse where another worker has the named one, or it cannot be written.
    """
    if named is not None:
        lock = _lock(named)
        if lock is None:
            raise WrongUse(f"{named}: another worker has this folder; name another one with --data")
        return Folder(named, lock)
    for number in count():
        path = DEFAULT / str(number)
        if (lock := _lock(path)) is not None:
            return Folder(path, lock)
    raise AssertionError


def _lock(path: Path) -> int | None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from None
    try:
        # Shared by all processes that inherit the descriptor: a Faust process that outlives its
        # supervisor for a moment still has the tables open.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
