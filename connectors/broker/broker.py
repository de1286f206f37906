"""A broker of one node or three, all on this machine, with one folder for what it keeps."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.broker.folder import Folder
from connectors.broker.jars import find_cache, get_jars
from connectors.broker.java import Java, find_java
from connectors.broker.node import Node, wait_until_open
from connectors.broker.ports import check_port, find_port
from connectors.broker.properties import Place
from connectors.broker.trouble import BrokerError

_START_SECONDS = 90.0
_HEAP_MB = {1: 384, 3: 256}
_log = logging.getLogger(__name__)


class Broker:
    """A context manager: Kafka answers inside, and is stopped behind.

    `data` is the folder of its topics, used again after any end. `port` is where the first node
    answers, free-chosen like all others where it is None. `properties` go over those of Kafka's
    that are written here; `listeners` are added to ours. Start it in a thread that stays: Java
    ends with the thread that started it.
    """

    def __init__(
        self,
        data: Path,
        *,
        nodes: int = 1,
        port: int | None = None,
        properties: Mapping[str, str] | None = None,
        environment: Mapping[str, str] = os.environ,
        say: Callable[[str], None] = _log.info,
    ) -> None:
        self._properties = dict(properties or {})
        self._say = say
        self._fixed = port
        self.data = data.absolute()
        self._folder = Folder(self.data, nodes)
        self._environment = environment
        self._count = nodes
        self.nodes: list[Node] = []

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """Where clients reach it: `host:port`, of three nodes divided by commas."""
        return ",".join(node.address for node in self.nodes)

    def start(self) -> None:
        """Start all nodes and return when they answer; after `stop` or `kill` at the same ports.

        Raises WrongUse for a port that is taken, a folder in use or made for another number of
        nodes, and where Java is missing; BrokerError where Kafka does not come up.
        """
        java = find_java(self._environment)
        jars = get_jars(find_cache(self._environment), self._say)
        cluster_id = self._folder.open()
        try:
            self._start(java, jars, cluster_id)
        except BaseException:
            self.stop()
            raise

    def _start(self, java: Java, jars: list[Path], cluster_id: str) -> None:
        if not self.nodes:
            self.nodes = [
                Node(self.data / f"node-{place.node}", place, java, jars, heap_mb=_HEAP_MB[self._count])
                for place in self._choose_places()
            ]
        places = [node.place for node in self.nodes]
        for place in places:
            check_port(place.port)
        formats = [(node, node.prepare(places, cluster_id, self._properties)) for node in self.nodes]
        for node, process in formats:
            if process is not None:
                node.finish_format(process)
        for node in self.nodes:
            node.start(keep_open=[self._folder.lock])
        wait_until_open(self.nodes, _START_SECONDS)
        self._wait_until_complete()

    def stop(self) -> None:
        """End all nodes in good order; the folder may then be used by another."""
        for node in self.nodes:
            node.end()
        for node in self.nodes:
            node.stop()
        self._folder.close()

    def kill(self) -> None:
        """End all nodes by force, as a power cut of theirs would."""
        for node in self.nodes:
            node.kill()
        self._folder.close()

    def check(self) -> None:
        """Raise BrokerError where a node has ended by itself."""
        for node in self.nodes:
            node.check()

    def _choose_places(self) -> list[Place]:
        ports: set[int] = set() if self._fixed is None else {self._fixed}
        while len(ports) < 2 * self._count:
            ports.add(find_port())
        free = sorted(ports - {self._fixed})
        first = free.pop() if self._fixed is None else self._fixed
        mine = [first, *(free.pop() for _ in range(self._count - 1))]
        return [Place(number, port, free.pop()) for number, port in enumerate(mine, start=1)]

    def _wait_until_complete(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while (there := self._count_nodes()) < self._count:
            self.check()
            if time.monotonic() > until:
                raise BrokerError(f"only {there} of {self._count} nodes have found each other")
            time.sleep(0.05)

    def _count_nodes(self) -> int:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap.split(","), request_timeout_ms=5000)
            try:
                return len(admin.describe_cluster()["brokers"])
            finally:
                admin.close()
        except (KafkaError, OSError):
            return 0
