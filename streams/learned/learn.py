"""What a host's pages teach: the lines that keep coming back on it and are not news.

Every page leaves one small row, and a host's state is folded from its rows in order and from
nothing else: a snapshot and the rows behind it are the state itself, to the bit. A line seen for
the first time leaves 16 bits in a filter. From the second time on it is counted, by the place
where it stood, and where it has come in enough different articles it is promoted. Only promotions
speak to `judge`, each from the page after the one that caused it.
"""

from collections.abc import Sequence

import msgspec
import xxhash

from streams.learned.host_lines import HostLines, Learned
from streams.learned.lines import EDGE, holds_address, is_long, is_prose, opens
from streams.learned.place import HEAD, MIDDLE, TAIL, find_places

_PROMOTIONS = 256
_KEPT = 5_000  # pages for which a promotion is kept after its line was last seen
_FORGOTTEN = 2_000  # pages after which a line that was counted, but not learned, begins anew
_NEARLY = 4  # articles from which on a row carries an example, for this page may promote the line
EXAMPLE = 120  # characters of an example
_LONG, _PROSE, _OPENS, _ADDRESS = 1, 2, 4, 8  # marks of a line


class _Row(msgspec.Struct, frozen=True, array_like=True):
    seq: int
    article: int
    keys: bytes
    marks: bytes
    examples: dict[int, str]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Row).decode


def page_row(state: HostLines, seq: int, article_id: str, lines: Sequence[str], keys: Sequence[int]) -> bytes:
    """Return the row of one page: nine bytes a line (at most 512 lines), and rarely an example.

    `lines` are the body before learned lines are cut, `keys` their `line_keys`; `seq` is the
    number of the delivery, growing within the host. Raises ValueError where a line has no key.
    """
    if len(lines) != len(keys):
        raise ValueError(f"{len(lines)} lines with {len(keys)} keys")
    if len(lines) > 2 * EDGE:
        lines, keys = [*lines[:EDGE], *lines[-EDGE:]], [*keys[:EDGE], *keys[-EDGE:]]
    marked = list(zip(keys, lines, strict=True))
    return _encode(
        _Row(
            seq,
            xxhash.xxh3_64_intdigest(article_id.encode()),
            b"".join(key.to_bytes(8, "little") for key, _ in marked),
            bytes(_mark(line) for _, line in marked),
            {key: line[:EXAMPLE] for key, line in marked if _is_near(state, key)},
        )
    )


def _mark(line: str) -> int:
    return (
        _LONG * is_long(line)
        | _PROSE * is_prose(line)
        | _OPENS * opens(line)
        | _ADDRESS * holds_address(line)
    )


def fold_row(state: HostLines, row: bytes) -> None:
    """Count one page. A row that is not newer than the newest one folded changes nothing."""
    page = _decode(row)
    if page.seq <= state.newest:
        return
    state.newest = page.seq
    state.pages += 1
    keys = [int.from_bytes(page.keys[at : at + 8], "little") for at in range(0, len(page.keys), 8)]
    long = [bool(mark & _LONG) for mark in page.marks]
    places = find_places(long, [state.knows(key) for key in keys])
    # Not short-circuited: the article has to be remembered either way.
    counts = state.remember_article(page.article) & (not _is_repost(state, keys, long, places))
    met = {0}
    for key, place, mark in zip(keys, places, page.marks, strict=True):
        if key not in met:
            met.add(key)
            _count(state, key, place, mark, page, counts)


def _count(state: HostLines, key: int, place: int, mark: int, page: _Row, counts: bool) -> None:
    if key in state.learned:
        _count_learned(state, state.learned[key], place, mark, page.seq, counts)
        return
    tallies = state.tallies
    slot = tallies.find(key)
    if slot < 0 and not state.has_seen(key):
        state.remember_line(key)
        return
    if not counts:
        if slot >= 0:
            tallies.last_page[slot] = state.pages
        return
    if slot >= 0 and state.pages - tallies.last_page[slot] > _FORGOTTEN:
        tallies.close(slot)
        state.remember_line(key)
        return
    if slot < 0:
        slot = tallies.open(key, state.pages, page.seq)
        tallies.add(slot, place, mark, state.pages)  # the sighting that only the filter knows
    tallies.add(slot, place, mark, state.pages)
    found, mark = tallies.counts_of(slot), tallies.marks[slot]
    first = tallies.first_page[slot]
    if _is_due(place, found, state.pages - first, mark) and _make_room(state):
        since, on_page = [-1, -1, -1], [-1, -1, -1]
        since[place], on_page[place] = page.seq, state.pages
        state.learned[key] = Learned(
            example=page.examples.get(key, ""),
            mark=mark,
            counts=found,
            since=since,
            first_page=first,
            first_seq=tallies.first_seq[slot],
            last_page=state.pages,
            last_seq=page.seq,
            on_page=on_page,
        )
        tallies.close(slot)


def _count_learned(state: HostLines, line: Learned, place: int, mark: int, seq: int, counts: bool) -> None:
    line.last_page, line.last_seq = state.pages, seq
    if not counts:
        return
    line.mark |= mark
    line.counts[place] += 1
    if line.since[place] < 0 and _is_due(place, line.counts, state.pages - line.first_page, line.mark):
        line.since[place], line.on_page[place] = seq, state.pages


def _is_due(place: int, counts: Sequence[int], span: int, mark: int) -> bool:
    """Tell whether a line has come at this place in enough different articles.

    `span` are the host's pages since it came first: what comes back in one page of a thousand
    may be the sub-head of a weekly column, or the words with which a columnist takes leave.
    """
    articles, per_thousand = _bar(place, mark)
    return counts[place] >= articles and 1000 * counts[place] >= per_thousand * span


def _bar(place: int, mark: int) -> tuple[int, int]:
    """Return how many articles a line needs, and in how many of a thousand pages."""
    if mark & _ADDRESS and place != HEAD:
        # To whom a reader may write is no news, however seldom; a sentence around it may be.
        return (10, 5) if mark & _LONG else (5 if place == TAIL else 10, 0)
    if mark & _PROSE:
        # The background that a newsroom repeats under a running story reads like a footer,
        # but a footer stands under every article.
        return 20, 250
    if mark & _LONG:
        return 15, 100
    if mark & _OPENS:
        return 10, 100
    if place == MIDDLE:
        return 10, 30
    return 5, (5 if place == TAIL else 1)


def _is_repost(state: HostLines, keys: Sequence[int], long: Sequence[bool], places: Sequence[int]) -> bool:
    """Tell whether the page has nothing to teach: half of its own long lines stood on the host before."""
    own = [
        (key, is_body and place != TAIL)
        for key, is_body, place in zip(keys, long, places, strict=True)
        if key and key not in state.learned
    ]
    body = [key for key, is_body in own if is_body] or [key for key, _ in own]
    return 2 * sum(map(state.knows, body)) >= len(body)


def _is_near(state: HostLines, key: int) -> bool:
    slot = state.tallies.find(key) if key else -1
    return slot >= 0 and sum(state.tallies.counts_of(slot)) >= _NEARLY


def _make_room(state: HostLines) -> bool:
    """Tell whether one more line can be learned, dropping one that long has not been seen.

    No page among the host's last five thousand holds a dropped line: their verdicts stay.
    """
    if len(state.learned) < _PROMOTIONS:
        return True
    oldest = min(state.learned, key=lambda key: state.learned[key].last_page)
    if state.pages - state.learned[oldest].last_page < _KEPT:
        return False
    del state.learned[oldest]
    return True
