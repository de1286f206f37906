"""The state of the workers is lost: their folders, and then the changelogs too."""

import json
import random
import shutil

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from connectors.cluster.connect import connect
from connectors.cluster.settings import KafkaSettings
from schemas.letter import CLEAN
from tests.faults.account import Account, take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import Delivery, make_lines, spread
from tests.faults.log import Log
from tests.faults.row import Row
from tests.news import FOOTER, make_article

_COPIES, _NEW = 20, 20


def wipe_folders(cluster: Cluster, *, inputs: int) -> Row:
    """Delete the tables of both workers: what comes again is known as before, what is new is judged by it."""
    row = Row("folders of the tables wiped")
    lines = make_lines(inputs)
    cluster.push(lines)
    cluster.start_workers(2)
    cluster.finish()
    before = take_account(cluster)
    _stop_and_wipe(cluster, row)

    again = _push(cluster, lines, "again.jsonl")
    copies = _push(cluster, _make_copies(lines), "copies.jsonl")
    new = _push(cluster, _make_new(), "new.jsonl")
    cluster.start_workers(2)
    cluster.finish()
    account = take_account(cluster)
    row.add(account)
    for name, deliveries, expected in (
        ("what came again", again, {"unchanged", "rejected", "dead"}),
        ("copies of what is known", copies, {"duplicate"}),
        ("new articles", new, {"published"}),
    ):
        told = _tell(account, deliveries)
        row.told.append(f"{name}: {told}")
        row.require(set(told) <= expected, f"{name}: {told}, not {expected}")
    kept = _find_footers(cluster, new)
    row.require(not kept, f"{len(kept)} new articles have a footer that their site has taught: {kept[:3]}")
    changed = {name: text for name, text in before.texts.items() if account.texts.get(name) != text}
    row.require(not changed, f"records that changed: {changed}")
    return row


def empty_changelogs(cluster: Cluster, *, inputs: int) -> Row:
    """Empty the changelogs: first the folders are still there, then they are wiped too."""
    row = Row("changelogs emptied")
    lines = make_lines(inputs)
    cluster.push(lines)
    cluster.start_workers(1)
    cluster.finish()
    row.require(cluster.stop(cluster.workers[0]) == 0, "a worker did not stop as it should")
    _empty(cluster.kafka)
    again = _push(cluster, lines, "again.jsonl")
    cluster.start_worker(cluster.ended[0].data)
    cluster.finish()
    told = _tell(take_account(cluster), again)
    row.told.append(f"emptied, with the folder there: {told}")
    row.require(set(told) <= {"unchanged", "rejected", "dead"}, "what is in the folder was not known")

    _stop_and_wipe(cluster, row)
    _empty(cluster.kafka)
    once_more = _push(cluster, lines, "once-more.jsonl")
    worker = cluster.start_worker()
    cluster.finish()
    account = take_account(cluster, forgotten=True)
    row.add(account)
    row.told.append(
        f"emptied, without the folder: {_tell(account, once_more)}; it says {worker.said('is empty')}"
    )
    row.require(len(worker.said("is empty")) == 1, "it does not say once that it has forgotten everything")
    return row


def _push(cluster: Cluster, lines: list[bytes], name: str) -> list[Delivery]:
    known = len(cluster.deliveries)
    assert cluster.push(lines, name).wait() == 0
    return cluster.deliveries[known:]


def _stop_and_wipe(cluster: Cluster, row: Row) -> None:
    for worker in list(cluster.workers):
        row.require(cluster.stop(worker) == 0, "a worker did not stop as it should")
        shutil.rmtree(worker.data)


def _empty(kafka: KafkaSettings) -> None:
    admin = connect(KafkaAdminClient, kafka, print, 60)
    reader = connect(KafkaConsumer, kafka, print, 60)
    try:
        for table in ("hosts", "rows"):
            name = kafka.changelog(table)
            _alter(admin, name, "compact,delete")  # else the broker deletes nothing
            places = [TopicPartition(name, number) for number in reader.partitions_for_topic(name)]
            admin.delete_records(reader.end_offsets(places))
            _alter(admin, name, "compact")
    finally:
        reader.close()
        admin.close()


def _alter(admin: KafkaAdminClient, topic: str, policy: str) -> None:
    configs = {"cleanup.policy": policy}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)], incremental=True)


def _make_copies(lines: list[bytes]) -> list[bytes]:
    good = [json.loads(line) for line in lines if line.endswith(b"}")]
    chosen = random.Random(2).sample(good, _COPIES)
    return [
        json.dumps(article | {"url": f"https://late.example/{number}"}).encode()
        for number, article in enumerate(chosen)
    ]


def _make_new() -> list[bytes]:
    """Return articles of one site, which ends each with its footer."""
    chance = random.Random(8)
    numbers = range(1_000_000, 1_000_000 + 35 * _NEW, 35)
    return [spread(json.dumps(make_article(chance, number)).encode()) for number in numbers]


def _tell(account: Account, deliveries: list[Delivery]) -> dict[str, int]:
    found: dict[str, int] = {}
    for delivery in deliveries:
        told = account.outcomes.get(delivery, {"outcome": "lost"})["outcome"]
        found[told] = found.get(told, 0) + 1
    return found


def _find_footers(cluster: Cluster, deliveries: list[Delivery]) -> list[Delivery]:
    """Return those whose cleaned text still ends with the lines of their site."""
    log = Log(cluster.kafka, cluster.kafka.topic(CLEAN))
    try:
        return [
            record.delivery
            for record in log.read_all()
            if record.delivery in set(deliveries)
            and FOOTER[0] in json.loads(record.value or b"")["article"]["text"]
        ]
    finally:
        log.close()
