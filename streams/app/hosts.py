"""The learned lines of every host as the table keeps them: a snapshot, and a small row a page behind it."""

from collections import OrderedDict
from struct import Struct

from streams.app.effects import Entry
from streams.app.kept import Kept
from streams.learned.host_lines import HostLines, restore, snapshot
from streams.learned.learn import fold_row

_IN_MEMORY = 1000
_PAGES = 200  # behind a snapshot; their slots are written over after the next one
_BASE = Struct(">q")


class _Known:
    """The state of one host, the number its offsets are counted from, and its pages behind the snapshot."""

    __slots__ = ("base", "pages", "state")

    def __init__(self, state: HostLines, base: int, pages: int) -> None:
        self.state, self.base, self.pages = state, base, pages


class TableHosts:
    """States by partition and host, loaded when first asked for; the longest unused leave memory."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._known: OrderedDict[tuple[int, str], _Known] = OrderedDict()

    def get(self, partition: int, host: str, offset: int) -> tuple[HostLines | None, int]:
        """Return the state of `host` and the number of the delivery at `offset`; no state without a host."""
        if not host:
            return None, 0
        known = self._find(partition, host)
        return known.state, known.base + offset + 1

    def fold(self, partition: int, host: str, page: bytes) -> tuple[Entry, ...]:
        """Count one page and return what is to be kept of it; nothing of a page that was counted before."""
        known = self._find(partition, host)
        newest = known.state.newest
        fold_row(known.state, page)
        if known.state.newest == newest:
            return ()
        known.pages += 1
        if known.pages <= _PAGES:
            return ((_slot(host, known.pages - 1), page),)
        known.pages = 0
        return (write_host(host, known.base, known.state),)

    def forget(self) -> None:
        """Forget all states: the partitions may be another's now."""
        self._known.clear()

    def _find(self, partition: int, host: str) -> _Known:
        place = (partition, host)
        if place not in self._known:
            self._known[place] = self._load(partition, host)
            if len(self._known) > _IN_MEMORY:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]

    def _load(self, partition: int, host: str) -> _Known:
        saved = self._kept.get(partition, host.encode())
        base, state = (0, HostLines())
        if saved is not None:
            base, state = _BASE.unpack_from(saved)[0], restore(saved[_BASE.size :])
        for slot in range(_PAGES):
            page = self._kept.get(partition, _slot(host, slot))
            newest = state.newest
            if page is not None:
                fold_row(state, page)
            if state.newest == newest:  # none, or one from before the snapshot
                return _Known(state, base, slot)
        return _Known(state, base, _PAGES)


def write_host(host: str, base: int, state: HostLines) -> Entry:
    """Return the entry of a host; its deliveries are numbered from `base` on, by their offsets."""
    return host.encode(), _BASE.pack(base) + snapshot(state)


def _slot(host: str, number: int) -> bytes:
    return f"{host}\0{number}".encode()
