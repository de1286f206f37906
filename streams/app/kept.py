"""A Faust table that is never ahead of its changelog.

Faust puts an entry into its store first and sends it to the changelog afterwards. Killed between
the two, the store has what the changelog has not: a redelivered event then finds its own trace,
writes nothing, and the next owner of the partition, who has the changelog alone, knows nothing of
it. Here an entry goes to the changelog, and into the store once the broker has it; until then it
is read from memory.
"""

from collections.abc import Iterator
from typing import Any, cast

from aiokafka.structs import RecordMetadata
from faust.types import TP, StoreT, TableT


class Kept:
    """Entries by partition and key: bytes to bytes."""

    def __init__(self, table: "TableT[bytes, bytes]", changelog: str) -> None:
        self.changelog = changelog
        self._table = table
        self._waiting: dict[tuple[int, bytes], bytes | None] = {}

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the newest entry, or None."""
        if (partition, key) in self._waiting:
            return self._waiting[partition, key]
        found = self._store(partition).get(key)
        return bytes(found) if found is not None else None

    def items(self, partition: int, start: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries that are in the store, by key, from `start` on."""
        for key, value in self._store(partition).items(from_key=start):
            if key != cast(Any, self._data).offset_key:
                yield bytes(key), bytes(value)

    def stage(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Remember an entry that is on its way to the changelog."""
        self._waiting[partition, key] = value

    def apply(self, partition: int, key: bytes, value: bytes | None, sent: RecordMetadata) -> None:
        """Put an entry into the store; `sent` tells where in the changelog it stands."""
        store = self._store(partition)
        if value is None:
            store.delete(key)
        else:
            store.put(key, value)
        if sent.offset >= 0:  # of what a broker had before, it does not tell where
            self._data.set_persisted_offset(TP(self.changelog, partition), sent.offset)
        if self._waiting.get((partition, key), b"") is value:
            del self._waiting[partition, key]

    def forget(self) -> None:
        """Forget what waits: the partitions may be another's now, and it has the changelog."""
        self._waiting.clear()

    @property
    def _data(self) -> StoreT[bytes, bytes]:
        # Not the same object for ever: a rebalance may make a new one.
        return cast("StoreT[bytes, bytes]", self._table.data)

    def _store(self, partition: int) -> Any:
        # The table's own methods find the partition by the event that is current in this task;
        # the lanes work on many at once.
        return cast(Any, self._data)._db_for_partition(partition)
