"""The classes of Kafka as Java has loaded them once: a start then takes half a second, not two.

It is made by a broker that nobody uses, runs for a second on a folder of its own, and ends. Java
itself passes over an archive that was made for another Java or other jars.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.broker.jars import lock
from connectors.broker.java import Java
from connectors.broker.node import Node, wait_until_open
from connectors.broker.ports import find_port
from connectors.broker.properties import Place

_AOT = 25  # from this Java on there is something that holds more than classes
_SECONDS = 90.0
_KEPT = 3  # one for each Java that was used last, of 50 MB
_TRY_AGAIN_SECONDS = 24 * 3600.0


class Archive:
    """The archive for one Java and these jars; a file in `cache`."""

    def __init__(self, java: Java, jars: Sequence[Path], cache: Path) -> None:
        self._java = java
        self._jars = jars
        self._cache = cache
        known = [str(java.program), java.label, *_describe(java.program.parent.parent / "lib" / "modules")]
        for jar in jars:
            known += [str(jar), *_describe(jar)]
        key = hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]
        self.path = cache / f"classes-{java.label.replace('/', '-')}-{key}"
        self._failed = self.path.with_name(f"{self.path.name}.failed")

    def flags(self) -> list[str]:
        """Return what Java is told to use it; nothing where it is not there."""
        if not self.path.exists():
            return []
        option = "AOTCache" if self._java.feature >= _AOT else "SharedArchiveFile"
        # Its sums are compared before it is used, which takes 10 to 40 ms of half a second.
        return [f"-XX:{option}={self.path}", "-XX:+VerifySharedSpaces"]

    def make(self, say: Callable[[str], None]) -> None:
        """Make it where it is not there; without it everything works as well, only later."""
        if self.path.exists() or self._failed_lately():
            return
        with lock(self._cache, say):
            if self.path.exists() or self._failed_lately():
                return
            say("preparing Kafka for quick starts, once: a few seconds")
            try:
                with tempfile.TemporaryDirectory(prefix="tmp-", dir=self._cache) as scratch:
                    self._train(Path(scratch))
            except OSError as error:
                say(f"that failed; Kafka starts all the same, only later: {error}")
                self._failed.touch()
            self._forget_old_ones()

    def forget(self) -> None:
        """Remove it: Kafka started only without it."""
        self.path.unlink(missing_ok=True)
        self._failed.touch()

    def _train(self, scratch: Path) -> None:
        place = Place(1, find_port(), find_port())
        node = Node(scratch, place, heap_mb=256)
        made = scratch / "archive"
        option = "AOTCacheOutput" if self._java.feature >= _AOT else "ArchiveClassesAtExit"
        try:
            node.prepare(self._java.command(self._jars), [place], "AAAAAAAAAAAAAAAAAAAAAA", {})
            node.start(self._java.command(self._jars, [f"-XX:{option}={made}"]))
            wait_until_open([node], _SECONDS)
            node.stop(_SECONDS)
        finally:
            node.kill()
        if not made.exists():
            raise OSError(f"Java {self._java.label} has written no archive of its classes")
        made.replace(self.path)

    def _failed_lately(self) -> bool:
        try:
            return time.time() - self._failed.stat().st_mtime < _TRY_AGAIN_SECONDS
        except OSError:
            return False

    def _forget_old_ones(self) -> None:
        there = [path for path in self._cache.glob("classes-*") if path.suffix != ".failed"]
        for path in sorted(there, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
            path.unlink(missing_ok=True)


def _describe(path: Path) -> list[str]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [str(status.st_size), str(status.st_mtime_ns)]
