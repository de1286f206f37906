"""Which items of a source are new: an item is known once it is safe, or its page is noted as wanted."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.feeds.item import Item
from connectors.polling.pages import take_elsewhere, take_over, want_again, want_page
from connectors.polling.tables import read_time, write_time
from schemas.ids import hash_parts

Identify = Callable[[str], str | None]  # of an address: the id of its page; None where it has none
_LONGEST = 200


@dataclass(slots=True)
class Offer:
    """What came of the items of one look.

    `new` were never listed before; `whole` are to be delivered as they stand; `origins` are to be
    asked for pages.
    """

    new: int = 0
    whole: list[Item] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)


def offer_items(
    database: sqlite3.Connection,
    source: str,
    items: Sequence[Item],
    identify: Identify,
    now: float,
    *,
    again: bool,
    pause: float,
) -> Offer:
    """Note what `items` ask for, within the transaction that is open.

    A known item of another stamp is looked at again, the same page not within `pause` seconds;
    with `again` every one is. A page that another source has named is not asked for twice.
    """
    offer = Offer()
    for place, item in enumerate(items):
        known = _read_stamp(database, source, item)
        if known == item.stamp and not again:
            _see(database, source, item, now)
            continue
        page = identify(item.url) if item.url else None
        row = _read_page(database, page) if page else None
        theirs = row is not None and row.source != source and (row.taken or row.coming)
        offer.new += known is None and not theirs
        if item.url and page and not item.whole and not theirs:
            # In the order of the list, which is that of the site: a moment apart, none in the future.
            at = now + (place - len(items)) / 1000
            if row is None:
                offer.origins.add(want_page(database, page, source, item, at))
            elif not row.taken and not row.coming:
                offer.origins.add(take_over(database, page, source, item, at))
            elif known is not None:
                soon = now if again else max(now, (row.looked_at or 0.0) + pause)
                offer.origins.add(want_again(database, page, item, soon))
        elif not theirs or (item.whole and row is not None and not row.taken):
            offer.whole.append(item)
            continue
        note_item(database, source, item, now)
    return offer


def note_item(database: sqlite3.Connection, source: str, item: Item, now: float) -> None:
    """Note that an item needs nothing more until its stamp is another."""
    database.execute(
        "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)",
        (source, _name(item), item.stamp, write_time(now)[:10]),
    )


def note_whole(database: sqlite3.Connection, source: str, item: Item, identify: Identify, now: float) -> None:
    """Note an item that was delivered as it stood in the feed: its page is not asked for either."""
    note_item(database, source, item, now)
    page = identify(item.url) if item.url else None
    if item.url and page:
        take_elsewhere(database, page, source, item.url, now)


def forget_items(database: sqlite3.Connection, before: float, pages_before: float) -> None:
    """Forget items not listed since, where their source was read since, and pages not looked at for long."""
    # A feed that is as it was for months lists its items all the same: it counts when it was read.
    day = write_time(before)[:10]
    database.execute(
        "DELETE FROM items WHERE seen < ?1 AND source IN "
        "(SELECT source FROM documents GROUP BY source HAVING min(read_at) > ?1)",
        (day,),
    )
    database.execute("DELETE FROM story_pages WHERE looked_at < ?", (write_time(pages_before),))
    database.execute("DELETE FROM source_days WHERE day < ?", (write_time(pages_before)[:10],))


def _read_stamp(database: sqlite3.Connection, source: str, item: Item) -> str | None:
    row = database.execute(
        "SELECT stamp FROM items WHERE source = ? AND item = ?", (source, _name(item))
    ).fetchone()
    return str(row[0]) if row else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A page that a source has named: whether it was taken, or is still coming for a source that is asked."""

    source: str
    looked_at: float | None
    taken: bool
    coming: bool


def _read_page(database: sqlite3.Connection, page: str) -> _Known | None:
    row = database.execute(
        "SELECT source, looked_at, taken_at IS NOT NULL, next_at IS NOT NULL "
        "AND source IN (SELECT name FROM temp.active) FROM story_pages WHERE page = ?",
        (page,),
    ).fetchone()
    return _Known(row[0], read_time(row[1]), bool(row[2]), bool(row[3])) if row else None


def _see(database: sqlite3.Connection, source: str, item: Item, now: float) -> None:
    day = write_time(now)[:10]
    database.execute(
        "UPDATE items SET seen = ?1 WHERE source = ?2 AND item = ?3 AND seen < ?1", (day, source, _name(item))
    )


def _name(item: Item) -> str:
    return item.id if len(item.id) <= _LONGEST else hash_parts("naba item", item.id)
