"""Reads the letters of topics, in the order of each partition, from where its owner stopped."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    KafkaError,
    LogTruncationError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    RetriableError,
)
from kafka.structs import OffsetAndMetadata

from connectors.cluster.connect import connect
from connectors.cluster.message import read_letter
from connectors.cluster.offsets import Offsets
from connectors.cluster.poll import held, poll
from connectors.cluster.settings import KafkaSettings
from connectors.sink import Position, Received, Tell
from schemas.wrong_use import WrongUse

MIB = 1024 * 1024
# What one partition may hold ready, as it came over the wire; a larger batch comes alone. It is
# unpacked a batch at a time, when it is handed out.
_OPTIONS: dict[str, Any] = {
    "max_partition_fetch_bytes": MIB // 2,
    "fetch_max_bytes": 8 * MIB,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",  # what is gone is told
}

# One that was killed is missed after so long, and its partitions wait meanwhile; Kafka's own 45 s are long.
_GROUP: dict[str, Any] = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 2000}

_MOST = 1000  # letters handed out at once …
_MOST_BYTES = 8 * MIB  # … and their size, about; of one poll half
_GATHER_SECONDS = 0.25  # for which letters are gathered: each batch costs its store a commit
_LOOK_SECONDS = 3.0  # of silence, after which the broker is asked whether it is there
_ANSWER_MS = 3000


class Reader:
    """Hands out what stands on the topics, and keeps no more of it than a few MiB a partition."""

    def __init__(
        self,
        settings: KafkaSettings,
        offsets: Offsets,
        topics: Sequence[str],
        tell: Tell,
        *,
        position: Mapping[tuple[str, int], int] | None = None,
        group: str | None = None,
    ) -> None:
        """Start at `position`, which the owner keeps, or behind what `group` has committed.

        What was never read is read from its beginning. Waits for a broker; raises WrongUse where a
        topic is missing, ClusterError where the cluster does not let us in.
        """
        self._settings, self._offsets, self._tell, self._group = settings, offsets, tell, group
        self._topics = {settings.topic(topic): topic for topic in topics}
        self._away = False
        self._heard = time.monotonic()
        self._poll_most = 2
        self._safe: dict[TopicPartition, OffsetAndMetadata] = {}  # and not committed yet
        partitions = offsets.wait_for(self._list_partitions)
        self._client = connect(KafkaConsumer, settings, tell, group_id=group, **_OPTIONS, **_GROUP)
        if group is not None:
            self._client.subscribe(list(self._topics))
        else:
            self._assign(partitions, position or {})

    def read(self, seconds: float) -> list[Received]:
        """Return the next letters; none where none came within `seconds`.

        Raises OSError where the cluster refuses us.
        """
        found = self._poll(seconds)
        if not found:
            if self._safe:
                self._commit_safe()
            self._look()
            return []
        self._hear()
        gathered, size = found, _measure(found)
        until = time.monotonic() + _GATHER_SECONDS
        while len(gathered) < _MOST and size < _MOST_BYTES and (left := until - time.monotonic()) > 0:
            found = self._poll(left)
            gathered += found
            size += _measure(found)
        return gathered

    def commit(self, batch: Iterable[Received]) -> None:
        """Note on the cluster that the batch is safe; of no effect where the owner keeps the position."""
        if self._group is None:
            return
        self._safe |= {
            TopicPartition(self._settings.topic(item.letter.topic), item.partition): OffsetAndMetadata(
                item.offset + 1, "", -1
            )
            for item in batch
        }
        self._commit_safe()

    def held(self) -> AbstractContextManager[None]:
        """Keep the partitions that the group gave us, however long what is within takes.

        Nothing else may be asked of the reader there.
        """
        return nullcontext() if self._group is None else held(self._client)

    def position(self) -> Position:
        """Return the offset behind everything that is safe or was returned, by topic and partition."""
        found: Position = {}
        if self._group is not None:  # other members of the group have partitions too
            for topic in self._topics.values():
                reached = self._offsets.read_committed(self._group, topic)
                for number, start in self._offsets.read_starts(topic).items():
                    # Of what its retention has deleted nothing is to come any more.
                    found[topic, number] = max(start, reached.get(number, 0))
            return found
        for place in self._client.assignment():
            at = self._client.position(place, timeout_ms=100)
            if at is not None:
                found[self._topics[place.topic], place.partition] = at
        return found

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close(autocommit=False, timeout_ms=_ANSWER_MS)

    def _commit_safe(self) -> None:
        # What another member has now is not ours to commit: it may have come further.
        self._safe = {place: at for place, at in self._safe.items() if place in self._client.assignment()}
        try:
            if self._safe:
                self._client.commit(self._safe, timeout_ms=_ANSWER_MS)
            self._safe = {}
        except (CommitFailedError, RebalanceInProgressError):
            pass  # who gets a partition writes the same again, which changes nothing; what stays ours …
        except RetriableError:
            self._miss()  # … is committed in the next silence, or with the next batch
        except KafkaError as error:
            raise self._refused(error) from None

    def _assign(self, partitions: dict[str, list[int]], position: Mapping[tuple[str, int], int]) -> None:
        places = [TopicPartition(name, number) for name, numbers in partitions.items() for number in numbers]
        old = set(self._client.assignment())
        self._client.assign(places)
        for place in places:
            start = position.get((self._topics[place.topic], place.partition))
            if place in old:
                continue
            if start is None:
                self._client.seek_to_beginning(place)
            else:
                self._client.seek(place, start)

    def _poll(self, seconds: float) -> list[Received]:
        try:
            found = self._poll_or_go_on(seconds)
        except RetriableError:
            self._miss()
            return []
        except KafkaError as error:
            raise self._refused(error) from None
        letters = [self._receive(record) for records in found.values() for record in records]
        if letters:
            # As many as are sure to fit the next time: records differ a thousandfold in size.
            largest = max(item.letter.size for item in letters)
            self._poll_most = max(1, min(_MOST, 4 * self._poll_most, _MOST_BYTES // 2 // largest))
        return letters

    def _poll_or_go_on(self, seconds: float) -> dict[TopicPartition, list[Any]]:
        try:
            return poll(self._client, int(1000 * seconds), self._poll_most)
        except OffsetOutOfRangeError as error:
            self._go_on(error.args[0])
        except LogTruncationError as error:  # a replica that lagged behind became the leader
            self._go_on(error.divergent_offsets)
        except NoOffsetForPartitionError as error:
            self._client.seek_to_beginning(*error.args[0])
        return {}

    def _receive(self, record: Any) -> Received:
        letter = read_letter(self._topics[record.topic], record.key, record.value, record.headers)
        at = (
            datetime.fromtimestamp(record.timestamp / 1000, UTC)
            if record.timestamp > 0
            else datetime.now(UTC)
        )
        return Received(letter, record.partition, record.offset, at)

    def _go_on(self, gone: Iterable[TopicPartition]) -> None:
        """Read the partitions from their beginning: what is known of them is folded."""
        for place in gone:
            at = self._client.position(place, timeout_ms=100)
            first = self._offsets.read_starts(self._topics[place.topic])[place.partition]
            self._tell(
                f"{place.topic}-{place.partition}: has no offset {at} any more (deleted by its retention, "
                f"or with the topic); going on from {first}"
            )
            self._client.seek(place, first)

    def _look(self) -> None:
        """Ask the broker whether it is there, and whether partitions were added."""
        if time.monotonic() - self._heard < _LOOK_SECONDS:
            return
        try:
            partitions = self._list_partitions()
        except RetriableError:
            self._miss()
            return
        except WrongUse as error:
            self._miss(str(error))  # deleted, or a broker that has just started does not know it yet
            return
        except KafkaError as error:
            raise self._refused(error) from None
        self._hear()
        if self._group is None and sum(map(len, partitions.values())) > len(self._client.assignment()):
            self._assign(partitions, {})

    def _list_partitions(self) -> dict[str, list[int]]:
        return {name: self._offsets.list_partitions(topic) for name, topic in self._topics.items()}

    def _miss(self, what: str = "") -> None:
        if not self._away:
            self._away = True
            self._tell(f"{what or f'{self._settings.bootstrap} does not answer'}; waiting for it")

    def _hear(self) -> None:
        self._heard = time.monotonic()
        if self._away:
            self._away = False
            self._tell(f"{self._settings.bootstrap} answers again")

    def _refused(self, error: KafkaError) -> OSError:
        return OSError(f"{self._settings.bootstrap}: {error or type(error).__name__}")


def _measure(letters: list[Received]) -> int:
    return sum(item.letter.size for item in letters)
