"""The learned lines of every host as the store keeps them: a snapshot, and a small row a page behind it."""

from collections import OrderedDict

from streams.embedded.store import Store
from streams.learned.host_lines import HostLines, restore, snapshot
from streams.learned.learn import fold_row

_HOSTS_IN_MEMORY = 1000
_PAGES_A_SNAPSHOT = 200


class Hosts:
    """States by host, loaded when first asked for; the longest unused leave memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: OrderedDict[str, HostLines] = OrderedDict()
        self._unsaved: dict[str, int] = {}
        self._rows: list[tuple[int, str, bytes]] = []  # since the last flush

    def get(self, host: str) -> HostLines | None:
        """Return the state of `host`; None for no host: texts without an address teach nothing."""
        if not host:
            return None
        if host not in self._states:
            self._states[host], self._unsaved[host] = load_host(self._store, host)
        self._states.move_to_end(host)
        return self._states[host]

    def fold(self, host: str, seq: int, page: bytes) -> None:
        """Count one page; `flush` writes its row."""
        state = self.get(host)
        if state is None:
            return
        fold_row(state, page)
        self._rows.append((seq, host, page))
        self._unsaved[host] = self._unsaved.get(host, 0) + 1

    def flush(self) -> None:
        """Write the rows of all pages counted since, into the transaction that is open."""
        self._store.database.executemany("INSERT INTO pages VALUES (?, ?, ?)", self._rows)
        self._rows.clear()
        for host, count in list(self._unsaved.items()):
            if count >= _PAGES_A_SNAPSHOT:
                self._save(host)
        while len(self._states) > _HOSTS_IN_MEMORY:
            gone = next(iter(self._states))
            self._save(gone)
            del self._states[gone]

    def _save(self, host: str) -> None:
        if not self._unsaved.pop(host, 0):
            return
        (seq,) = self._store.fetch("SELECT max(seq) FROM pages WHERE host = ?", host)[0]
        self._store.database.execute(
            "INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", (host, seq, snapshot(self._states[host]))
        )
        self._store.database.execute("DELETE FROM pages WHERE host = ? AND seq <= ?", (host, seq))


def load_host(store: Store, host: str) -> tuple[HostLines, int]:
    """Return the state of `host`, and the number of its pages that no snapshot holds."""
    found = store.fetch("SELECT seq, snapshot FROM hosts WHERE host = ?", host)
    seq, state = (found[0][0], restore(found[0][1])) if found else (0, HostLines())
    pages = store.fetch("SELECT page FROM pages WHERE host = ? AND seq > ? ORDER BY seq", host, seq)
    for (page,) in pages:
        fold_row(state, page)
    return state, len(pages)


def list_hosts(store: Store) -> list[str]:
    """Return all hosts that have taught anything, by name."""
    return [host for (host,) in store.fetch("SELECT host FROM hosts UNION SELECT host FROM pages ORDER BY 1")]
