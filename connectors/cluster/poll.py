"""Asking a consumer of Kafka for what is new, also while its owner has no time for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

_EVERY_SECONDS = 3.0  # between two signs of life of one who is busy elsewhere; the group takes five minutes
_FOR_MS = 200


def poll(client: KafkaConsumer, milliseconds: int, most: int) -> dict[TopicPartition, list[Any]]:
    """Return the next messages by partition, at most so many. Raises KafkaError as the client does."""
    # kafka-python (3.0.12) forgets a join whose answer comes between two polls where it joins for
    # what it has learnt of the topics, and then reads nothing, for ever: it has to be told again.
    group = client._coordinator
    if group.rejoining and not group.need_rejoin():
        group.request_rejoin()
    found: dict[TopicPartition, list[Any]] = client.poll(milliseconds, max_records=most)
    return found


@contextmanager
def held(client: KafkaConsumer) -> Iterator[None]:
    """Keep the partitions that the group gave the client, however long what is within takes.

    Nothing else may be asked of the client there.
    """
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(client, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(client: KafkaConsumer, done: threading.Event) -> None:
    while not done.wait(_EVERY_SECONDS):
        client.pause(*client.assignment())
        # What is wrong with the cluster is told by the next real poll.
        with suppress(KafkaError):
            for place, records in poll(client, _FOR_MS, 1).items():
                client.seek(place, records[0].offset)  # given to us just now: read it later
        client.resume(*client.paused())
