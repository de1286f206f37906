"""One process of Kafka: made, started, watched and stopped."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from connectors.broker.ports import is_open
from connectors.broker.properties import Place, write_properties
from connectors.broker.trouble import BrokerError

_FORMAT_SECONDS = 60.0
_LARGEST_LOG = 8 * 1024 * 1024
_TOLD_LINES = 12
# Java dies with the process that started it, however that one ends. The kernel does it, when the
# thread that asked for it ends: between fork and exec of a program with threads only little may
# be done, so that a Python of its own asks, and becomes Java.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
if os.getppid() != int(sys.argv[1]):
    sys.exit("its parent has ended")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Node:
    """One node of a cluster in its own `folder`, which holds its data and what it said last."""

    def __init__(self, folder: Path, place: Place, *, heap_mb: int) -> None:
        self.folder = folder
        self.place = place
        self._heap_mb = heap_mb
        self._data = folder / "data"
        self._unfinished = folder / "data.new"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of its process; None where it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        """The file with what Kafka has to say."""
        return self.folder / "kafka.log"

    def prepare(
        self, command: Sequence[str], places: Sequence[Place], cluster_id: str, given: Mapping[str, str]
    ) -> None:
        """Write what the node is told; where its data is not there yet, begin to make it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self.folder / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        self._roll_log(_LARGEST_LOG // 8)
        self._write("server.properties", places, self._data, given)
        if self._data.exists():
            return
        # Under another name until it is whole: a kill in the middle leaves nothing half made.
        shutil.rmtree(self._unfinished, ignore_errors=True)
        told = self._write("format.properties", places, self._unfinished, given)
        self._run([*command, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", told])

    def start(self, command: Sequence[str], keep_open: Iterable[int] = ()) -> None:
        """Start the process, which answers a moment later; `keep_open` are files that it inherits.

        Raises BrokerError where the node's data could not be made.
        """
        if not self._data.exists():
            self._finish_data()
        self._run([*command, "kafka.Kafka", "server.properties"], keep_open)

    def is_open(self) -> bool:
        """Tell whether it accepts connections; raises BrokerError where it has ended by itself."""
        self.check()
        return is_open(self.place.port)

    def check(self) -> None:
        """Raise BrokerError where the process has ended by itself; keep its log within bounds."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise BrokerError(f"Kafka at {self.place.address} has ended with code {code}{self.last_words()}")
        self._roll_log(_LARGEST_LOG)

    def last_words(self) -> str:
        """Return the last lines of its log, as the end of a sentence."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TOLD_LINES:]
        except OSError:
            lines = []
        said = "".join(f"\n    {line}" for line in lines)
        return f"; the last of {self.log}:{said}" if said else f"; {self.log} says nothing"

    def end(self) -> None:
        """Ask the process to end, in good order; `stop` waits for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, seconds: float) -> None:
        """End the process in good order, and by force where that takes longer than `seconds`."""
        self.end()
        if self._process is not None:
            try:
                self._process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the process by force, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _write(self, name: str, places: Sequence[Place], data: Path, given: Mapping[str, str]) -> str:
        # The process works in the node's folder: a path of the user's may have commas or letters that
        # such a file cannot hold.
        path = self.folder / name
        path.write_text(write_properties(self.place, places, data.name, given), encoding="utf-8")
        return name

    def _finish_data(self) -> None:
        assert self._process is not None
        try:
            code = self._process.wait(timeout=_FORMAT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code != 0:
            raise BrokerError(f"Kafka cannot make its data in {self.folder} (code {code}){self.last_words()}")
        self._unfinished.rename(self._data)

    def _run(self, command: Sequence[str], keep_open: Iterable[int] = ()) -> None:
        program, *rest = command
        options = ["-Xms48m", f"-Xmx{self._heap_mb}m", f"-Djava.io.tmpdir={self.folder / 'tmp'}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    "-c",
                    _DIE_WITH_PARENT,
                    str(os.getpid()),
                    program,
                    *options,
                    *rest,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                # Nothing of the user's changes what runs, JAVA_TOOL_OPTIONS least of all.
                env={"LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                pass_fds=tuple(keep_open),
            )

    def _roll_log(self, largest: int) -> None:
        # Java holds the file open and appends: it is copied and emptied, not renamed.
        if self.log.exists() and self.log.stat().st_size > largest:
            shutil.copyfile(self.log, self.log.with_suffix(".log.old"))
            os.truncate(self.log, 0)


def wait_until_open(nodes: Sequence[Node], seconds: float) -> None:
    """Wait until all accept connections; raises BrokerError where one does not."""
    until = time.monotonic() + seconds
    waiting = list(nodes)
    while waiting := [node for node in waiting if not node.is_open()]:
        if time.monotonic() > until:
            node = waiting[0]
            raise BrokerError(
                f"Kafka at {node.place.address} has not answered for {seconds:g} s{node.last_words()}"
            )
        time.sleep(0.02)
