"""What the items of a look ask for: a page once, whoever names it, and again when it has changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.feeds.item import Item
from connectors.polling.items import Offer, forget_items, note_whole, offer_items
from connectors.polling.pages import Taken, activate, list_origins, read_next, take_page
from connectors.polling.roster import remove_source
from connectors.polling.tables import SCHEMA
from connectors.polling.terms import Terms
from connectors.transaction import transact

NOW = 1_790_000_000.0
DAY = 86_400.0
IDENTIFY = Terms().identify


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.executescript(SCHEMA)
        activate(opened, ["harbour", "ferry"])
        yield opened


def story(number: int, **more: object) -> Item:
    url = f"https://harbour.example/{number}"
    return Item(**({"id": url, "url": url, "stamp": "a"} | more))  # type: ignore[arg-type]


def offer(
    database: sqlite3.Connection,
    *items: Item,
    source: str = "harbour",
    now: float = NOW,
    again: bool = False,
) -> Offer:
    with transact(database):
        return offer_items(database, source, items, IDENTIFY, now, again=again, pause=300)


def take(database: sqlite3.Connection, now: float = NOW) -> str:
    found = read_next(database, "https://harbour.example", [])
    assert found is not None
    page, _ = found
    taken = Taken(at=now, next_at=None, etag=None, last_modified=None, hash="h", article_id="a" * 32)
    take_page(database, page.page, taken)
    return page.url


def test_a_new_item_wants_its_page_once(database: sqlite3.Connection) -> None:
    first = offer(database, story(1), story(2))
    assert (first.new, first.origins) == (2, {"https://harbour.example"})
    again = offer(database, story(1), story(2), story(3))
    assert again.new == 1
    assert max(at for _, at in list_origins(database)) <= NOW  # or looking once would end before it
    assert [take(database), take(database), take(database)] == [story(n).url for n in (1, 2, 3)]
    assert read_next(database, "https://harbour.example", []) is None


@pytest.mark.parametrize(
    "spelling",
    [
        "https://harbour.example/1?utm_source=feed",
        "http://www.harbour.example/1#top",
        "https://HARBOUR.example:443/1",
    ],
)
def test_a_page_that_another_source_names_is_not_wanted_twice(
    database: sqlite3.Connection, spelling: str
) -> None:
    offer(database, story(1))
    other = offer(database, Item(id="x", url=spelling), source="ferry")
    assert (other.new, other.origins, other.whole) == (0, set(), [])
    take(database)
    whole = offer(database, Item(id="y", url=spelling, content="<p>all</p>", whole=True), source="ferry")
    assert whole.whole == []


def test_a_changed_item_wants_its_page_again_and_not_at_once(database: sqlite3.Connection) -> None:
    offer(database, story(1))
    take(database)
    assert offer(database, story(1), now=NOW + 60).origins == set()
    changed = offer(database, story(1, stamp="b"), now=NOW + 60)
    assert (changed.new, changed.origins) == (0, {"https://harbour.example"})
    found = read_next(database, "https://harbour.example", [])
    assert found is not None
    assert found[1] == NOW + 300
    offer(database, story(2))
    take(database)
    take(database)
    offer(database, story(2, stamp="b"), now=NOW + 5000)
    found = read_next(database, "https://harbour.example", [])
    assert found is not None
    assert found[1] == NOW + 5000


def test_listed_addresses_are_looked_at_each_time(database: sqlite3.Connection) -> None:
    offer(database, story(1), again=True)
    take(database)
    offer(database, story(1), again=True, now=NOW + 10)
    found = read_next(database, "https://harbour.example", [])
    assert found is not None
    assert found[1] == NOW + 10


def test_a_whole_item_is_delivered_until_it_is_safe_and_its_page_is_not_asked_for(
    database: sqlite3.Connection,
) -> None:
    item = story(1, content="<p>all of it</p>", whole=True)
    assert offer(database, item).whole == [item]
    assert offer(database, item).whole == [item]  # a crash in between loses nothing
    with transact(database):
        note_whole(database, "harbour", item, IDENTIFY, NOW)
    assert offer(database, item).whole == []
    assert read_next(database, "https://harbour.example", []) is None
    assert offer(database, story(1), source="ferry").origins == set()
    changed = story(1, content="<p>all of it, mended</p>", whole=True, stamp="b")
    assert offer(database, changed).whole == [changed]


def test_an_item_without_a_page_is_delivered_as_it_stands(database: sqlite3.Connection) -> None:
    item = Item(id="note-7", title="A note", summary="The pier is shut.")
    assert offer(database, item).whole == [item]


def test_pages_of_a_source_that_is_paused_are_not_asked_for(database: sqlite3.Connection) -> None:
    offer(database, story(1))
    activate(database, ["ferry"])
    assert read_next(database, "https://harbour.example", []) is None
    assert list_origins(database) == []
    activate(database, ["ferry", "harbour"])
    assert [origin for origin, _ in list_origins(database)] == ["https://harbour.example"]


@pytest.mark.parametrize("lost", ["given up", "renamed", "removed"])
def test_a_page_that_was_never_taken_is_not_lost_with_the_source_that_named_it(
    database: sqlite3.Connection, lost: str
) -> None:
    offer(database, story(1), story(2))
    take(database)
    if lost == "given up":
        database.execute("UPDATE story_pages SET state = 'given up', next_at = NULL WHERE taken_at IS NULL")
    elif lost == "renamed":
        activate(database, ["ferry"])
    else:
        database.execute("INSERT INTO sources (name, settings) VALUES ('harbour', '{}')")
        remove_source(database, "harbour")
        activate(database, ["ferry"])
    again = offer(database, story(1), story(2), source="ferry")
    assert again.new == 1
    assert take(database) == story(2).url
    assert read_next(database, "https://harbour.example", []) is None


def test_a_whole_item_is_delivered_where_its_page_could_not_be_had(database: sqlite3.Connection) -> None:
    offer(database, story(1))
    whole = story(1, content="<p>all</p>", whole=True)
    assert offer(database, whole, source="ferry").whole == [whole]


def test_items_are_remembered_as_long_as_they_are_listed(database: sqlite3.Connection) -> None:
    offer(database, story(1), story(2))
    take(database)
    take(database)
    database.execute(
        "INSERT INTO documents (source, url, read_at) VALUES ('harbour', 'f', '2026-09-21T00:00:00.000Z')"
    )
    later = NOW + 60 * DAY  # the feed was as it was all the time, so nothing was read
    forget_items(database, later - 30 * DAY, later - 400 * DAY)
    assert offer(database, story(1), story(2), now=later).new == 0
    database.execute("UPDATE documents SET read_at = '2027-01-01T00:00:00.000Z'")
    database.execute("UPDATE items SET seen = '2026-09-21' WHERE item LIKE '%/2'")
    forget_items(database, later - 30 * DAY, later - 400 * DAY)
    assert [row[0] for row in database.execute("SELECT item FROM items")] == [story(1).id]


def test_an_address_is_not_new_again_when_the_item_was_forgotten(database: sqlite3.Connection) -> None:
    offer(database, story(1))
    take(database)
    database.execute("DELETE FROM items")
    offer(database, story(1))
    assert read_next(database, "https://harbour.example", []) is None
