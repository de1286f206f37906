"""`naba push` as its user meets it: what the broker has, what it says, how it ends."""

import json
import os
import time
from pathlib import Path

import pytest

from connectors.cluster.producer import MAX_LETTERS
from connectors.cluster.settings import KafkaSettings
from schemas.letter import RAW
from tests.broker import OwnBroker
from tests.letters import create_topics, read_topic
from tests.verbs import Naba, finish, start_verbs

pytestmark = pytest.mark.slow

PARAGRAPH = "The harbour office told the boats of the northern pier to wait for the tide, and they waited. "


def write_lines(path: Path, count: int, text: str = PARAGRAPH) -> None:
    with path.open("w") as lines:
        for number in range(count):
            line = {"url": f"https://pier{number % 9}.example/{number}", "text": f"{number}: {text}"}
            lines.write(json.dumps(line) + "\n")


def urls_of(kafka: KafkaSettings) -> list[str]:
    return [json.loads(value)["url"] for value in read_topic(kafka, RAW)]


def test_everything_in_the_paths_is_on_the_topic_and_the_number_is_told(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    write_lines(tmp_path / "a.jsonl", 300)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.html").write_text("<p>A page</p>")
    (tmp_path / "pages" / "two.txt").write_text("A text")
    assert finish(naba("push", "a.jsonl", "pages")) == (0, "naba: the brokers have all 302 deliveries\n")
    assert len(read_topic(kafka, RAW)) == 302


def test_lines_that_are_no_articles_are_deliveries_too_and_what_ends_early_is_told(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "cut off in the mid\n\xff\xfe\n')
    (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip")
    code, told = finish(naba("push", "a.jsonl", "b.jsonl.gz"))
    assert code == 1
    assert told.splitlines() == [
        "naba: the brokers have all 3 deliveries",
        "naba: b.jsonl.gz: not all of it could be read; what is missing is a dead letter",
    ]
    assert sorted(read_topic(kafka, RAW)) == [b"", b'{"text": "cut off in the mid', b"\xff\xfe"]


def test_nothing_to_read_and_wrong_use_have_their_exit_codes(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    code, told = finish(naba("push", "none.jsonl"))
    assert (code, told) == (2, "naba: none.jsonl: no such file or folder\n")
    write_lines(tmp_path / "a.jsonl", 1)
    code, told = finish(naba("push", "a.jsonl"))
    assert (code, told) == (
        2,
        f"naba: no such topic: {kafka.topic(RAW)}; `naba topics` creates what is missing\n",
    )
    create_topics(kafka)
    (tmp_path / "empty.jsonl").touch()
    assert finish(naba("push", "empty.jsonl")) == (1, "naba: nothing to read in empty.jsonl\n")


def test_a_broker_that_dies_is_waited_for_and_a_stop_tells_what_is_safe(
    tmp_path: Path, own_broker: OwnBroker
) -> None:
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=4)
    create_topics(kafka)
    count = 3 * MAX_LETTERS
    write_lines(tmp_path / "a.jsonl", count, PARAGRAPH * 10)
    for naba in start_verbs(tmp_path, kafka):
        broker.kill()
        waits = naba("push", "a.jsonl")
        assert waits.stderr is not None
        assert "waiting for it" in waits.stderr.readline()
        broker.start()
        code, told = finish(waits)
        assert code == 0
        assert told.splitlines()[-1] == f"naba: the brokers have all {count} deliveries"
        assert len(set(urls_of(kafka))) == count

        os.mkfifo(tmp_path / "live.jsonl")
        live = naba("push", "live.jsonl")
        with (tmp_path / "live.jsonl").open("w") as lines:
            lines.writelines((tmp_path / "a.jsonl").read_text().splitlines(keepends=True)[:200])
            lines.flush()
            time.sleep(2)
            broker.kill()
            begun = time.monotonic()
            live.terminate()
            code, told = finish(live)
        assert code == 143
        assert time.monotonic() - begun < 5
        assert told == "naba: broken off; the brokers have 200 deliveries, and perhaps some more\n"
        broker.start()
        assert len(urls_of(kafka)) == count + 200
