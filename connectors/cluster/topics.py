"""All topics of a cluster: what they are to be, created where missing and compared where there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kafka import KafkaAdminClient, errors
from kafka.admin import ConfigResource, ConfigResourceType

from connectors.cluster.connect import ClusterError
from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, CLEAN, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED
from schemas.wrong_use import WrongUse

MAX_MESSAGE = 8 * 1024 * 1024  # bytes; schemas.limits.MAX_LETTER and what Kafka adds fit well into it
_DAY = 24 * 60 * 60 * 1000  # in the milliseconds of Kafka
_READY_WITHIN = 20_000
COMPACTED_WITHIN = 3  # days in which what an article's newer revision or deletion replaces is gone

# A broker never compacts the segment that it writes into, and others only when much has changed.
_ARTICLES = {
    "segment.ms": str(_DAY),
    "max.compaction.lag.ms": str(COMPACTED_WITHIN * _DAY),
}

# A changelog is read from its start by a worker that lost its state: short segments, cleaned early.
_CHANGELOG = {
    "segment.bytes": str(64 * 1024 * 1024),
    "segment.ms": str(60 * 60 * 1000),
    "min.cleanable.dirty.ratio": "0.2",
    "max.compaction.lag.ms": str(_DAY),
}


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a topic is to be; `tuning` is given at creation, and may be changed by who runs the cluster."""

    name: str
    partitions: int
    replication_factor: int
    configs: Mapping[str, str]
    tuning: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mismatch:
    """A topic that is there and is not as planned; only a config can be altered."""

    topic: str
    key: str
    found: str
    wanted: str
    is_config: bool

    def __str__(self) -> str:
        """Return it as one sentence."""
        return f"{self.topic}: {self.key} is {self.found} and should be {self.wanted}"


def plan_topics(kafka: KafkaSettings, keep_raw: int) -> tuple[Topic, ...]:
    """Return all topics, with deliveries kept for `keep_raw` days."""

    def keep(name: str, days: int, partitions: int = kafka.partitions) -> Topic:
        configs = {"cleanup.policy": "delete", "retention.ms": str(days * _DAY)}
        return _plan(kafka, kafka.topic(name), partitions, configs)

    def compact(name: str, partitions: int, configs: Mapping[str, str], tuning: Mapping[str, str]) -> Topic:
        return _plan(kafka, name, partitions, {"cleanup.policy": "compact", **configs}, tuning)

    return (
        keep(RAW, keep_raw),
        keep(CLEAN, keep_raw, partitions=1),
        compact(kafka.topic(ARTICLES), kafka.partitions, _ARTICLES, {}),
        keep(DUPLICATES, kafka.keep_results),
        keep(REJECTED, kafka.keep_results),
        keep(DEAD, kafka.keep_dead),
        keep(OUTCOMES, kafka.keep_results),
        # The state of a site lives beside its deliveries: as many partitions as they have.
        compact(kafka.changelog("hosts"), kafka.partitions, {}, _CHANGELOG),
        compact(kafka.changelog("rows"), 1, {}, _CHANGELOG),
    )


def _plan(
    kafka: KafkaSettings,
    name: str,
    partitions: int,
    configs: Mapping[str, str],
    tuning: Mapping[str, str] | None = None,
) -> Topic:
    return Topic(
        name=name,
        partitions=partitions,
        replication_factor=kafka.replication_factor,
        configs={
            **configs,
            "max.message.bytes": str(MAX_MESSAGE),
            "min.insync.replicas": str(max(1, kafka.replication_factor - 1)),
            # Retention goes by the time of sending, whatever clock or record a sender has.
            "message.timestamp.type": "LogAppendTime",
            "compression.type": "producer",
        },
        tuning=tuning or {},
    )


def require_topics(admin: KafkaAdminClient, names: Sequence[str]) -> None:
    """Raise WrongUse for a topic that does not exist, ClusterError for one that may not be seen."""
    there = _describe(admin, names)
    if missing := [name for name in names if name not in there]:
        raise WrongUse(f"no such topic: {', '.join(missing)}; `naba topics` creates what is missing")


