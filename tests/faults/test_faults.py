"""The short of `make faults`: whatever dies, nothing is lost and nothing is published twice."""

from pathlib import Path

import pytest

from connectors.cluster.settings import KafkaSettings
from tests.broker import PARTITIONS, OwnBroker
from tests.faults.cluster import Cluster, part_of
from tests.faults.kills import kill_workers, run_calm
from tests.faults.outage import take_broker_away
from tests.faults.poison import poison
from tests.faults.row import Row, write_row
from tests.faults.state import wipe_folders

pytestmark = pytest.mark.slow


def check(row: Row) -> None:
    assert not row.lost, write_row(row)
    assert not row.wrong, write_row(row)


def test_workers_killed_at_any_moment_lose_nothing(tmp_path: Path, kafka: KafkaSettings) -> None:
    with Cluster(part_of(kafka, "calm"), tmp_path / "calm") as cluster:
        calm = run_calm(cluster, 900)
    assert not calm.wrong
    with Cluster(part_of(kafka, "killed"), tmp_path / "killed") as cluster:
        check(kill_workers(cluster, calm, inputs=900, times=3, workers=2))


def test_everything_waits_for_a_broker_that_is_away_and_goes_on(
    tmp_path: Path, own_broker: OwnBroker
) -> None:
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=PARTITIONS)
    with Cluster(kafka, tmp_path) as cluster:
        check(take_broker_away(cluster, broker, inputs=600, seconds=10))


def test_workers_without_their_folders_know_what_they_knew(tmp_path: Path, kafka: KafkaSettings) -> None:
    with Cluster(kafka, tmp_path) as cluster:
        check(wipe_folders(cluster, inputs=600))


def test_poison_ends_as_such_and_harms_nothing_beside_it(tmp_path: Path, kafka: KafkaSettings) -> None:
    with Cluster(part_of(kafka, "calm"), tmp_path / "calm") as cluster:
        calm = run_calm(cluster, 300)
    with Cluster(part_of(kafka, "poisoned"), tmp_path / "poisoned") as cluster:
        check(poison(cluster, calm, inputs=300))
