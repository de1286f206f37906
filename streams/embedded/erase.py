"""What the store holds of an article, and how it is taken out."""

import sqlite3
from collections.abc import Iterable

from streams.embedded.store import Store

# A delivery of its address that never became an article belongs to it as well.
_DELIVERIES = """
    SELECT seq, raw_id, outcome FROM outcomes WHERE article_id = ?1
    UNION
    SELECT seq, raw_id, outcome FROM outcomes WHERE article_id IS NULL AND url IN
        (SELECT url FROM outcomes WHERE article_id = ?1 AND url IS NOT NULL)
"""


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
    deliveries = database.execute(_DELIVERIES, (article_id,)).fetchall()
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


def _find_first(database: sqlite3.Connection, query: str, value: str) -> int | None:
    (found,) = database.execute(query, (value,)).fetchone()
    return None if found is None else int(found)


def _single(values: Iterable[str | int]) -> list[tuple[str | int]]:
    return [(value,) for value in values]
