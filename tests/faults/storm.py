"""A rebalance every few seconds."""

import random
import time

from tests.faults.account import take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.faults.process import Worker
from tests.faults.row import Row

PROGRESS_SECONDS = 30.0


def storm(cluster: Cluster, *, inputs: int, seconds: float, every: float) -> Row:
    """Have a worker join or leave `every` so many seconds, for `seconds`, beside one that stays."""
    row = Row(f"a rebalance every {every:g} s")
    chance = random.Random(3)
    cluster.start_workers(2)
    cluster.push(make_lines(inputs))
    leaving: list[Worker] = []
    turns, began = 0, time.monotonic()
    while time.monotonic() < began + seconds:
        while time.monotonic() < began + turns * every:
            cluster.look()
        _staying, *others = [worker for worker in cluster.workers if worker not in leaving]
        if others and (len(others) == 2 or chance.random() < 0.5):
            leaving.append(chance.choice(others))
            leaving[-1].end()
        else:
            cluster.start_worker()  # on a folder of its own, so that it need not wait for one that leaves
        turns += 1
    for worker in leaving:
        code = cluster.stop(worker)
        row.require(code == 0, f"a stopped worker ended with {code}: {worker.lines[-5:]}")
    meanwhile = cluster.look()
    row.require(meanwhile < inputs, "the run was over before the storm: more inputs are needed")
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    row.told.append(f"{turns} turns, {meanwhile} outcomes during the storm")
    row.require(account.standstill < PROGRESS_SECONDS, "no progress in half a minute")
    return row
