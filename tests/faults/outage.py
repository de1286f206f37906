"""The broker goes away in the middle of a run, and comes back."""

import time

from connectors.broker.broker import Broker
from schemas.letter import RAW
from tests.faults.account import take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import make_lines
from tests.faults.process import Process
from tests.faults.row import Row

LINES_A_MINUTE = 100


def take_broker_away(cluster: Cluster, broker: Broker, *, inputs: int, seconds: float) -> Row:
    """Kill the broker while workers, a sink and a push are at work, and start it again."""
    row = Row(f"broker away for {seconds:g} s")
    lines = make_lines(inputs)
    cluster.start_workers(2)
    sink = cluster.start("sink", "files", "--out", "a.jsonl", "--outcomes", "o.jsonl")
    pushes = [cluster.push(lines[: inputs // 2])]
    cluster.wait_for(inputs // 5)
    faust = [worker.find_faust() for worker in cluster.workers]
    cluster.note_committed()
    broker.kill()
    pushes.append(cluster.push(lines[inputs // 2 :], "later.jsonl"))
    time.sleep(seconds)
    row.require(not any(worker.is_ready() for worker in cluster.workers), "ready without a broker")
    row.require(pushes[1].code is None, f"a push has ended with {pushes[1].code} without a broker")
    broker.start()
    cluster.finish()
    came_back = time.monotonic()
    cluster.wait_until_ready()
    row.require([push.wait() for push in pushes] == [0, 0], "a push failed")
    row.require(sink.code is None, f"the sink has ended with {sink.code}")
    row.require(sink.stop() == 0, "the sink did not stop as it should")
    row.require(time.monotonic() - came_back < 60, "a minute behind the last outcome something still waits")
    row.require(
        [worker.find_faust() for worker in cluster.workers] == faust, "a worker was started anew meanwhile"
    )
    account = take_account(cluster)
    row.add(account)
    named: list[tuple[str, Process]] = [("sink", sink), ("push", pushes[1])]
    named += [(f"worker {number}", worker) for number, worker in enumerate(cluster.workers)]
    busiest = {name: process.busiest_minute() for name, process in named}
    row.told.append("most lines within a minute: " + ", ".join(f"{name} {n}" for name, n in busiest.items()))
    row.require(max(busiest.values()) <= LINES_A_MINUTE, "a flood of log lines")
    return row


def kill_one_of_three(cluster: Cluster, broker: Broker, *, inputs: int) -> Row:
    """Kill one node of three while a push and two workers are at work, and start it again."""
    row = Row("one of three nodes killed")
    lines = make_lines(inputs)
    cluster.start_workers(2)
    push = cluster.push(lines[: inputs // 2])
    cluster.wait_for(inputs // 5)
    victim = broker.nodes[-1]
    victim.kill()
    later = cluster.push(lines[inputs // 2 :], "later.jsonl")
    cluster.wait_for(inputs // 2)
    broker.start()  # what does not run
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    row.require((push.wait(), later.wait()) == (0, 0), "a push failed")
    sent = sum(cluster.offsets.read_ends(RAW).values())
    row.told.append(f"{sent - inputs} deliveries stand twice on {RAW}")
    failed = [line for worker in cluster.workers for line in worker.said("failed")]
    row.require(not any("naba: failed" in line for line in failed), f"a worker failed: {failed}")
    row.require(not any(worker.said("starting anew") for worker in cluster.workers), "a worker was restarted")
    return row
