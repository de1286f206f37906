"""A table as Faust gives one, in memory, and its changelog as the broker has it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, cast

from aiokafka.structs import RecordMetadata, TopicPartition
from faust.types import TP

from streams.app.effects import Entry
from streams.app.kept import Kept

CHANGELOG = "naba-things-changelog"


class Store:
    """One partition's part of a table's store, by the names that RocksDB has."""

    def __init__(self, entries: Mapping[bytes, bytes] | None = None) -> None:
        self.entries = dict(entries or {})

    def get(self, key: bytes) -> bytes | None:
        return self.entries.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self.entries[key] = value

    def delete(self, key: bytes) -> None:
        self.entries.pop(key, None)

    def items(self, from_key: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries as they are now, by key, whatever is put meanwhile."""
        return iter([entry for entry in sorted(self.entries.items()) if entry[0] >= (from_key or b"")])


class Table:
    """What Kept asks of a table and its store."""

    offset_key = b"__faust\0offset__"

    def __init__(self) -> None:
        self.stores: defaultdict[int, Store] = defaultdict(Store)

    @property
    def data(self) -> "Table":
        return self

    def _db_for_partition(self, partition: int) -> Store:
        return self.stores[partition]

    def set_persisted_offset(self, tp: TP, offset: int) -> None:
        self.stores[tp.partition].put(self.offset_key, str(offset).encode())

    def persisted_offset(self, tp: TP) -> int | None:
        found = self.stores[tp.partition].get(self.offset_key)
        return None if found is None else int(found)


def open_kept(table: Table) -> Kept:
    return Kept(cast(Any, table), CHANGELOG)


def acknowledge(offset: int, partition: int = 0) -> RecordMetadata:
    """Return what the broker says of an entry that it has."""
    return RecordMetadata(CHANGELOG, partition, TopicPartition(CHANGELOG, partition), offset, -1, 0, 0)


class Changelog:
    """Everything that was sent, and a table that takes it in when the broker says so."""

    def __init__(self) -> None:
        self.kept = open_kept(Table())
        self._sent: list[tuple[int, Entry]] = []
        self._applied = 0

    def send(self, partition: int, entries: tuple[Entry, ...]) -> None:
        """Send the entries of one event; the broker says nothing yet."""
        for key, value in entries:
            self.kept.stage(partition, key, value)
            self._sent.append((partition, (key, value)))

    def confirm(self, count: int = 1_000_000) -> None:
        """Have the broker acknowledge so many entries more."""
        for offset in range(self._applied, min(self._applied + count, len(self._sent))):
            partition, (key, value) = self._sent[offset]
            self.kept.apply(partition, key, value, acknowledge(offset, partition))
            self._applied = offset + 1

    def recover(self, *, wiped: bool) -> Kept:
        """Return the table of the next owner, who may have no store: all that was sent is in it."""
        fresh = Table()
        for number, store in () if wiped else cast(Any, self.kept)._table.stores.items():
            fresh.stores[number] = Store(store.entries)
        for offset, (partition, (key, value)) in enumerate(self._sent):
            position = fresh.persisted_offset(TP(CHANGELOG, partition))
            if position is None or offset > position:
                open_kept(fresh).apply(partition, key, value, acknowledge(offset, partition))
        self.kept, self._applied = open_kept(fresh), len(self._sent)
        return self.kept
