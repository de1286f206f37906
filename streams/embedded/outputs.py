"""Where the embedded runner writes its records for people: files that equal the store, or standard output."""

import os
import sys
from pathlib import Path
from typing import IO

from connectors.sinks.lines import LinesFile, OutputError
from streams.embedded.renewal import renew
from streams.embedded.store import Store


class StreamOutput:
    """Writes this run's records of a topic to a stream that cannot be cut back."""

    def __init__(self, store: Store, topic: str, stream: IO[bytes]) -> None:
        self._store, self._topic, self._stream = store, topic, stream
        self._seq = store.last(topic)

    def prepare(self) -> None:
        """Nothing to do before the commit: what is not committed is not shown."""

    def publish(self) -> None:
        """Write what the last commit made durable."""
        for seq, record in self._store.records(self._topic, self._seq):
            if record:  # what has gone out cannot be taken back
                self._stream.write(record + b"\n")
            self._seq = seq
        self._stream.flush()

    def renew(self) -> None:
        """Nothing to do: what has gone out cannot be taken back."""

    def close(self) -> None:
        """Leave the stream open: it is not ours."""


class FileOutput:
    """Keeps a file equal to all records of a topic in the store, in their order."""

    def __init__(self, store: Store, topic: str, path: Path) -> None:
        """Cut the file back to its committed length and fill it up. Raises OutputError."""
        self._store, self._topic, self._path = store, topic, os.path.realpath(path)
        renew(store, self._path, topic)
        self._open()

    def _open(self) -> None:
        store, topic, path = self._store, self._topic, Path(self._path)
        mark = store.read_mark(self._path, topic) if path.exists() and path.stat().st_size else None
        self._seq, length = mark or (0, None)
        self._length = length or 0
        self._file = LinesFile(path, length, store.read_line(topic, self._seq))
        store.begin()
        if length is None:
            # Noted while it is still empty, so that a crash never leaves lines that nobody knows.
            store.write_mark(self._path, topic, 0, 0)
            store.commit()
            store.begin()
        self.prepare()
        store.commit()

    def prepare(self) -> None:
        """Write the open transaction's records to the disk, and move the mark within it."""
        if self._store.last(self._topic) == self._seq:
            return
        found: list[bytes] = []
        for seq, record in self._store.records(self._topic, self._seq):
            self._seq = seq
            if record:
                found.append(record)
            if len(found) == 1000:
                self._file.write(found)
                found = []
        self._file.write(found)
        self._length = self._file.sync()
        self._store.write_mark(self._path, self._topic, self._seq, self._length)

    def publish(self) -> None:
        """Nothing to do after the commit: the file has it."""

    def renew(self) -> None:
        """Write the file anew where it has lines of what the last commit has deleted."""
        if renew(self._store, self._path, self._topic):
            self._file.close()
            self._open()

    def close(self) -> None:
        """Close the file; one that stayed empty is as if it had never been named."""
        self._file.close()
        if self._length == 0:
            self._store.begin()
            self._store.forget_mark(self._path, self._topic)
            self._store.commit()


Output = StreamOutput | FileOutput


def open_output(store: Store, topic: str, target: str) -> Output:
    """Return the output for a path, `-` for standard output; a pipe or device is a stream as well.

    Raises OutputError.
    """
    if target == "-":
        if sys.stdout is None:
            raise OutputError("standard output is closed")
        return StreamOutput(store, topic, sys.stdout.buffer)
    path = Path(target)
    if path.exists() and not path.is_file() and not path.is_dir():
        return StreamOutput(store, topic, path.open("wb"))
    return FileOutput(store, topic, path)
