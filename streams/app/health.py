"""The health of a worker as a file beside its tables, for whoever watches over it."""

import platform
import time
from pathlib import Path

import msgspec

_FRESH_SECONDS = 15.0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`ready` is true while partitions are assigned and what is committed moves; `why` says why it is not.

    `at` is when it was written, in seconds since 1970; `restarts` counts those of the Faust process;
    `host` is the machine or container that the worker runs on.
    """

    ready: bool
    why: str
    at: float
    restarts: int
    assigned: int
    host: str = msgspec.field(default_factory=platform.node)


def write_health(folder: Path, health: Health) -> None:
    """Write it whole or not at all."""
    new = folder / "health.json.new"
    new.write_bytes(msgspec.json.encode(health))
    new.replace(folder / "health.json")


def read_health(folder: Path) -> Health:
    """Return it; not ready where there is none, or where it is older than a worker lets it grow."""
    try:
        health = msgspec.json.decode((folder / "health.json").read_bytes(), type=Health)
    except (OSError, msgspec.MsgspecError):
        return Health(ready=False, why="no worker has run here", at=0.0, restarts=0, assigned=0)
    age = time.time() - health.at
    if age > _FRESH_SECONDS:
        return msgspec.structs.replace(health, ready=False, why=f"no worker has run here for {age:.0f} s")
    return health


def read_healths(above: Path) -> list[Health]:
    """Return that of each worker of this host which keeps a folder under `above` and has written lately.

    Containers may share the folders: each sees its own worker alone.
    """
    healths = [read_health(path.parent) for path in sorted(above.glob("*/health.json"))]
    oldest = time.time() - _FRESH_SECONDS
    return [health for health in healths if health.host == platform.node() and health.at >= oldest]
