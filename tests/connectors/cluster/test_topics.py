"""The topics of a cluster: what they are to be, and what of it is not so, on a real broker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from connectors.cluster.connect import connect
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import (
    COMPACTED_WITHIN,
    MAX_MESSAGE,
    Topic,
    alter,
    create_missing,
    find_mismatches,
    plan_topics,
    require_topics,
)
from schemas.limits import MAX_LETTER
from schemas.wrong_use import WrongUse

DAY = 86_400_000


@contextmanager
def open_admin(kafka: KafkaSettings) -> Iterator[KafkaAdminClient]:
    admin = connect(KafkaAdminClient, kafka, lambda _line: None, 30)
    try:
        yield admin
    finally:
        admin.close()


def wait_for(read: Callable[[], object], expected: object) -> None:
    """Read until that is `expected`: a broker tells of a change a moment after it."""
    until = time.monotonic() + 5
    while (found := read()) != expected:
        assert time.monotonic() < until, found
        time.sleep(0.05)


def plan_of(kafka: KafkaSettings, keep_raw: int = 14) -> dict[str, Topic]:
    return {topic.name: topic for topic in plan_topics(kafka, keep_raw)}


def test_the_plan_holds_every_topic_and_how_it_forgets() -> None:
    plan = plan_of(KafkaSettings(partitions=6, keep_results=91, keep_dead=366), keep_raw=15)
    forgets = {
        name: "compact"
        if one.configs["cleanup.policy"] == "compact"
        else int(one.configs["retention.ms"]) // DAY
        for name, one in plan.items()
    }
    assert forgets == {
        "news.raw.v1": 15,
        "news.clean.v1": 15,
        "news.articles.v1": "compact",
        "news.duplicates.v1": 91,
        "news.rejected.v1": 91,
        "news.dead.v1": 366,
        "news.outcomes.v1": 91,
        "naba-hosts-changelog": "compact",
        "naba-rows-changelog": "compact",
    }
    one = {name for name, topic in plan.items() if topic.partitions == 1}
    assert one == {"news.clean.v1", "naba-rows-changelog"}
    assert {topic.partitions for name, topic in plan.items() if name not in one} == {6}
    assert all(int(topic.configs["max.message.bytes"]) == MAX_MESSAGE > MAX_LETTER for topic in plan.values())


def test_a_deleted_article_is_gone_from_its_topic_within_days() -> None:
    configs = plan_of(KafkaSettings())["news.articles.v1"].configs
    assert int(configs["max.compaction.lag.ms"]) == COMPACTED_WITHIN * DAY
    # What stands in the segment that is written into is not compacted.
    assert int(configs["segment.ms"]) < COMPACTED_WITHIN * DAY


def test_a_write_needs_all_copies_but_one() -> None:
    needed = {
        copies: plan_of(KafkaSettings(replication_factor=copies))["news.raw.v1"].configs[
            "min.insync.replicas"
        ]
        for copies in (1, 2, 3)
    }
    assert needed == {1: "1", 2: "1", 3: "2"}


def test_prefixes_are_put_before_topics_and_changelogs() -> None:
    names = set(plan_of(KafkaSettings(topic_prefix="t.", group_prefix="g.")))
    assert {"t.news.raw.v1", "g.t.naba-hosts-changelog"} <= names
    assert all(name.startswith(("t.", "g.t.")) for name in names)


@pytest.mark.slow
def test_topics_are_created_once_even_by_two_at_the_same_moment(kafka: KafkaSettings) -> None:
    plan = plan_topics(kafka, 14)
    created: list[str] = []
    failures: list[Exception] = []

    def create() -> None:
        try:
            with open_admin(kafka) as admin:
                created.extend(create_missing(admin, plan))
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=create) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failures == []
    assert sorted(created) == sorted(topic.name for topic in plan)
    with open_admin(kafka) as admin:
        assert create_missing(admin, plan) == []
        assert find_mismatches(admin, plan) == []
        for topic in admin.describe_topics([topic.name for topic in plan]):
            assert all(partition["leader_id"] >= 0 for partition in topic["partitions"])


@pytest.mark.slow
def test_every_difference_is_named_and_only_configs_are_altered(kafka: KafkaSettings) -> None:
    with open_admin(kafka) as admin:
        create_missing(admin, plan_topics(kafka, 14))
        names = raw, articles = kafka.topic("news.raw.v1"), kafka.topic("news.articles.v1")
        foreign = {
            "cleanup.policy": "delete",
            "max.message.bytes": "1000000",
            "max.compaction.lag.ms": str(2**63 - 1),  # the broker's default: never, of itself
            "flush.messages": "77",
        }
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, articles, foreign)])
        wanted = plan_topics(replace(kafka, partitions=kafka.partitions + 1, replication_factor=2), 20)
        expected = {
            f"{raw}: partitions is 4 and should be 5",
            f"{raw}: replication factor is 1 and should be 2",
            f"{raw}: retention.ms is {14 * DAY} and should be {20 * DAY}",
            f"{articles}: partitions is 4 and should be 5",
            f"{articles}: replication factor is 1 and should be 2",
            f"{articles}: cleanup.policy is delete and should be compact",
            f"{articles}: max.compaction.lag.ms is {2**63 - 1} and should be {3 * DAY}",
            f"{articles}: max.message.bytes is 1000000 and should be {MAX_MESSAGE}",
        }
        wait_for(lambda: {str(one) for one in find_mismatches(admin, wanted) if one.topic in names}, expected)
        alter(admin, find_mismatches(admin, wanted))
        structure = {"partitions", "replication factor"}
        wait_for(lambda: {one.key for one in find_mismatches(admin, wanted)}, structure)
        # What others have set stays.
        asked = ConfigResource(ConfigResourceType.TOPIC, articles, ["flush.messages"])
        told = admin.describe_configs([asked], config_filter="all")
        assert told["topic"][articles]["flush.messages"]["value"] == "77"


@pytest.mark.slow
def test_more_copies_than_brokers_name_their_key(kafka: KafkaSettings) -> None:
    with open_admin(kafka) as admin, pytest.raises(WrongUse, match=r"^kafka\.replication_factor: "):
        create_missing(admin, plan_topics(replace(kafka, replication_factor=9), 14))


@pytest.mark.slow
def test_a_topic_that_is_needed_and_missing_is_named_with_what_creates_it(kafka: KafkaSettings) -> None:
    with open_admin(kafka) as admin:
        create_missing(admin, plan_topics(kafka, 14))
        require_topics(admin, [kafka.topic("news.raw.v1")])
        with pytest.raises(WrongUse, match=r"no such topic: nowhere; `naba topics`"):
            require_topics(admin, [kafka.topic("news.raw.v1"), "nowhere"])
