"""Files of JSON lines filled from topics: each record once, as the bytes that stood on its topic."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.sink import Position, Received, Refused, Tell
from connectors.sinks.file_deletions import FileDeletions
from connectors.sinks.identity import identify
from connectors.sinks.lines import LinesFile
from connectors.sinks.position import PositionFile
from schemas.codec import DecodeError
from schemas.letter import ARTICLES

_ID = re.compile("[0-9a-f]{32}")


class FilesSink:
    """One file a topic, and beside them the position: what the files hold, and where to go on."""

    is_new = False

    def __init__(self, files: Mapping[str, Path], position: PositionFile, tell: Tell) -> None:
        """Cut each file back to what is committed. Raises OutputError for a file of something else."""
        self.topics = tuple(files)
        self._position, self._tell = position, tell
        self._deletions = FileDeletions(position)
        self._deletions.finish()
        # A deletion puts another file in its place: not in that of a link.
        self._paths = {topic: Path(os.path.realpath(path)) for topic, path in files.items()}
        self._names = {
            topic: os.path.relpath(path, os.path.realpath(position.path.parent))
            for topic, path in self._paths.items()
        }
        self._files = {topic: self._open(topic, path) for topic, path in self._paths.items()}
        self._delete()

    def read_position(self) -> Position:
        """Return the offsets from which the files go on."""
        return self._position.read_offsets()

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Append what has no line yet, and take out what is deleted.

        Raises OSError where the disk is full or the like.
        """
        lines: dict[str, list[bytes]] = {topic: [] for topic in self.topics}
        self._position.begin()
        try:
            for item in batch:
                if self._is_new(item):
                    lines[item.letter.topic].append(item.letter.value)
                self._position.write_offset(item.letter.topic, item.partition, item.offset + 1)
            for topic, found in lines.items():
                if found:
                    self._files[topic].write(found)
                    length = self._files[topic].sync()
                    self._position.write_file(topic, self._names[topic], length, found[-1])
            self._position.commit()
        finally:
            self._position.rollback()
        self._delete()
        return ()

    def close(self) -> None:
        """Close the files; the position is closed by who opened it."""
        for file in self._files.values():
            file.close()

    def _open(self, topic: str, path: Path) -> LinesFile:
        known = self._position.read_file(topic)
        gone = not path.exists() or (path.is_file() and path.stat().st_size == 0)
        if known is not None and known[0] == self._names[topic] and not (gone and known[1]):
            return LinesFile(path, known[1], known[2])
        file = LinesFile(path, None, None)
        if known is not None:
            self._tell(f"{path}: is filled anew, with what {topic} still holds")
        # Noted while it is still empty, so that a crash never leaves lines that nobody knows.
        self._position.begin()
        self._position.forget(topic)
        self._position.write_file(topic, self._names[topic], 0, None)
        self._position.commit()
        return file

    def _is_new(self, item: Received) -> bool:
        if not item.letter.value:
            if item.letter.topic == ARTICLES and _ID.fullmatch(item.letter.key):
                self._deletions.add(bytes.fromhex(item.letter.key))
            return False
        try:
            if b"\n" in item.letter.value:
                raise DecodeError("is more than one line")
            name = identify(item.letter)
        except DecodeError as error:
            self._tell(f"{item}: passed over, is no record of this topic: {error}")
            return False
        if item.letter.topic == ARTICLES and self._deletions.has(name[:16]):
            return False
        return self._position.add_line(item.letter.topic, name)

    def _delete(self) -> None:
        waiting = self._deletions.find_waiting()
        if not waiting or ARTICLES not in self._files:
            return
        self._files[ARTICLES].close()
        self._deletions.take_out(self._paths[ARTICLES], self._names[ARTICLES], waiting)
        self._files[ARTICLES] = self._open(ARTICLES, self._paths[ARTICLES])
        self._deletions.end(waiting)
