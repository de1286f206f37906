"""`naba delete --kafka` with real workers: tombstones, no text in the changelog, and kills change nothing."""

import json
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from connectors.cluster.settings import KafkaSettings
from schemas.deletion import Deletion, deletion_id
from schemas.letter import ARTICLES, DUPLICATES, OUTCOMES, REJECTED
from streams.app.move import list_letters
from streams.copies.index import Index
from streams.copies.row import NO_HASH
from streams.embedded.deletions import Deletions, ask
from streams.embedded.store import Store
from streams.steps.compare import CompareStep
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.faults.log import Log, Record
from tests.faults.process import Process
from tests.letters import make_article, make_outcome

pytestmark = pytest.mark.slow

INPUTS = 60
DELETED = 12


def read(cluster: Cluster, name: str) -> list[Record]:
    """Return everything on a topic, named in full, by partition and offset."""
    log = Log(cluster.kafka, name)
    try:
        quiet = 0
        while quiet < 5:
            quiet = 0 if log.read() else quiet + 1
        return list(log.records)
    finally:
        log.close()


def newest(records: list[Record]) -> dict[str, bytes | None]:
    return {(record.key or b"").decode(): record.value for record in records}


def delete(cluster: Cluster, ids: list[str]) -> Process:
    (cluster.folder / "ids").write_text("\n".join(ids))
    return cluster.start("delete", "--ids-file", "ids", "--reason", "asked for", "--kafka")


def wait_for_records(cluster: Cluster, ids: list[str], seconds: float = 60) -> dict[str, bytes | None]:
    """Return what stands last on the topic of rejections, once it has the record of each deletion."""
    log, until = Log(cluster.kafka, cluster.kafka.topic(REJECTED)), time.monotonic() + seconds
    try:
        while not {deletion_id(name) for name in ids} <= newest(log.records).keys():
            assert time.monotonic() < until
            log.read()
        return newest(log.records)
    finally:
        log.close()


def deliver_anew(lines: list[bytes]) -> list[bytes]:
    return [json.dumps(json.loads(line) | {"fetched_at": "2026-03-09T00:00:00Z"}).encode() for line in lines]


def test_deleted_articles_leave_the_topics_and_stay_away_whoever_is_killed(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    lines = [line for line in make_lines(INPUTS) if line.endswith(b"}")]
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        cluster.start_workers(1)
        assert cluster.push(lines).wait() == 0
        cluster.finish()
        before = newest(read(cluster, kafka.topic(ARTICLES)))
        told = Counter(record.delivery for record in read(cluster, kafka.topic(OUTCOMES)))
        ids = random.Random(3).sample(sorted(before), DELETED)
        unknown = "f" * 32

        # Killed while it deletes, and one without any state goes on.
        deleting = delete(cluster, [*ids, unknown])
        assert deleting.wait() == 0
        cluster.kill(cluster.workers[0])
        cluster.start_workers(1)
        rejected = wait_for_records(cluster, [*ids, unknown])
        cluster.finish()
        record = orjson.loads(rejected[deletion_id(ids[0])] or b"")
        assert (record["stage"], record["reason"]) == ("delete", "deleted")
        assert "asked for (article" in record["detail"]
        assert b"nothing is known of it" in (rejected[deletion_id(unknown)] or b"")

        after = newest(read(cluster, kafka.topic(ARTICLES)))
        assert {name for name, value in after.items() if value is None} == {*ids, unknown}
        assert {name: value for name, value in after.items() if value} == {
            name: value for name, value in before.items() if name not in ids
        }
        copies = newest(read(cluster, kafka.topic(DUPLICATES)))
        assert {name for name, value in copies.items() if value is None} == {*ids, unknown}

        rows = newest(read(cluster, kafka.changelog("rows")))
        for name in ids:
            row = orjson.loads((rows[name] or b"")[12:])
            assert (row["verdict"], row["fingerprint"], row["content_hash"]) == ("deleted", "", NO_HASH)
            assert row["text_key"] == row["uncut_hash"] == row["delivered_hash"] == NO_HASH
        assert not any(b"https" in (rows[name] or b"") for name in ids)

        # What comes of them now, by whatever way, by a worker with nothing but the changelog.
        late = deliver_anew([line for line in lines if json.loads(line)["url"] in urls_of(before, ids)])
        assert cluster.push(late, "late.jsonl").wait() == 0
        assert cluster.push(lines).wait() == 0
        cluster.finish()
        outcomes = read(cluster, kafka.topic(OUTCOMES))
        ends = [orjson.loads(one.value or b"") for one in outcomes]
        ended = [one for one in ends if one["input"].startswith("late.jsonl")]
        assert len(ended) == len(late) > 0
        assert {(one["outcome"], one["stage"], one["reason"]) for one in ended} == {
            ("rejected", "compare", "deleted")
        }
        # A delivery has one end: the same one again is told what it was told.
        first: dict[tuple[str, str], bytes | None] = {}
        for one in outcomes:
            assert first.setdefault(one.delivery, one.value) == one.value
        assert set(told) <= set(first)
        # Articles that stay are sent again, with the time of now; of the others nothing is.
        last = newest(read(cluster, kafka.topic(ARTICLES)))
        assert last.keys() == after.keys()
        assert {name for name, value in last.items() if value is None} == {*ids, unknown}


def test_a_store_that_moves_carries_its_deletions_along(tmp_path: Path) -> None:
    kafka, name, at = KafkaSettings(), f"{1:032x}", datetime(2026, 3, 9, tzinfo=UTC)
    with Store(str(tmp_path / "naba.db")) as store:
        store.begin()
        store.append((make_article(1), make_outcome(1, article_id=name)), at)
        store.append((make_article(2), make_outcome(2, article_id=f"{2:032x}")), at)
        store.commit()
        ask(store.database, [Deletion(article_id=name, reason="asked for", asked_at=at)])
        step = CompareStep()
        store.begin()
        Deletions(store, lambda letter, now: step(letter, store.rows, Index(), now)).erase(at)
        store.commit()
        letters = list(list_letters(store, kafka))
    assert [letter.key for letter in letters if letter.topic == ARTICLES] == [f"{2:032x}"]
    assert [letter.key for letter in letters if letter.topic == REJECTED] == [deletion_id(name)]
    assert len([letter for letter in letters if letter.topic == OUTCOMES]) == 2
    (row,) = (letter for letter in letters if letter.topic == kafka.changelog("rows"))
    assert orjson.loads(row.value[12:])["deletion"]["reason"] == "asked for"


def urls_of(records: dict[str, bytes | None], ids: list[str]) -> set[str]:
    return {orjson.loads(records[name] or b"")["url"] for name in ids}
