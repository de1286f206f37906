"""What the store holds of an article, and how it is taken out."""

import sqlite3
from collections.abc import Iterable

from streams.embedded.store import Store
from streams.embedded.tables import name_page


def erase(store: Store, article_id: str) -> tuple[int | None, int | None]:
    """Take every text of an article out, within the transaction that is open.

    Outcomes stay: they hold addresses and ids; of one that broke, the detail is taken out, which may
    quote. Returns the first number in `articles` and in `outcomes` that changed, None where none did.
    """
    database = store.database
    first = _find_first(database, "SELECT min(seq) FROM articles WHERE key = ? AND record != ''", article_id)
    for table in ("articles", "duplicates"):
        database.execute(f"DELETE FROM {table} WHERE key = ? AND record != ''", (article_id,))
    database.execute("DELETE FROM dead WHERE key = ?", (article_id,))  # refused by a sink
    deliveries = _find_deliveries(database, article_id)
    raw_ids = {raw_id for _seq, raw_id, _outcome in deliveries}
    database.executemany("DELETE FROM raw WHERE raw_id = ?", _single(raw_ids))
    database.executemany(
        "UPDATE rejected SET record = json_set(record, '$.content_base64', NULL) "
        "WHERE key = ? AND json_extract(record, '$.content_base64') IS NOT NULL",
        _single(raw_ids),
    )
    broken = [(seq, raw_id) for seq, raw_id, outcome in deliveries if outcome == "dead"]
    if broken:
        database.executemany(
            "DELETE FROM dead WHERE json_extract(headers, '$.\"naba-raw-id\"') = ?",
            _single(raw_id for _seq, raw_id in broken),
        )
        database.executemany(
            "UPDATE outcomes SET record = json_set(record, '$.detail', NULL) WHERE seq = ?",
            _single(seq for seq, _raw_id in broken),
        )
    # A source knows the page by its address, says something of it, and would ask for it again.
    database.execute(
        "UPDATE story_pages SET claims = '{}', state = 'given up', why = 'deleted', next_at = NULL, "
        "etag = NULL, last_modified = NULL, hash = NULL WHERE article_id = ?1 OR page = ?1",
        (article_id,),
    )
    return first, min((seq for seq, _raw_id in broken), default=None)


def find_revision(store: Store, article_id: str) -> int:
    """Return the newest revision of an article that the store holds, as article or as copy; 0 for none."""
    query = (
        "SELECT max(json_extract(record, '$.revision')) FROM (SELECT record FROM articles WHERE key = ?1 "
        "UNION ALL SELECT record FROM duplicates WHERE key = ?1) WHERE record != ''"
    )
    ((found,),) = store.fetch(query, article_id)
    return int(found or 0)


def _find_deliveries(database: sqlite3.Connection, article_id: str) -> list[tuple[int, str, str]]:
    """Return number, raw_id and outcome of each; one of its address that is no article belongs to it as well.

    An address counts however it is spelled: its own, and those under which the article came.
    """
    found, pages = [], {article_id}
    query = "SELECT seq, raw_id, outcome, url FROM outcomes WHERE article_id = ?"
    for seq, raw_id, outcome, url in database.execute(query, (article_id,)):
        found.append((seq, raw_id, outcome))
        if page := name_page(url):
            pages.add(page)
    for page in pages:
        found += database.execute("SELECT seq, raw_id, outcome FROM outcomes WHERE page = ?", (page,))
    return found


def _find_first(database: sqlite3.Connection, query: str, value: str) -> int | None:
    (found,) = database.execute(query, (value,)).fetchone()
    return None if found is None else int(found)


def _single(values: Iterable[str | int]) -> list[tuple[str | int]]:
    return [(value,) for value in values]
