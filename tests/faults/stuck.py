"""What stands still though nothing has died, and what dies alone."""

import os
import re
import signal
import time

from tests.faults.account import take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines, make_page
from tests.faults.process import Worker, do_harm
from tests.faults.row import Row

SEEN_SECONDS = 60.0


def drop_events(cluster: Cluster, *, inputs: int) -> Row:
    """Pass over one event of each partition: it is read again, and the worker lives on."""
    row = Row("events passed over")
    worker = cluster.start_worker(environment=do_harm("drop"))
    worker.wait_until_ready()
    faust = worker.find_faust()
    cluster.push(make_lines(inputs))
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    dropped = len(worker.said("dropped "))
    row.told.append(f"{dropped} events passed over")
    row.require(dropped > cluster.kafka.partitions, "nothing was passed over: the test does not test")
    row.require(worker.find_faust() == faust, "the worker was started anew")
    row.require(account.standstill < SEEN_SECONDS / 2, "it took long to read them again")
    return row


def stand_still(cluster: Cluster, *, inputs: int) -> Row:
    """Have the work on one event never end: the supervisor sees it and starts the worker anew."""
    row = Row("an event that never ends")
    once = cluster.folder / "once"
    worker = cluster.start_worker(
        environment=do_harm("stand") | {"HARM_ONCE": str(once), "NABA_CLEAN__SECONDS": "5"}
    )
    worker.wait_until_ready()
    cluster.push(make_lines(inputs))
    while not once.exists():
        cluster.look()
    stood = time.time()
    cluster.finish()
    row.add(take_account(cluster))
    _require_seen(row, worker, stood)
    return row


def wait_for_slow(cluster: Cluster, *, inputs: int, slow: int, limit: float) -> Row:
    """Push pages of one site that take the whole `limit` of seconds each: nothing is started anew."""
    row = Row(f"{slow} slow pages in a row")
    worker = cluster.start_worker(environment=do_harm("stage") | {"NABA_CLEAN__SECONDS": str(limit)})
    worker.wait_until_ready()
    faust = worker.find_faust()
    good = make_lines(inputs)
    sleeping = [make_page("sleep", 3, number) for number in range(slow)]
    cluster.push([*good[: inputs // 2], *sleeping, *good[inputs // 2 :]])
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    ends = [found.get("reason") for found in account.outcomes.values() if "/sleep/" in (found["url"] or "")]
    row.require(ends == ["too_slow"] * slow, f"slow pages end as {ends}")
    row.require(worker.find_faust() == faust, f"the worker was started anew: {worker.lines}")
    row.require(account.standstill < 1.5 * limit, "nothing moved while the slow pages took their time")
    return row


def stop_clock(cluster: Cluster, *, inputs: int) -> Row:
    """Have the Faust process do nothing any more (SIGSTOP)."""
    row = Row("Faust stopped by SIGSTOP")
    cluster.start_workers(1)
    worker = cluster.workers[0]
    cluster.push(make_lines(inputs))
    cluster.wait_for(inputs // 5)
    faust = worker.find_faust()
    assert faust is not None
    faust.suspend()
    stood = time.time()
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    _require_seen(row, worker, stood)
    row.require(account.standstill < 1.5 * SEEN_SECONDS, "the cure took too long")
    row.require(not faust.is_running(), "the stopped process is still there")
    return row


def kill_parts(cluster: Cluster, *, inputs: int) -> Row:
    """Kill one process of a worker alone: its supervisor, its Faust process, its child."""
    row = Row("one process of a worker killed")
    cluster.start_workers(1)
    worker = cluster.workers[0]
    cluster.push(make_lines(inputs))
    cluster.wait_for(inputs // 6)
    _kill_child(worker)
    cluster.wait_for(inputs // 3)
    faust = worker.find_faust()
    assert faust is not None
    faust.kill()
    cluster.wait_for(inputs // 2)
    row.require(len(worker.said("starting anew")) == 1, f"not started anew once: {worker.lines}")
    faust = worker.find_faust()
    assert faust is not None
    os.kill(worker.pid, signal.SIGKILL)
    killed = time.monotonic()
    while faust.is_running() and time.monotonic() < killed + SEEN_SECONDS:
        time.sleep(0.1)
    row.require(not faust.is_running(), "the Faust process outlives its supervisor")
    row.told.append(f"Faust ended {time.monotonic() - killed:.1f} s behind its supervisor")
    cluster.kill(worker)
    cluster.note_committed()
    cluster.start_worker(worker.data).wait_until_ready()
    cluster.finish()
    row.add(take_account(cluster))
    return row


def _kill_child(worker: Worker) -> None:
    """Kill what works on a page: the leaf of the tree, under the server that forks."""
    faust = worker.find_faust()
    assert faust is not None
    leaves = [process for process in faust.children(recursive=True) if not process.children()]
    working = [process for process in leaves if "resource_tracker" not in " ".join(process.cmdline())]
    working[0].kill()


def _require_seen(row: Row, worker: Worker, stood: float) -> None:
    seen = [at for at, line in worker.lines if re.search("(stopping|killing).* process", line) and at > stood]
    if seen:
        row.told.append(f"seen after {seen[0] - stood:.0f} s")
    row.require(bool(seen) and seen[0] - stood < SEEN_SECONDS, f"not seen within a minute: {worker.lines}")
