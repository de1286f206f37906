"""What cannot be worked on, in the midst of what can."""

import json
import random
import struct
from collections.abc import Iterable
from dataclasses import replace

from kafka import KafkaProducer

from connectors.cluster.connect import connect
from connectors.cluster.receive import name_place, receive
from connectors.cluster.topics import MAX_MESSAGE
from schemas.codec import encode
from schemas.letter import DEAD, DETAIL, INPUT, RAW, REASON, STAGE
from schemas.limits import MAX_CONTENT, MAX_LETTER
from schemas.raw import RawArticle
from tests.faults.account import Account, compare, take_account
from tests.faults.cluster import Cluster
from tests.faults.inputs import TEXT, Delivery, make_lines, make_page, write_lines
from tests.faults.log import Log
from tests.faults.process import do_harm
from tests.faults.row import Row

_OFFSETS = "__consumer_offsets"

Ending = tuple[str, str]  # outcome and reason


def poison(cluster: Cluster, calm: Account, *, inputs: int) -> Row:
    """Push poison among what was pushed in the calm run: exactly the poison ends as such."""
    row = Row("poison")
    good = make_lines(inputs)
    bad = [
        *_make_lines(),
        *(
            (make_page("raise", 3 + number, number), ("dead", "crashed"))
            for number in range(inputs // 1000 + 1)
        ),
    ]
    lines: list[tuple[bytes, Ending | None]] = [(line, None) for line in good]
    chance = random.Random(1)
    for one in bad:
        lines.insert(chance.randrange(len(lines)), one)
    environment = do_harm("stage") | {"NABA_CLEAN__SECONDS": "5"}
    worker = cluster.start_worker(environment=environment)
    worker.wait_until_ready()
    faust, generations = worker.find_faust(), _read_generations(cluster)

    cluster.push([line for line, _ in lines])
    expected = {
        delivery: ending
        for delivery, (_, ending) in zip(cluster.deliveries, lines, strict=True)
        if ending is not None
    }
    expected |= _send_foreign(cluster)
    cluster.finish()
    account = take_account(cluster)
    row.add(account)

    for delivery, ending in expected.items():
        found = account.outcomes.get(delivery, {})
        told = found.get("outcome", "lost"), found.get("reason") or ""
        row.require(told == ending, f"{delivery[0]}: {told} ({found.get('detail')}), not {ending}")
        row.require(told[0] == "published" or bool(found.get("detail")), f"{delivery[0]}: no cause is told")
    row.wrong += _check_dead_letters(cluster, account)
    row.wrong += compare(calm, _leave_out(cluster, account, good, lines))
    row.require(worker.find_faust() == faust, "the worker was started anew")
    row.require(_read_generations(cluster) == generations, "a rebalance")
    row.told.append(f"{len(expected)} poisonous")
    return row


def _make_lines() -> list[tuple[bytes, Ending]]:
    attributes = "<p " + " ".join(f"a{number}=1" for number in range(60_000)) + ">x</p>"
    return [
        (b"\xff\xfe\x00 no JSON at all", ("dead", "unreadable")),
        (b'["a list"]', ("dead", "unreadable")),
        (rb'{"text": "lone \ud800 surrogate"}', ("dead", "unreadable")),
        (_encode(text="x" * (MAX_CONTENT + 1)), ("rejected", "too_large")),
        (_encode(html=f"<html><body>{attributes}</body></html>"), ("rejected", "too_complex")),
        (_encode(html=""), ("rejected", "empty")),
        (_encode(text="too short"), ("rejected", "too_short")),
        (make_page("exit", 3, 0), ("dead", "killed")),
        (make_page("sleep", 3, 0), ("dead", "too_slow")),
    ]


def _encode(**line: str) -> bytes:
    # On the sites of good pages, so that it stands in their partitions.
    return json.dumps({"url": f"https://wire4.example/p{len(str(line))}", **line}).encode()


def _send_foreign(cluster: Cluster) -> dict[Delivery, Ending]:
    """Send what no source of ours would, and return how it is to end."""
    article = RawArticle(
        raw_id="0" * 32, source="other", url="https://other.example/1", content=TEXT,
        content_type="text/plain", fetched_at="2026-03-01T00:00:00Z",  # type: ignore[arg-type]
    )  # fmt: skip
    other_version = encode(replace(article, schema="raw.v2"))  # type: ignore[arg-type]
    sent: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]], Ending]] = [
        (b"other", encode(article), [], ("published", "")),
        (None, other_version, [], ("dead", "unreadable")),
        (b"\xff", b"\x00\x01\x02", [("x", b"\xff")], ("dead", "unreadable")),
        (b"nothing", None, [], ("dead", "unreadable")),
        (b"large", b"x" * (MAX_LETTER + 1), [], ("rejected", "too_large")),
        (b"named", b"{", [(INPUT, b"\xff"), ("naba-raw-id", b"none")], ("dead", "unreadable")),
    ]
    name = cluster.kafka.topic(RAW)
    producer = connect(KafkaProducer, cluster.kafka, print, 60, max_request_size=MAX_MESSAGE)
    expected = {}
    for key, value, headers, ending in sent:
        at = producer.send(name, key=key, value=value, headers=headers).get(timeout=60)
        letter = receive(RAW, name_place(RAW, at.partition, at.offset), key, value, headers)
        delivery = letter.headers[INPUT], letter.headers["naba-raw-id"]
        cluster.deliveries.append(delivery)
        expected[delivery] = ending
    producer.close()
    return expected


