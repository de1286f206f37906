"""Questions to the cluster: which partitions there are, where they end, how far a group has come."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import RetriableError

from connectors.cluster.connect import Patience, connect, explain
from connectors.cluster.settings import KafkaSettings
from connectors.sink import Tell
from schemas.wrong_use import WrongUse

Answer = TypeVar("Answer")

_ANSWER_MS = 5000


class Offsets:
    """Every question raises kafka.errors.KafkaError, a retriable one while the broker is away.

    Who has time for the answer asks by `wait_for`.
    """

    def __init__(self, settings: KafkaSettings, tell: Tell) -> None:
        """Wait for a broker, as `tell` is told; raises ClusterError where it does not let us in."""
        self._settings, self._tell = settings, tell
        self._client = connect(KafkaAdminClient, settings, tell, request_timeout_ms=_ANSWER_MS)

    def wait_for(self, ask: Callable[..., Answer], *about: Any) -> Answer:
        """Return the answer to one of the questions below, once there is one."""
        patience = Patience(self._tell)
        while True:
            try:
                answer = ask(*about)
            except RetriableError as error:
                patience.wait(explain(self._settings, error))
            else:
                patience.end(f"a broker answers at {self._settings.bootstrap}")
                return answer

    def name_cluster(self) -> str:
        """Return what no other cluster is called: its id, and the prefix of our topics on it."""
        found: dict[str, Any] = self._client.describe_cluster()
        return f"{found['cluster_id']} {self._settings.topic_prefix}".rstrip()

    def list_partitions(self, topic: str) -> list[int]:
        """Return the numbers of the topic's partitions. Raises WrongUse where there is no such topic."""
        return sorted(partition["partition_index"] for partition in self._describe(topic)["partitions"])

    def read_ids(self, topics: Iterable[str]) -> dict[str, str]:
        """Return the id of each topic, another one when it is created anew. Raises WrongUse as above."""
        return {topic: str(self._describe(topic)["topic_id"]) for topic in topics}

    def read_starts(self, topic: str) -> dict[int, int]:
        """Return the first offset that each partition still holds."""
        return self._list(topic, OffsetSpec.EARLIEST)

    def read_ends(self, topic: str) -> dict[int, int]:
        """Return the offset that the next record of each partition will have."""
        return self._list(topic, OffsetSpec.LATEST)

    def is_empty(self, changelog: str) -> bool:
        """Return whether the changelog of that full name holds nothing (any more)."""
        (found,) = self._client.describe_topics([changelog])
        places = [TopicPartition(changelog, one["partition_index"]) for one in found["partitions"]]
        first, last = (
            self._client.list_partition_offsets(dict.fromkeys(places, what))
            for what in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
        )
        return all(first[place].offset == last[place].offset for place in places)

    def read_committed(self, group: str, topic: str) -> dict[int, int]:
        """Return how far the group has come in each partition in which it has committed anything."""
        name = self._settings.topic(topic)
        wanted = [TopicPartition(name, number) for number in self.list_partitions(topic)]
        found = self._client.list_group_offsets({group: wanted})[group]
        return {place.partition: at.offset for place, at in found.items() if at.offset >= 0}

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()

    def _describe(self, topic: str) -> dict[str, Any]:
        name = self._settings.topic(topic)
        (found,) = self._client.describe_topics([name])
        if not found["partitions"]:
            raise WrongUse(
                f"{self._settings.bootstrap}: has no topic {name}; `naba topics` creates what is missing"
            )
        return dict(found)

    def _list(self, topic: str, what: OffsetSpec) -> dict[int, int]:
        name = self._settings.topic(topic)
        asked = {TopicPartition(name, number): what for number in self.list_partitions(topic)}
        found = self._client.list_partition_offsets(asked)
        return {place.partition: at.offset for place, at in found.items()}
