"""What the Faust process tells its supervisor every second: one line of JSON."""

import os
from contextlib import suppress

import msgspec


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A partition of raw or clean."""

    topic: str
    partition: int


class Lead(msgspec.Struct, frozen=True, array_like=True):
    """The oldest event under way in a partition: its offset, and for how many seconds."""

    place: Place
    offset: int
    seconds: float


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Where a worker stands.

    `settled` is true once partitions are assigned and tables recovered; `to_recover` counts the
    changelog entries still to be read, and the rows still to be indexed. `assigned` are the partitions that
    are ours.
    """

    settled: bool
    to_recover: int
    assigned: tuple[Place, ...]
    leads: tuple[Lead, ...]


def write_status(pipe: int, status: Status) -> None:
    """Write it, or leave it where nobody reads: the next one comes in a second."""
    with suppress(BlockingIOError, BrokenPipeError):
        os.write(pipe, msgspec.json.encode(status) + b"\n")


def read_status(line: bytes) -> Status | None:
    """Return the status that a line holds, None for a torn one."""
    try:
        return msgspec.json.decode(line, type=Status)
    except msgspec.MsgspecError:
        return None
