"""What a node is told: the `server.properties` of Apache Kafka."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.broker.ports import LOOPBACK

LARGEST_MESSAGE = 8 * 1024 * 1024
# These name what a node listens at: one that is given goes beside ours, and not in their place.
_ADDED = ("listeners", "advertised.listeners", "listener.security.protocol.map")


@dataclass(frozen=True)
class Place:
    """Where a node is reached: by clients, and by the other nodes' controllers."""

    node: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """Return `host:port`, as clients name it."""
        return f"{LOOPBACK}:{self.port}"


def write_properties(place: Place, places: Sequence[Place], log_dir: str, given: Mapping[str, str]) -> str:
    """Return the file for the node at `place` of a cluster of `places`; `given` goes over it.

    All listen on loopback alone. The ports stand nowhere else, so they may change between starts.
    """
    copies = len(places)
    enough = max(1, copies - 1)
    client = f"PLAINTEXT://{LOOPBACK}:{place.port}"
    controller = f"CONTROLLER://{LOOPBACK}:{place.controller_port}"
    voters = ",".join(f"{each.node}@{LOOPBACK}:{each.controller_port}" for each in places)
    values: dict[str, str | int] = {
        "process.roles": "broker,controller",
        "node.id": place.node,
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listeners": f"{client},{controller}",
        "advertised.listeners": client,
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": log_dir,
        "auto.create.topics.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": enough,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": enough,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": enough,
        "message.max.bytes": LARGEST_MESSAGE,
        "replica.fetch.max.bytes": LARGEST_MESSAGE,
        # A node that was killed is missed, and may come back, after this time; 9 s by default.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        # One machine, a small heap: the defaults are for a server that does nothing else.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "log.cleaner.backoff.ms": 5000,
    }  # fmt: skip
    added = dict(given)
    if "listeners" in added:
        added.setdefault("advertised.listeners", added["listeners"])
    for name, value in added.items():
        values[name] = f"{values[name]},{value}" if name in _ADDED else value
    return "".join(f"{name}={value}\n" for name, value in values.items())
