"""What follows from one event: letters to send, and entries of a table to keep."""

from dataclasses import dataclass

from schemas.letter import Letter

Entry = tuple[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything that the broker must have before the event is acknowledged.

    `entries` go to the table of the agent, in the partition of the event; None deletes.
    """

    letters: tuple[Letter, ...]
    entries: tuple[Entry, ...] = ()
