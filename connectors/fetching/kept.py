"""Keeps what was used last, within a number and a size."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A cache that forgets what was not used for longest; the newest is kept whatever its size."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> Value | None:
        """Return what is kept under `key`."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: str, value: Value, size: int) -> None:
        """Keep a value of `size` bytes, in place of the one before."""
        self.drop(key)
        self._values[key] = (value, size)
        self._bytes += size
        while len(self._values) > 1 and (len(self._values) > self._most or self._bytes > self._most_bytes):
            self.drop(next(iter(self._values)))

    def drop(self, key: str) -> None:
        """Forget what is kept under `key`, if anything is."""
        _, size = self._values.pop(key, (None, 0))
        self._bytes -= size
