"""A broker of one node or three, all on this machine, with one folder for what it keeps."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.broker.archive import Archive
from connectors.broker.folder import Folder
from connectors.broker.jars import find_cache, get_jars
from connectors.broker.java import find_java
from connectors.broker.node import Node, wait_until_open
from connectors.broker.ports import check_port, find_port
from connectors.broker.properties import Place
from connectors.broker.trouble import BrokerError

_START_SECONDS = 90.0
_STOP_SECONDS = 9.0  # the last of three nodes asks the others for five, and they are gone
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
        self.data = data.absolute()
        self._folder = Folder(self.data, nodes)
        self._properties = dict(properties or {})
        self._environment = environment
        self._say = say
        self._told: set[Node] = set()
        self.nodes = [
            Node(self.data / f"node-{place.node}", place, heap_mb=_HEAP_MB[nodes])
            for place in _choose_places(port, nodes)
        ]

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
        return ",".join(node.place.address for node in self.nodes)

    def start(self) -> None:
        """Start the nodes that do not run, at the ports they had, and return when all answer.

        Raises WrongUse for a port that is taken, a folder in use or made for another number of
        nodes, and where Java is missing; BrokerError where Kafka does not come up.
        """
        java = find_java(self._environment)
        cache = find_cache(self._environment)
        jars = get_jars(cache, self._say)
        archive = Archive(java, jars, cache)
        archive.make(self._say)
        self._folder.take()
        try:
            absent = [node for node in self.nodes if node.pid is None]
            for node in absent:
                check_port(node.place.port)
            cluster_id = self._folder.identify()
            flags = archive.flags()
            try:
                self._start(absent, java.command(jars, flags), cluster_id)
            except BrokerError:
                if not flags:
                    raise
                # Java has its own doubts about an archive; this is for what they do not find.
                for node in absent:
                    node.kill()
                self._start(absent, java.command(jars), cluster_id)
                archive.forget()
        except BaseException:
            self.kill()
            raise

    def _start(self, absent: list[Node], command: list[str], cluster_id: str) -> None:
        places = [node.place for node in self.nodes]
        for node in absent:
            node.prepare(command, places, cluster_id, self._properties)
        for node in absent:
            node.start(command, keep_open=[self._folder.lock])
        self._told.difference_update(absent)
        wait_until_open(absent, _START_SECONDS)
        self._wait_until_complete()

    def stop(self) -> None:
        """End all nodes in good order; the folder may then be used by another."""
        for node in self.nodes:
            node.end()
        until = time.monotonic() + _STOP_SECONDS
        for node in self.nodes:
            node.stop(max(0.1, until - time.monotonic()))
        self._folder.close()

    def kill(self) -> None:
        """End all nodes by force, as a crash would."""
        for node in self.nodes:
            node.kill()
        self._folder.close()

    def check(self) -> None:
        """Tell once of each node that has ended by itself.

        Raises BrokerError where fewer run than can decide anything: one of one, two of three.
        """
        for node in self.nodes:
            try:
                node.check()
            except BrokerError as error:
                if sum(each.pid is not None for each in self.nodes) <= len(self.nodes) // 2:
                    raise
                if node not in self._told:
                    self._told.add(node)
                    self._say(f"{error}\n  The other nodes go on without it.")

    def _wait_until_complete(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while (there := self._count_nodes()) < len(self.nodes):
            for node in self.nodes:
                node.check()
            if time.monotonic() > until:
                raise BrokerError(f"only {there} of {len(self.nodes)} nodes of Kafka have found each other")
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


def _choose_places(port: int | None, nodes: int) -> list[Place]:
    ports = set() if port is None else {port}
    while len(ports) < 2 * nodes:
        ports.add(find_port())
    chosen = sorted(ports, key=lambda each: each != port)
    return [Place(number, chosen[number - 1], chosen[nodes + number - 1]) for number in range(1, nodes + 1)]
