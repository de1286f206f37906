"""Workers that start at the same moment, on a backlog."""

from pathlib import Path

from connectors.cluster.settings import KafkaSettings
from tests.faults.account import take_account
from tests.faults.cluster import Cluster, part_of
from tests.faults.inputs import make_lines
from tests.faults.row import Row


def start_together(kafka: KafkaSettings, folder: Path, *, inputs: int, times: int) -> Row:
    """Start two workers at once on topics of their own, again and again."""
    row = Row(f"two start at once, {times} times")
    lines = make_lines(inputs)
    restarts = 0
    for number in range(times):
        with Cluster(part_of(kafka, f"start{number}"), folder / str(number)) as cluster:
            row.require(cluster.push(lines).wait() == 0, "push failed")
            workers = [cluster.start_worker() for _ in range(2)]
            cluster.finish()
            row.add(take_account(cluster))
            restarts += sum(len(worker.said("starting anew")) for worker in workers)
    row.told.append(f"{restarts} times the supervisor had to start a worker anew")
    return row
