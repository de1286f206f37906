"""`naba tail` as its user meets it: the newest records, what comes, and what is no record."""

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, DEAD, DETAIL, INPUT, OUTCOMES, REASON, STAGE, TOPIC, Letter
from tests.broker import OwnBroker
from tests.letters import create_topics, make_article, make_outcome, make_raw, send
from tests.verbs import Naba, finish, start_verbs

pytestmark = pytest.mark.slow


def lines_of(naba: Naba, *words: str) -> list[str]:
    process = naba("tail", *words)
    shown, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
    return shown.splitlines()


def test_the_newest_records_come_as_they_stand_on_the_topic(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    articles = [make_article(number) for number in range(12)]
    for article in articles:
        send(kafka, [article])  # one after another: each has its own time
    expected = [article.value.decode() for article in articles]
    assert lines_of(naba, "--no-follow", "--last", "4") == expected[-4:]
    assert lines_of(naba, "articles", "--no-follow") == expected[-10:]
    full = lines_of(naba, kafka.topic(ARTICLES), "--no-follow", "--from-start")
    assert sorted(full) == sorted(expected)
    assert lines_of(naba, ARTICLES, "--no-follow", "--last", "0") == []
    assert lines_of(naba, "dead", "--no-follow") == []


def test_what_comes_is_shown_when_it_comes(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    old, new = make_outcome(1), make_outcome(2, "dead", reason="crashed")
    send(kafka, [old])
    process = naba("tail", "outcomes")
    assert process.stdout is not None
    assert process.stdout.readline() == old.value.decode() + "\n"
    begun = time.monotonic()
    send(kafka, [new])
    assert process.stdout.readline() == new.value.decode() + "\n"
    assert time.monotonic() - begun < 3
    process.terminate()
    assert finish(process, 10)[0] == 143


def test_what_is_no_line_of_json_is_wrapped_into_one(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    send(kafka, [Letter(ARTICLES, "k", b"two\nlines"), Letter(ARTICLES, "k", b"\xff\xfe", {INPUT: "a:1"})])
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.send(kafka.topic(ARTICLES), key=b"gone", value=None).get(10)
    producer.close()
    shown = [json.loads(line) for line in lines_of(naba, "--no-follow")]
    (text,) = (one for one in shown if one.get("value"))
    (binary,) = (one for one in shown if "value_base64" in one)
    (deleted,) = (one for one in shown if one["key"] == "gone")
    assert (text["key"], text["value"], text["topic"]) == ("k", "two\nlines", kafka.topic(ARTICLES))
    assert text.keys() == {"topic", "partition", "offset", "time", "key", "headers", "value"}
    assert (binary["value_base64"], binary["headers"]) == ("//4=", {INPUT: "a:1"})
    assert (deleted["key"], deleted["value"]) == ("gone", None)


def test_a_dead_letter_comes_with_its_cause(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    raw = make_raw(7, '{"text": "what broke it"}')
    cause = {STAGE: "extract", REASON: "crashed", DETAIL: "KeyError", TOPIC: raw.topic}
    send(kafka, [Letter(DEAD, raw.key, raw.value, {**raw.headers, **cause})])
    (line,) = lines_of(naba, "dead", "--no-follow")
    shown = json.loads(line)
    assert shown["value"].encode() == raw.value
    assert shown["headers"].items() >= cause.items()


def test_on_a_terminal_a_record_takes_two_lines_and_cannot_rewrite_it(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(5, "rejected", url="https://pier.example/5", stage="extract",
                              reason="too_short", detail="12 letters \x1b[2J")])  # fmt: skip
    send(kafka, [Letter(OUTCOMES, "k", b"\x1b[2Jno json")])
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "tail", "outcomes", "--no-follow"], cwd=tmp_path, stdout=slave
    )
    assert process.wait(timeout=60) == 0
    os.close(slave)
    shown = os.read(master, 100_000).decode()
    os.close(master)
    first, second, third, _ = shown.splitlines()
    assert first.endswith("Z  rejected extract too_short  12 letters ·[2J")
    assert second.split() == [f"{5:032x}", "https://pier.example/5", "a.jsonl:5"]
    assert "11 bytes that are no JSON object" in third
    assert "\x1b" not in shown


def test_a_topic_that_is_not_there_is_told(kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    code, told = finish(naba("tail", "nowhere"))
    assert (code, told) == (2, "naba: no such topic: nowhere; `naba topics` creates what is missing\n")


def test_a_broker_that_is_away_is_waited_for(tmp_path: Path, own_broker: OwnBroker) -> None:
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap)
    create_topics(kafka)
    for naba in start_verbs(tmp_path, kafka):
        process = naba("tail", "outcomes", "--last", "1")
        assert process.stdout is not None
        assert process.stderr is not None
        send(kafka, [make_outcome(1)])
        process.stdout.readline()
        broker.kill()
        assert f"no broker answers at {kafka.bootstrap}" in process.stderr.readline()
        broker.start()
        send(kafka, [make_outcome(2)])
        assert json.loads(process.stdout.readline())["input"] == "a.jsonl:2"
        process.terminate()
        code, told = finish(process, 10)
        assert code == 143
        assert len(told.splitlines()) <= 2
