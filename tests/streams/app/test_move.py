"""Moving house: what an embedded store knows goes on being known on Kafka."""

import sqlite3
from dataclasses import replace
from itertools import islice
from pathlib import Path

import orjson
import pytest

from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, OUTCOMES, RAW
from streams.app.move import list_letters
from streams.embedded.store import Store
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.faults.parity import compare_bytes, move_to_one_host, read_topics, run_embedded
from tests.letters import commit_work, make_raw, read_topic, send

pytestmark = pytest.mark.slow

INPUTS = 300


def push_store(cluster: Cluster, store: Path) -> tuple[int, list[str]]:
    push = cluster.start("push", "--from-db", str(store))
    return push.wait(), [line for _, line in push.lines]


def test_a_run_that_moved_tells_what_one_that_stayed_tells(tmp_path: Path, kafka: KafkaSettings) -> None:
    lines = move_to_one_host(make_lines(INPUTS))
    stayed = run_embedded(tmp_path / "stayed", lines)
    first = run_embedded(tmp_path / "first", lines[: INPUTS // 2])
    store = tmp_path / "first" / "naba.db"
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        with Store(str(store)) as opened:  # a push that is broken off in the middle of the state
            send(replace(kafka, topic_prefix=""), islice(list_letters(opened, kafka), 100))
        code, said = push_store(cluster, store)
        assert code == 0
        assert said[-1].startswith("naba: the brokers have all ")
        assert list(compare_bytes(first, read_topics(cluster).once())) == []

        assert cluster.push(lines).wait() == 0
        cluster.start_workers(1)
        cluster.finish()
        moved = read_topics(cluster)
        # What was delivered before has the same answer again, and stands on its topic twice.
        assert list(compare_bytes(stayed, moved.once())) == []
        assert sum(map(len, moved.records.values())) > sum(map(len, stayed.records.values()))
        of_second = set(stayed.records[ARTICLES]) - set(first.records[ARTICLES])
        cut = [removal["rule"] for record in of_second for removal in orjson.loads(record)["removed"]]
        assert any("learned" in rule for rule in cut)

        code, said = push_store(cluster, store)
        assert code == 2
        assert "workers have worked on these topics" in said[-1]
        assert "kafka.topic_prefix" in said[-1]


def test_a_store_is_not_carried_where_it_could_do_harm(tmp_path: Path, kafka: KafkaSettings) -> None:
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        code, said = push_store(cluster, tmp_path / "none.db")
        assert (code, said) == (2, [f"naba: {tmp_path / 'none.db'}: no such store"])
        assert not (tmp_path / "none.db").exists()

        with Store(str(tmp_path / "in-use.db")):
            code, said = push_store(cluster, tmp_path / "in-use.db")
        assert code == 2
        assert "another runner has this store" in said[-1]

        with Store(str(tmp_path / "sink.db"), cluster="another"):
            pass
        code, said = push_store(cluster, tmp_path / "sink.db")
        assert code == 2
        assert "is filled by `naba sink store`" in said[-1]

        sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE mine (a)")
        code, said = push_store(cluster, tmp_path / "other.db")
        assert code == 2
        assert "is a database, but not one of naba" in said[-1]

        with Store(str(tmp_path / "good.db")):
            pass
        cluster.start_workers(1)  # it has done nothing yet
        code, said = push_store(cluster, tmp_path / "good.db")
        assert code == 2
        assert "a worker is there; stop it" in said[-1]
        assert read_topic(kafka, OUTCOMES) == []


def test_topics_that_were_worked_on_get_no_store_though_no_worker_is_there(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    with Store(str(tmp_path / "good.db")):
        pass
    with Cluster(kafka, tmp_path / "kafka") as cluster:
        send(kafka, [make_raw(1)])
        commit_work(kafka, RAW)
        code, said = push_store(cluster, tmp_path / "good.db")
        assert code == 2
        assert "workers have worked on these topics" in said[-1]
