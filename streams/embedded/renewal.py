"""Output files that have lines of deleted articles are written anew, and put in their place.

The store knows in `files.renewal` how far that is: killed at any moment, the next one goes on.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.sinks.rotated import part_of, sync_folder
from streams.embedded.store import Store

_TO_WRITE, _WRITTEN = 1, 2
_START = b'{"schema":"'


def mark_stale(store: Store, topic: str, seq: int) -> None:
    """Note that each file which goes up to record `seq` or beyond is to be written anew."""
    store.database.execute(
        "UPDATE files SET renewal = ? WHERE topic = ? AND seq >= ?", (_TO_WRITE, topic, seq)
    )


def renew(store: Store, path: str, topic: str) -> bool:
    """Write the file anew where that is to be done, and return whether it was.

    What is not there any more, or is no file of ours any more, is left as it is. Raises OSError
    where the disk is full or the like, which names the file and says what to do. Nobody writes into
    the file meanwhile.
    """
    found = store.fetch("SELECT renewal, seq, length FROM files WHERE path = ? AND topic = ?", path, topic)
    if not found or not found[0][0]:
        return False
    renewal, seq, length = found[0]
    part = part_of(Path(path))
    is_written = bool(renewal == _WRITTEN)
    if not is_written and is_intact(path, length):
        with _named(path):
            shorter = _write(store, topic, seq, part)
            shutil.copymode(path, part)
        store.begin()
        store.write_mark(path, topic, seq, shorter)
        _note(store, path, topic, _WRITTEN)
        store.commit()
        is_written = True
    if is_written and part.exists():
        with _named(path):
            part.replace(path)
            sync_folder(part.parent)
    store.begin()
    _note(store, path, topic, 0)
    store.commit()
    return is_written


def renew_all(store: Store) -> None:
    """Write all files anew that nobody has open. Raises OSError."""
    for path, topic in store.fetch("SELECT path, topic FROM files WHERE renewal > 0"):
        renew(store, path, topic)


def is_intact(path: str, length: int) -> bool:
    """Return whether a file is there that still may be the one of which the store knows the length."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(_START)) == _START and os.fstat(file.fileno()).st_size >= length
    except OSError:
        return False


@contextmanager
def _named(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(
            f"{path}: holds what is deleted, and cannot be written anew at {part_of(Path(path))}: "
            f"{error.strerror or error}; the deletion is noted: mend that, and `naba run` or "
            "`naba delete` goes on"
        ) from None


def _write(store: Store, topic: str, last: int, part: Path) -> int:
    length = 0
    with part.open("wb") as file:
        for seq, record in store.records(topic, 0):
            if seq > last:
                break
            if record:
                length += file.write(record + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return length


def _note(store: Store, path: str, topic: str, renewal: int) -> None:
    store.database.execute(
        "UPDATE files SET renewal = ? WHERE path = ? AND topic = ?", (renewal, path, topic)
    )