def _check_dead_letters(cluster: Cluster, account: Account) -> Iterable[str]:
    """Yield what dead letters lack: the cause, or the bytes that were delivered."""
    raw, dead = (Log(cluster.kafka, cluster.kafka.topic(topic)) for topic in (RAW, DEAD))
    delivered = {record.delivery: record.value for record in raw.read_all()}
    for record in dead.read_all():
        outcome = account.outcomes[record.delivery]
        for header, field in ((STAGE, "stage"), (REASON, "reason"), (DETAIL, "detail")):
            if record.headers.get(header) != outcome[field]:
                yield f"{record.delivery}: {header} is {record.headers.get(header)}, not {outcome[field]}"
        if (record.value or b"") != (delivered[record.delivery] or b""):
            yield f"{record.delivery}: a dead letter with other bytes"
    raw.close()
    dead.close()


def _leave_out(
    cluster: Cluster, account: Account, good: list[bytes], lines: list[tuple[bytes, Ending | None]]
) -> Account:
    """Return the account of the good ones alone, named as in the calm run."""
    names = write_lines(cluster.folder / "inputs.jsonl", good)
    mixed = [
        delivery for delivery, (_, ending) in zip(cluster.deliveries, lines, strict=False) if ending is None
    ]
    named = dict(zip(mixed, names, strict=True))
    outcomes = {named[key]: found for key, found in account.outcomes.items() if key in named}
    articles = {found["article_id"] for found in outcomes.values()}
    texts = {name: text for name, text in account.texts.items() if name[0] in articles}
    return replace(account, outcomes=outcomes, texts=texts)


def _read_generations(cluster: Cluster) -> set[int]:
    """Return the generations of the workers' group: each rebalance begins one."""
    log = Log(cluster.kafka, _OFFSETS)
    found = set()
    for record in log.read_all():
        key, value = record.key or b"", record.value
        # Kafka's GroupMetadataKey of version 2, and the head of its value: version, protocol, generation.
        if struct.unpack_from(">h", key) != (2,) or value is None:
            continue
        if key[4:].decode() != cluster.kafka.app:
            continue
        (length,) = struct.unpack_from(">h", value, 2)
        found.add(struct.unpack_from(">i", value, 4 + length)[0])
    log.close()
    return found