def create_missing(admin: KafkaAdminClient, plan: Sequence[Topic]) -> list[str]:
    """Create what is missing, wait until every partition has a leader, and return what was created.

    That another does the same at the same moment is no error. Raises WrongUse where the cluster
    cannot have such a topic, ClusterError where it cannot be done now.
    """
    missing = [topic for topic in plan if topic.name not in _describe(admin, [topic.name for topic in plan])]
    created = []
    try:
        if missing:
            answer = admin.create_topics(
                {
                    topic.name: {
                        "num_partitions": topic.partitions,
                        "replication_factor": topic.replication_factor,
                        "configs": {**topic.tuning, **topic.configs},
                    }
                    for topic in missing
                },
                raise_errors=False,
            )
            for one in answer["topics"]:
                error = errors.for_code(one["error_code"])
                if error is errors.NoError:
                    created.append(one["name"])
                elif error is not errors.TopicAlreadyExistsError:
                    raise _refused(one["name"], error, one["error_message"])
        admin.wait_for_topics([topic.name for topic in plan], timeout_ms=_READY_WITHIN)
    except errors.KafkaTimeoutError as error:
        raise ClusterError(f"not every topic has its leaders: {error.args[0]}") from None
    return created


def _refused(topic: str, error: type[errors.KafkaError], message: str | None) -> Exception:
    said = message or error.__name__
    if issubclass(error, errors.InvalidReplicationFactorError):
        return WrongUse(f"kafka.replication_factor: {topic}: {said}")
    if issubclass(error, errors.AuthorizationError):
        return ClusterError(f"{topic}: {said}: kafka.sasl_username may not create topics")
    return ClusterError(f"{topic}: cannot be created: {said}")


def list_missing(admin: KafkaAdminClient, plan: Sequence[Topic]) -> list[str]:
    """Return the names of the planned topics that are not there; raises ClusterError."""
    there = _describe(admin, [topic.name for topic in plan])
    return [topic.name for topic in plan if topic.name not in there]


def find_mismatches(admin: KafkaAdminClient, plan: Sequence[Topic]) -> list[Mismatch]:
    """Return what is not as planned of the topics that are there; raises ClusterError."""
    there = _describe(admin, [topic.name for topic in plan])
    found = []
    for topic in plan:
        if topic.name not in there:
            continue
        partitions, replicas = there[topic.name]
        if partitions != topic.partitions:
            found.append(
                Mismatch(topic.name, "partitions", str(partitions), str(topic.partitions), is_config=False)
            )
        if replicas != {topic.replication_factor}:
            is_now = " or ".join(str(count) for count in sorted(replicas))
            wanted = str(topic.replication_factor)
            found.append(Mismatch(topic.name, "replication factor", is_now, wanted, is_config=False))
    configs = _read_configs(admin, [topic for topic in plan if topic.name in there])
    for topic in plan:
        for key, wanted in topic.configs.items():
            if topic.name in there and (value := configs[topic.name][key]) != wanted:
                found.append(Mismatch(topic.name, key, value, wanted, is_config=True))
    return found


def alter(admin: KafkaAdminClient, mismatches: Iterable[Mismatch]) -> None:
    """Set the configs that are not as planned and leave all others as they are; raises ClusterError."""
    wanted: dict[str, dict[str, str]] = {}
    for one in mismatches:
        if one.is_config:
            wanted.setdefault(one.topic, {})[one.key] = one.wanted
    if not wanted:
        return
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, configs) for name, configs in wanted.items()]
    # Without `incremental` an old broker would put every other config back to its default.
    answer = admin.alter_configs(resources, incremental=True)
    for name, result in answer["topic"].items():
        if result != "OK":
            raise ClusterError(f"{name}: cannot be altered: {result}")


def _describe(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, tuple[int, set[int]]]:
    """Return the number of partitions and the replication factors of each topic that is there."""
    there = {}
    for one in admin.describe_topics(names):
        error = errors.for_code(one["error_code"])
        if error is errors.UnknownTopicOrPartitionError:
            continue
        if issubclass(error, errors.AuthorizationError):
            raise ClusterError(f"{one['name']}: kafka.sasl_username may not see it")
        if error is not errors.NoError and not issubclass(error, errors.RetriableError):
            raise ClusterError(f"{one['name']}: {error.description}")
        replicas = {len(partition["replica_nodes"]) for partition in one["partitions"]}
        there[one["name"]] = (len(one["partitions"]), replicas)
    return there


def _read_configs(admin: KafkaAdminClient, topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, list(topic.configs)) for topic in topics
    ]
    if not resources:
        return {}
    answer = admin.describe_configs(resources, config_filter="all")["topic"]
    found = {
        name: {key: str(one["value"]) for key, one in configs.items()} for name, configs in answer.items()
    }
    for topic in topics:
        if untold := set(topic.configs) - set(found.get(topic.name, {})):
            raise ClusterError(
                f"{topic.name}: {', '.join(sorted(untold))}: kafka.sasl_username may not read its configs"
            )
    return found
