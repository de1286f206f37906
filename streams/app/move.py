"""Moving house: everything that an embedded store knows, as letters to the topics of a cluster."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
from kafka import KafkaAdminClient

from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from schemas.codec import decode
from schemas.deletion import carried_out
from schemas.event import describe
from schemas.letter import (
    ARTICLES,
    CE_TIME,
    CLEAN,
    DEAD,
    DUPLICATES,
    INPUT,
    OUTCOMES,
    RAW,
    RAW_ID,
    REJECTED,
    Letter,
)
from schemas.wrong_use import WrongUse
from streams.app.effects import Entry
from streams.app.hosts import write_host
from streams.app.rows import write_row
from streams.copies.row import Row
from streams.embedded.hosts import list_hosts, load_host
from streams.embedded.store import Store


def refuse_worked(admin: KafkaAdminClient, offsets: Offsets, kafka: KafkaSettings) -> None:
    """Raise WrongUse where workers have worked, or are there: what they know must not be written over."""
    # A cluster that is new knows no groups yet, and makes their topic when it is first asked.
    if any(offsets.wait_for(offsets.read_committed, kafka.app, topic) for topic in (RAW, CLEAN)):
        raise WrongUse(
            f"{kafka.bootstrap}: workers have worked on these topics; a store is carried to topics that "
            "are new (another kafka.topic_prefix gives some)"
        )
    if admin.describe_groups([kafka.app])[kafka.app]["members"]:
        raise WrongUse(f"{kafka.bootstrap}: a worker is there; stop it until the store is carried over")


def list_letters(store: Store, kafka: KafkaSettings) -> Iterator[Letter]:
    """Yield the letters, addressed by the whole names of their topics, the workers' state first.

    In what order they arrive matters within a table alone, so that it can be begun again.
    """
    for topic, entries in (
        (kafka.changelog("rows"), _list_rows(store)),
        (kafka.changelog("hosts"), _list_hosts(store)),
    ):
        for key, value in entries:
            yield Letter(topic, key.decode(), value or b"")
    for letter in _list_records(store):
        # Here: of the whole name of its topic nobody can tell any more what it is.
        headers = describe(letter, datetime.now(UTC))
        yield Letter(kafka.topic(letter.topic), letter.key, letter.value, headers)


def _list_records(store: Store) -> Iterator[Letter]:
    for topic, table in ((ARTICLES, "articles"), (DUPLICATES, "duplicates")):
        # Where there is nothing of an article, nothing is to be deleted.
        for key, record in _read(store, f"SELECT key, record FROM {table} WHERE record != '' ORDER BY seq"):
            raw_id = orjson.loads(record)["raw_id"]
            yield Letter(topic, key, record.encode(), _find_headers(store, raw_id))
    for key, record, headers in _read(store, "SELECT key, record, headers FROM dead ORDER BY seq"):
        yield Letter(DEAD, key, record, orjson.loads(headers))
    query = "SELECT raw_id, outcome, at, record FROM outcomes ORDER BY seq"
    for raw_id, ending, at, record in _read(store, query):
        headers = {INPUT: orjson.loads(record)["input"], RAW_ID: raw_id, CE_TIME: at}
        if ending == "rejected":
            query = "SELECT record FROM rejected WHERE key = ? ORDER BY seq LIMIT 1"
            for (rejection,) in store.fetch(query, raw_id):
                yield Letter(REJECTED, raw_id, rejection.encode(), headers)
        yield Letter(OUTCOMES, raw_id, record.encode(), headers)
    yield from _list_deletions(store)


def _list_deletions(store: Store) -> Iterator[Letter]:
    query = "SELECT record FROM rows WHERE json_extract(record, '$.verdict') = 'deleted' ORDER BY seq"
    for (record,) in _read(store, query):
        row = decode(record, Row)
        assert row.deletion is not None
        yield from (one for one in carried_out(row.deletion, row.revision) if one.topic == REJECTED)


def _list_rows(store: Store) -> Iterator[Entry]:
    # In front of everything that comes on the cluster, where the order is counted from 0.
    count = len(store.rows)
    for number, (seen, record) in enumerate(_read(store, "SELECT seen, record FROM rows ORDER BY seq")):
        yield write_row(number - count, date.fromisoformat(seen).toordinal(), decode(record, Row))


def _list_hosts(store: Store) -> Iterator[Entry]:
    for host in list_hosts(store):
        state, _ = load_host(store, host)
        yield write_host(host, state.newest, state)


def _find_headers(store: Store, raw_id: str) -> dict[str, str]:
    query = "SELECT json_extract(record, '$.input') FROM outcomes WHERE raw_id = ? ORDER BY seq LIMIT 1"
    ((input,),) = store.fetch(query, raw_id)
    return {INPUT: input, RAW_ID: raw_id}


def _read(store: Store, query: str) -> Iterator[tuple[Any, ...]]:
    yield from store.database.execute(query)
