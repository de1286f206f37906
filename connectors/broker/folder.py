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


class Folder:
    """What stands in `path`: which cluster it is and how many nodes it was made for."""

    def __init__(self, path: Path, nodes: int) -> None:
        self.path = path
        self._nodes = nodes
        self._lock: int | None = None

    @property
    def lock(self) -> int:
        """The open file that the nodes inherit: the folder stays taken until the last of them is gone."""
        assert self._lock is not None
        return self._lock

    def open(self) -> str:
        """Take the folder, made where it is not there, and return the id of its cluster.

        Raises WrongUse where another broker runs on it, or where it was made for another number
        of nodes or is no folder of a broker.
        """
        if self._lock is not None:
            raise WrongUse(f"{self.path}: its broker runs")
        identity = self.path / "broker.json"
        if (
            self.path.exists()
            and not identity.exists()
            and any(entry.name not in ("lock", "broker.json.new") for entry in self._entries())
        ):
            raise WrongUse(f"{self.path} holds something else; name another folder with --data")
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take(lock)
            cluster_id = self._identify(identity)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock
        return cluster_id

    def close(self) -> None:
        """Let another broker have the folder."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def _entries(self) -> list[Path]:
        if not self.path.is_dir():
            raise WrongUse(f"{self.path} is no folder; name another one with --data")
        return list(self.path.iterdir())

    def _take(self, lock: int) -> None:
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

    def _identify(self, identity: Path) -> str:
        if not identity.exists():
            cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            unfinished = identity.with_suffix(".json.new")
            unfinished.write_text(json.dumps({"cluster_id": cluster_id, "nodes": self._nodes}) + "\n")
            unfinished.replace(identity)
        try:
            known = json.loads(identity.read_text())
            cluster_id, nodes = str(known["cluster_id"]), int(known["nodes"])
        except (ValueError, KeyError, TypeError):
            raise WrongUse(f"{identity} is not what `naba broker` wrote") from None
        if nodes != self._nodes:
            raise WrongUse(f"{self.path} was made for --nodes {nodes}; name another folder with --data")
        return cluster_id
