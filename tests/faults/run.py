"""Every fault on a real broker, and the table of what it did: `make faults`.

A fault gets a broker of its own. Ends with 1 where anything was lost, or was not as it should be.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings
from tests.faults.account import Account
from tests.faults.cluster import Cluster
from tests.faults.kills import kill_workers, run_calm, stop_workers
from tests.faults.outage import kill_one_of_three, take_broker_away
from tests.faults.parity import show_parity
from tests.faults.poison import poison
from tests.faults.row import HEAD, Row, write_row
from tests.faults.starts import start_together
from tests.faults.state import empty_changelogs, wipe_folders
from tests.faults.storm import storm
from tests.faults.stuck import drop_events, kill_parts, stand_still, stop_clock, wait_for_slow

PARTITIONS = 4
INPUTS = 5000


class TooSlow(AssertionError):
    """A fault that does not come to its end."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`run` is given the broker and a folder; `limit` is in seconds."""

    run: Callable[[Broker, Path], Row]
    limit: int
    nodes: int = 1


def list_faults(data: Path | None = None) -> dict[str, Fault]:
    """Return all faults by name; `data` is a folder of samples, pages and news, if there is one."""
    calm: dict[int, Account] = {}

    def get_calm(broker: Broker, folder: Path, inputs: int) -> Account:
        if inputs not in calm:
            with Cluster(open_kafka(broker, "calm."), folder / "calm") as cluster:
                calm[inputs] = run_calm(cluster, inputs)
        return calm[inputs]

    def be_calm(broker: Broker, folder: Path) -> Row:
        row = Row("none")
        row.add(get_calm(broker, folder, INPUTS))
        return row

    def compared(disturb: Callable[[Cluster, Account], Row], inputs: int) -> Callable[[Broker, Path], Row]:
        def run(broker: Broker, folder: Path) -> Row:
            before = get_calm(broker, folder, inputs)
            with Cluster(open_kafka(broker), folder / "run") as cluster:
                return disturb(cluster, before)

        return run

    def alone(disturb: Callable[[Cluster, Broker], Row]) -> Callable[[Broker, Path], Row]:
        def run(broker: Broker, folder: Path) -> Row:
            with Cluster(open_kafka(broker), folder / "run") as cluster:
                return disturb(cluster, broker)

        return run

    kills = partial(kill_workers, inputs=INPUTS, times=20, workers=3)
    stops = partial(stop_workers, inputs=INPUTS, times=20, workers=3)
    return {
        "parity": Fault(
            lambda broker, folder: show_parity(broker, folder, open_kafka(broker), inputs=2000, data=data),
            1200,
        ),
        "calm": Fault(be_calm, 600),
        "kill": Fault(compared(kills, INPUTS), 1500),
        "stop": Fault(compared(stops, INPUTS), 1500),
        "start": Fault(
            lambda broker, folder: start_together(open_kafka(broker), folder, inputs=300, times=10), 900
        ),
        "away": Fault(alone(partial(take_broker_away, inputs=1500, seconds=20)), 600),
        "away-long": Fault(alone(partial(take_broker_away, inputs=1500, seconds=90)), 600),
        "storm": Fault(alone(lambda cluster, _: storm(cluster, inputs=16000, seconds=120, every=5)), 900),
        "nodes": Fault(alone(partial(kill_one_of_three, inputs=1500)), 600, nodes=3),
        "wiped": Fault(alone(lambda cluster, _: wipe_folders(cluster, inputs=1000)), 600),
        "emptied": Fault(alone(lambda cluster, _: empty_changelogs(cluster, inputs=600)), 600),
        "poison": Fault(compared(partial(poison, inputs=2000), 2000), 900),
        "dropped": Fault(alone(lambda cluster, _: drop_events(cluster, inputs=600)), 300),
        "standing": Fault(alone(lambda cluster, _: stand_still(cluster, inputs=600)), 400),
        "slow": Fault(alone(lambda cluster, _: wait_for_slow(cluster, inputs=600, slow=12, limit=5)), 400),
        "stopped": Fault(alone(lambda cluster, _: stop_clock(cluster, inputs=600)), 400),
        "parts": Fault(alone(lambda cluster, _: kill_parts(cluster, inputs=900)), 400),
    }


def open_kafka(broker: Broker, prefix: str = "") -> KafkaSettings:
    """Return the settings of a cluster of one node, or of three that copy everything."""
    copies = len(broker.nodes)
    return KafkaSettings(
        bootstrap=broker.bootstrap,
        topic_prefix=prefix,
        group_prefix=prefix,
        partitions=PARTITIONS,
        replication_factor=copies,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    known = ", ".join(list_faults())
    parser.add_argument("names", nargs="*", metavar="FAULT", help=f"of {known} [default: all]")
    parser.add_argument("--data", type=Path, help="samples, pages and news that parity is shown on as well")
    arguments = parser.parse_args()
    faults = list_faults(arguments.data)
    names = arguments.names or list(faults)
    if unknown := [name for name in names if name not in faults]:
        parser.error(f"no such fault: {', '.join(unknown)}; there are {known}")
    signal.signal(signal.SIGALRM, _give_up)
    signal.signal(signal.SIGTERM, _stop)
    print(HEAD, flush=True)
    rows = []
    for name in names:
        rows.append(run_fault(name, faults[name]))
        print(write_row(rows[-1]), flush=True)
    bad = [row.fault for row in rows if row.lost or row.wrong]
    print(f"{sum(row.inputs for row in rows)} inputs, {sum(row.lost for row in rows)} lost")
    sys.exit(f"not as it should be: {', '.join(bad)}" if bad else 0)


def run_fault(name: str, fault: Fault) -> Row:
    """Return its row, also where it raised or took too long."""
    began = time.monotonic()
    signal.alarm(fault.limit)
    try:
        with (
            tempfile.TemporaryDirectory(prefix=f"naba-{name}-") as folder,
            Broker(Path(folder) / "broker", nodes=fault.nodes) as broker,
        ):
            row = fault.run(broker, Path(folder))
    except Exception as error:
        row = Row(name, wrong=[f"{type(error).__name__}: {error}"])
    finally:
        signal.alarm(0)
    row.seconds = time.monotonic() - began
    return row


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow("the time limit of this fault is over")


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit("stopped")  # and with it everything that was started


if __name__ == "__main__":
    main()
