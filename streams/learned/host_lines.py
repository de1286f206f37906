"""The state of one host's lines, and its bytes."""

import zlib
from array import array
from dataclasses import dataclass, field

import msgspec

from streams.learned.tally import Tallies, make_zeros

_LINES = 1 << 13  # slots for lines seen once: the last fifteen hundred pages of most hosts
_ARTICLES = 1 << 11  # slots for articles that were counted
_VERSION = 1


@dataclass(slots=True)
class Learned:
    """A promoted line: in how many different articles it stood at each place, and since when.

    `counts`, `since` and `on_page` go by place (head, middle, tail). `since` is the delivery that
    caused the promotion, -1 for none; once set it never changes, so what was judged once is judged
    so again. `on_page` is the same moment as the how-many-eth page of the host: deliveries are
    numbered by each runner in its own way, a host's pages by both alike.
    """

    example: str
    mark: int
    counts: list[int]
    since: list[int]
    first_page: int
    first_seq: int
    last_page: int
    last_seq: int
    on_page: list[int] = field(default_factory=lambda: [-1, -1, -1])


@dataclass(slots=True)
class HostLines:
    """All that is known of one host's lines; at most about 150 KB, see the benchmark."""

    newest: int = -1
    pages: int = 0
    lines: "array[int]" = field(default_factory=lambda: make_zeros("H", _LINES))
    articles: "array[int]" = field(default_factory=lambda: make_zeros("I", _ARTICLES))
    tallies: Tallies = field(default_factory=Tallies)
    learned: dict[int, Learned] = field(default_factory=dict)

    def has_seen(self, key: int) -> bool:
        """Tell whether the line stood on an earlier page; wrong once in 65,000 times."""
        return key != 0 and self.lines[key % _LINES] == ((key // _LINES) & 0xFFFF or 1)

    def remember_line(self, key: int) -> None:
        self.lines[key % _LINES] = (key // _LINES) & 0xFFFF or 1

    def remember_article(self, article: int) -> bool:
        """Tell whether the article is new, and remember it; two thousand are known at most."""
        slot, tag = article % _ARTICLES, (article // _ARTICLES) & 0xFFFFFFFF or 1
        is_new = self.articles[slot] != tag
        self.articles[slot] = tag
        return is_new

    def knows(self, key: int) -> bool:
        """Tell whether the line was seen before, counted or learned."""
        return key in self.learned or self.has_seen(key) or (key != 0 and self.tallies.find(key) >= 0)


class _Snapshot(msgspec.Struct, frozen=True, array_like=True):
    version: int
    newest: int
    pages: int
    arrays: list[bytes]
    learned: dict[int, Learned]


def snapshot(state: HostLines) -> bytes:
    """Return the whole state, packed: about 200 bytes for a new host, 50 KB for a busy one."""
    arrays = [item.tobytes() for item in _arrays(state)]
    data = msgspec.msgpack.encode(_Snapshot(_VERSION, state.newest, state.pages, arrays, state.learned))
    return zlib.compress(data, 1)


def restore(data: bytes) -> HostLines:
    """Return the state that `snapshot` packed.

    Raises ValueError where the bytes are no snapshot of this version: fold the host's rows anew.
    """
    try:
        packed = msgspec.msgpack.decode(zlib.decompress(data), type=_Snapshot)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"no snapshot of a host's lines: {error}") from None
    if packed.version != _VERSION:
        raise ValueError(f"snapshot of version {packed.version}, this is {_VERSION}")
    state = HostLines(newest=packed.newest, pages=packed.pages, learned=packed.learned)
    for line in state.learned.values():  # a snapshot of before pages were told has none of them
        line.on_page = [
            max(page, min(since, 0)) for page, since in zip(line.on_page, line.since, strict=True)
        ]
    for item, content in zip(_arrays(state), packed.arrays, strict=True):
        if len(content) != len(item) * item.itemsize:
            raise ValueError("snapshot of another size")
        item[:] = array(item.typecode, content)
    return state


def _arrays(state: HostLines) -> "list[array[int]]":
    tallies = state.tallies
    return [
        state.lines,
        state.articles,
        tallies.keys,
        tallies.counts,
        tallies.marks,
        tallies.first_page,
        tallies.last_page,
        tallies.first_seq,
    ]
