"""The folder that holds everything a broker keeps; one broker at a time."""

import base64
import fcntl
import json
import os
import time
import uuid
from pathlib import Path

from schemas.wrong_use import WrongUse

_PATIENCE_SECONDS = 3.0  # nodes that were killed hold the lock a moment longer
_OF_A_BEGINNING = {"lock", "broker.json.new"}  # what is there of a broker that was killed at once


class Folder:
    """What stands in `path`: which cluster it is and how many nodes it was made for."""

    def __init__(self, path: Path, nodes: int) -> None:
        self.path = path
        self._identity = path / "broker.json"
        self._nodes = nodes
        self._lock: int | None = None

    @property
    def lock(self) -> int:
        """The open file that the nodes inherit: the folder stays taken until the last of them is gone."""
        assert self._lock is not None
        return self._lock

    def take(self) -> None:
        """Keep others out, the folder made where it is not there.

        Raises WrongUse where another broker runs on it, or where it is no folder of a broker.
        """
        if self._lock is not None:
            return
        self._refuse_foreign()
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._wait_for(lock)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock

    def identify(self) -> str:
        """Return the id of the cluster whose folder this is, a new one where it is new.

        Raises WrongUse where it was made for another number of nodes.
        """
        if not self._identity.exists():
            cluster_id = _invent_id()
            unfinished = self._identity.with_suffix(".json.new")
            unfinished.write_text(json.dumps({"cluster_id": cluster_id, "nodes": self._nodes}) + "\n")
            unfinished.replace(self._identity)
        try:
            known = json.loads(self._identity.read_text())
            cluster_id, nodes = str(known["cluster_id"]), int(known["nodes"])
        except (ValueError, KeyError, TypeError):
            raise WrongUse(f"{self._identity} is not what `naba broker` wrote") from None
        if nodes != self._nodes:
            raise WrongUse(
                f"{self.path} was made for --nodes {nodes}; say so, or name another folder with --data"
            )
        return cluster_id

    def close(self) -> None:
        """Let another broker have the folder."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def _refuse_foreign(self) -> None:
        if not self.path.exists() or self._identity.exists():
            return
        if not self.path.is_dir():
            raise WrongUse(f"{self.path} is no folder; name another one with --data")
        if any(entry.name not in _OF_A_BEGINNING for entry in self.path.iterdir()):
            raise WrongUse(f"{self.path} holds something else; name another folder with --data")

    def _wait_for(self, lock: int) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise WrongUse(
                        f"{self.path} is in use by another `naba broker`; name another folder with --data"
                    ) from None
                time.sleep(0.05)
            else:
                return


def _invent_id() -> str:
    """Return 22 letters as Kafka makes them: one that begins with `-` its own tool takes for an option."""
    while (cluster_id := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster_id
