"""Raw articles of other programs: their transactions, their marks, and offsets that aged away."""

import time
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from connectors.cluster.settings import KafkaSettings
from schemas.letter import OUTCOMES, RAW
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.letters import read_topic

pytestmark = pytest.mark.slow

SECONDS = 60.0


def wait_until_committed(cluster: Cluster) -> None:
    until = time.monotonic() + SECONDS
    while cluster.measure_lag() != 0:
        assert time.monotonic() < until, cluster.tell_offsets()
        time.sleep(0.2)


def test_marks_of_transactions_and_what_aged_away_keep_no_worker_from_the_end(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    topic = kafka.topic(RAW)
    with Cluster(kafka, tmp_path) as cluster:
        assert cluster.push(make_lines(20)).wait() == 0
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        ends = cluster.offsets.read_ends(RAW)
        # Before any worker has read them: as after a stop that was longer than retention.
        admin.delete_records({TopicPartition(topic, number): end for number, end in ends.items()})
        admin.close()
        writer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic}-writer")
        writer.init_transactions()
        for number, value in enumerate([b"no article", b"neither"]):
            writer.begin_transaction()
            for partition in ends:
                writer.send(topic, value, key=b"k", partition=partition)
            writer.flush()
            if number == 0:
                writer.commit_transaction()
            else:
                writer.abort_transaction()
        writer.close()
        cluster.start_workers(1)
        wait_until_committed(cluster)
        # What a transaction took back stands on the topic as well, and is a delivery: a worker that
        # read only what was committed would have to wait for whoever leaves a transaction open.
        outcomes = read_topic(kafka, OUTCOMES)
        assert len(outcomes) == 2 * len(ends)
        assert all(b'"outcome":"dead"' in outcome for outcome in outcomes)
        (worker,) = cluster.workers
        assert not worker.said("starting anew")
