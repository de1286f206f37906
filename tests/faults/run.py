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
from pathlib import Path
from types import FrameType

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings
from tests.faults.account import Account
from tests.faults.cluster import Cluster
from tests.faults.kills import kill_workers, run_calm, stop_workers
from tests.faults.row import HEAD, Row, write_row
from tests.faults.starts import start_together

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


def list_faults() -> dict[str, Fault]:
    """Return all faults by name."""
    calm: list[Account] = []

    def get_calm(kafka: KafkaSettings, folder: Path) -> Account:
        if not calm:
            with Cluster(kafka, folder / "calm") as cluster:
                calm.append(run_calm(cluster, INPUTS))
        return calm[0]

    def be_calm(broker: Broker, folder: Path) -> Row:
        row = Row("none")
        row.add(get_calm(open_kafka(broker), folder))
        return row

    def kill(broker: Broker, folder: Path) -> Row:
        before = get_calm(open_kafka(broker, "calm."), folder)
        with Cluster(open_kafka(broker), folder / "kill") as cluster:
            return kill_workers(cluster, before, inputs=INPUTS, times=20, workers=3)

    def stop(broker: Broker, folder: Path) -> Row:
        before = get_calm(open_kafka(broker, "calm."), folder)
        with Cluster(open_kafka(broker), folder / "stop") as cluster:
            return stop_workers(cluster, before, inputs=INPUTS, times=20, workers=3)

    return {
        "calm": Fault(be_calm, 600),
        "kill": Fault(kill, 1200),
        "stop": Fault(stop, 1200),
        "start": Fault(
            lambda broker, folder: start_together(open_kafka(broker), folder, inputs=300, times=10), 900
        ),
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
    faults = list_faults()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FAULT", help=f"of {', '.join(faults)} [default: all]")
    names = parser.parse_args().names or list(faults)
    signal.signal(signal.SIGALRM, _give_up)
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


if __name__ == "__main__":
    main()
