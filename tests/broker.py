"""A real Kafka for the tests: one for all of them, and own ones for those that kill it.

Ask for `kafka` where a test needs a cluster: its settings, with topics and groups that no other
test sees. Ask for `own_broker` where a test stops, kills or sets up the broker itself.
"""

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from kafka import KafkaAdminClient

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings

PARTITIONS = 4


class OwnBroker(Protocol):
    """Starts a broker on a folder of its own; it is stopped when the test ends."""

    def __call__(
        self,
        *,
        nodes: int = 1,
        port: int | None = None,
        properties: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> Broker:
        """Return it when it answers; the same `data` has the topics of the last time."""
        ...


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Kafka answers: what NABA_KAFKA__BOOTSTRAP names, else one that runs while the tests do."""
    if named := os.environ.get("NABA_KAFKA__BOOTSTRAP"):
        yield named
        return
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        yield running.bootstrap
    remove_topics(running)


@pytest.fixture
def kafka(broker: str) -> Iterator[KafkaSettings]:
    """The settings of a cluster on which there is nothing yet; what the test leaves there is removed."""
    mine = f"t{uuid.uuid4().hex[:12]}."
    yield KafkaSettings(bootstrap=broker, topic_prefix=mine, group_prefix=mine, partitions=PARTITIONS)
    admin = KafkaAdminClient(bootstrap_servers=broker.split(","))
    try:
        # A few hundred topics would hold thousands of files open.
        left = [topic for topic in admin.list_topics() if mine in topic]
        if left:
            admin.delete_topics(left)
    finally:
        admin.close()


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    """A function that starts brokers for this test alone."""
    started: list[Broker] = []

    def start(
        *,
        nodes: int = 1,
        port: int | None = None,
        properties: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> Broker:
        folder = data or tmp_path_factory.mktemp("own-broker")
        started.append(Broker(folder, nodes=nodes, port=port, properties=properties))
        started[-1].start()
        return started[-1]

    yield start
    for each in reversed(started):
        each.kill()
        remove_topics(each)


def remove_topics(ended: Broker) -> None:
    """Remove what it kept, and leave what it said: the one is large, the other explains a failure."""
    for data in ended.data.glob("node-*/data"):
        shutil.rmtree(data)
