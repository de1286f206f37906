"""The rows of compare as a mapping over their table."""

from collections.abc import Iterator, MutableMapping
from datetime import date
from struct import Struct

import msgspec

from schemas.codec import decode, encode
from streams.app.effects import Entry
from streams.app.kept import Kept
from streams.copies.original import PUBLIC
from streams.copies.row import Row

PARTITION = 0  # compare is one lane

# Before the row: where it stands in the order of first arrival, and the day of its last delivery.
_HEAD = Struct(">qI")


class _Published(msgspec.Struct):
    """The fields of a row that its entry in the index is made of."""

    article_id: str
    since: str
    text_key: str
    fingerprint: str
    verdict: str


_read_published = msgspec.json.Decoder(_Published).decode


def write_row(order: int, day: int, row: Row) -> Entry:
    """Return the entry of a row; `order` grows from article to article, `day` counts from 0001-01-01.

    That of a deleted article never becomes old.
    """
    if row.deletion is not None:
        day = date.max.toordinal()
    return row.article_id.encode(), _HEAD.pack(order, day) + encode(row)


class TableRows(MutableMapping[str, Row]):
    """Rows by article id; what the step changes is collected by `take`."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._changed: dict[str, Row] = {}

    def __getitem__(self, article_id: str) -> Row:
        if article_id in self._changed:
            return self._changed[article_id]
        value = self._kept.get(PARTITION, article_id.encode())
        if value is None:
            raise KeyError(article_id)
        return decode(value[_HEAD.size :], Row)

    def __setitem__(self, article_id: str, row: Row) -> None:
        self._changed[article_id] = row

    def __delitem__(self, article_id: str) -> None:
        raise TypeError("rows are forgotten by age")

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key, _ in self._kept.items(PARTITION))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def take(self, offset: int, day: int) -> tuple[Entry, ...]:
        """Return the entries of the rows that were changed since the last call."""
        entries = []
        for row in self._changed.values():
            known = self._kept.get(PARTITION, row.article_id.encode())
            order = _HEAD.unpack_from(known)[0] if known else offset
            entries.append(write_row(order, day, row))
        self._changed.clear()
        return tuple(entries)

    def list_published(self, since: str) -> list[bytes]:
        """Return the keys of published rows from a day on, in the order of their first arrival."""
        found = []
        for key, value in self._kept.items(PARTITION):
            row = _read_published(value[_HEAD.size :])
            if row.verdict in PUBLIC and row.since >= since:
                found.append((_HEAD.unpack_from(value)[0], key))
        return [key for _, key in sorted(found)]

    def read_published(self, key: bytes) -> tuple[str, str, str, str]:
        """Return (article_id, since, text_key, fingerprint) of a row that was listed.

        One at a time: together the fingerprints of a hundred thousand rows take 300 MB.
        """
        value = self._kept.get(PARTITION, key)
        if value is None:
            raise KeyError(key)
        row = _read_published(value[_HEAD.size :])
        return row.article_id, row.since, row.text_key, row.fingerprint

    def list_unseen(self, before: int, start: bytes | None = None) -> Iterator[tuple[bytes, bool]]:
        """Yield the key of each row from `start` on, and whether it was last delivered before a day."""
        for key, value in self._kept.items(PARTITION, start):
            yield key, _HEAD.unpack_from(value)[1] < before and self._is_unseen(key, before)

    def _is_unseen(self, key: bytes, before: int) -> bool:
        # The store is read as it was when the listing began, and that takes hours.
        newest = self._kept.get(PARTITION, key)
        is_old = newest is not None and _HEAD.unpack_from(newest)[1] < before
        return is_old and key.decode() not in self._changed
