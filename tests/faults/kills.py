"""Workers that are killed or stopped at any moment, each started again on its own folder."""

import random
import time

from tests.faults.account import Account, compare, take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.faults.row import Row
from tests.faults.sink import check_files


def run_calm(cluster: Cluster, inputs: int) -> Account:
    """Return the account of one worker that nobody disturbs."""
    push = cluster.push(make_lines(inputs))
    cluster.start_workers(1)
    cluster.finish()
    account = take_account(cluster)
    account.wrong += [] if push.wait() == 0 else [f"push ended with {push.code}"]
    return account


def kill_workers(cluster: Cluster, calm: Account, *, inputs: int, times: int, workers: int) -> Row:
    """Kill the process group of a random worker, again and again, during one run."""
    row = Row(f"kill -9, {times} times")
    chance = random.Random(9)
    cluster.start_workers(workers)
    cluster.push(make_lines(inputs))
    for number in range(times):
        _wait_for_turn(cluster, chance, number, times)
        victim = chance.choice(cluster.workers)
        cluster.note_committed()
        cluster.kill(victim)
        cluster.start_worker(victim.data)
    _finish(cluster, row, calm)
    return row


def stop_workers(cluster: Cluster, calm: Account, *, inputs: int, times: int, workers: int) -> Row:
    """Stop a random worker in good order, again and again, during one run."""
    row = Row(f"SIGTERM, {times} times")
    chance = random.Random(15)
    cluster.start_workers(workers)
    cluster.push(make_lines(inputs))
    slowest = 0.0
    for number in range(times):
        _wait_for_turn(cluster, chance, number, times)
        victim = chance.choice(cluster.workers)
        before = time.monotonic()
        # A service manager tells the process, a terminal the whole group.
        code = cluster.stop(victim, whole_group=number % 2 == 1)
        slowest = max(slowest, time.monotonic() - before)
        row.require(code == 0, f"a stopped worker ended with {code}: {victim.lines[-5:]}")
        cluster.start_worker(victim.data)
    row.told.append(f"the slowest stop took {slowest:.1f} s")
    _finish(cluster, row, calm)
    return row


def _wait_for_turn(cluster: Cluster, chance: random.Random, number: int, times: int) -> None:
    """Wait until the run has come as far as its part before this turn, so that all fit into it."""
    cluster.wait_for(int(len(cluster.deliveries) * (number + chance.random()) / (times + 1)))
    time.sleep(chance.uniform(0, 0.5))


def _finish(cluster: Cluster, row: Row, calm: Account) -> None:
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    row.wrong += compare(calm, account)
    row.wrong += check_files(cluster, account)
