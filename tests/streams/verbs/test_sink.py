"""`naba sink`: what stands on the topics stands in its files once, whatever is killed."""

import json
import random
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, OUTCOMES, Letter
from tests.broker import OwnBroker
from tests.letters import (
    commit_work,
    create_topics,
    make_article,
    make_events,
    make_outcome,
    make_raw,
    read_topic,
    send,
)
from tests.verbs import Naba, finish, start_verbs

KILLS = 10

pytestmark = pytest.mark.slow


def check_files(folder: Path, letters: list[Letter]) -> None:
    """Every letter has its one line, as its bytes, and an article's revisions are in order."""
    for name, topic in (("a.jsonl", ARTICLES), ("o.jsonl", OUTCOMES)):
        content = (folder / name).read_bytes()
        assert content.endswith(b"\n")
        expected = Counter(letter.value for letter in letters if letter.topic == topic)
        assert Counter(content.splitlines()) == Counter(set(expected))
    revisions = defaultdict(list)
    for line in (folder / "a.jsonl").read_bytes().splitlines():
        article = json.loads(line)
        revisions[article["article_id"]].append(article["revision"])
    assert all(found == sorted(found) for found in revisions.values())
    assert any(len(found) > 1 for found in revisions.values())


def test_the_files_hold_each_record_once_as_it_stood_on_its_topic(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    letters = make_events(500)
    send(kafka, letters)
    both = ("--out", "a.jsonl", "--outcomes", "o.jsonl", "--until-idle", "0.5")
    assert finish(naba("sink", "files", *both)) == (0, "")
    check_files(tmp_path, letters)
    before = (tmp_path / "a.jsonl").read_bytes()
    more = [make_article(9000), letters[0], make_outcome(9000)]
    send(kafka, more)
    assert finish(naba("sink", "files", *both)) == (0, "")
    assert (tmp_path / "a.jsonl").read_bytes() == before + more[0].value + b"\n"
    (tmp_path / "a.jsonl").unlink()
    code, told = finish(naba("sink", "files", *both))
    assert code == 0
    assert "a.jsonl: is filled anew" in told
    check_files(tmp_path, [*letters, *more])


def test_kills_at_any_moment_tear_and_double_nothing(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    letters = make_events(4000)
    chance = random.Random(11)
    step = len(letters) // KILLS
    for kill in range(KILLS):
        send(kafka, letters[kill * step : (kill + 1) * step])
        before = measure(tmp_path)
        running = naba("sink", "files", "--out", "a.jsonl", "--outcomes", "o.jsonl")
        if kill % 4:
            wait_for(partial(grew, tmp_path, before), running)
        time.sleep(chance.uniform(0, 0.15))
        running.kill()
        running.wait(10)
    send(kafka, letters[KILLS * step :])
    both = ("--out", "a.jsonl", "--outcomes", "o.jsonl", "--until-idle", "0.5")
    assert finish(naba("sink", "files", *both)) == (0, "")
    assert set(read_topic(kafka, OUTCOMES)) == {item.value for item in letters if item.topic == OUTCOMES}
    check_files(tmp_path, letters)


def measure(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.jsonl"))


def grew(folder: Path, before: int) -> bool:
    return measure(folder) > before


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[str], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def test_until_idle_waits_for_the_workers_and_not_longer(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    send(kafka, [make_raw(number) for number in range(20)])
    send(kafka, [make_outcome(number) for number in range(10)])
    running = naba("sink", "files", "--outcomes", "o.jsonl", "--until-idle", "0.5")
    time.sleep(3)
    assert running.poll() is None, "nobody has committed anything of what was delivered"
    commit_work(kafka)
    send(kafka, [Letter("news.clean.v1", "host1.example", b"{}")])
    time.sleep(2)
    assert running.poll() is None, "a cleaned article is not yet compared"
    send(kafka, [make_outcome(number) for number in range(10, 20)])
    commit_work(kafka)
    assert finish(running, 10) == (0, "")
    assert len((tmp_path / "o.jsonl").read_bytes().splitlines()) == 20


def test_it_stops_when_it_is_told_to_with_everything_that_it_has(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    for number in (signal.SIGTERM, signal.SIGINT):
        send(kafka, [make_outcome(number)])
        before = measure(tmp_path)
        running = naba("sink", "files", "--outcomes", "o.jsonl")
        wait_for(partial(grew, tmp_path, before), running)
        running.send_signal(number)
        assert finish(running, 5) == (0, "")
    assert len((tmp_path / "o.jsonl").read_bytes().splitlines()) == 2


def test_what_is_no_record_is_told_and_passed_over(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    good = make_article(1)
    foreign = [
        b"\x00\xff not ours",
        b'{"schema":"article.v1"}',
        b"[1,2]",
        json.dumps(json.loads(good.value), indent=1).encode(),
    ]
    send(kafka, [Letter(ARTICLES, f"{number}", value) for number, value in enumerate(foreign)])
    deleted = make_article(2)
    send(kafka, [good, deleted, Letter(ARTICLES, deleted.key, b"")])
    code, told = finish(naba("sink", "files", "--out", "a.jsonl", "--until-idle", "0.5"))
    assert code == 0
    assert told.count("passed over") == len(told.splitlines()) == len(foreign)
    assert "news.articles.v1-" in told
    assert (tmp_path / "a.jsonl").read_bytes() == good.value + b"\n"


def test_a_file_of_another_is_refused(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    (tmp_path / "a.jsonl").write_text("mine\n")
    code, told = finish(naba("sink", "files", "--out", "a.jsonl", "--until-idle", "0.5"))
    assert code == 2
    assert "a.jsonl: exists" in told
    assert (tmp_path / "a.jsonl").read_text() == "mine\n"


def test_a_second_sink_on_the_same_files_is_refused(kafka: KafkaSettings, naba: Naba, tmp_path: Path) -> None:
    create_topics(kafka)
    send(kafka, [make_outcome(1)])
    running = naba("sink", "files", "--outcomes", "o.jsonl")
    wait_for(lambda: measure(tmp_path) > 0, running)
    code, told = finish(naba("sink", "files", "--outcomes", "o.jsonl"))
    assert code == 2
    assert "another sink has it" in told


def test_a_cluster_without_topics_is_told(kafka: KafkaSettings, naba: Naba) -> None:
    code, told = finish(naba("sink", "files", "--out", "a.jsonl"))
    assert code == 2
    assert kafka.topic(ARTICLES) in told
    assert "naba topics" in told


def test_a_broker_that_goes_away_is_waited_for(tmp_path: Path, own_broker: OwnBroker) -> None:
    broker = own_broker(properties={"broker.session.timeout.ms": "2000"})
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=2)
    create_topics(kafka)
    send(kafka, [make_outcome(number) for number in range(100)])
    for naba in start_verbs(tmp_path, kafka):
        running = naba("sink", "files", "--outcomes", "o.jsonl")
        wait_for(lambda: measure(tmp_path) > 0, running)
        broker.kill()
        time.sleep(5)
        broker.start()
        send(kafka, [make_outcome(number) for number in range(100, 200)])
        wait_for(lambda: len((tmp_path / "o.jsonl").read_bytes().splitlines()) == 200, running)
        time.sleep(0.5)
        running.terminate()
        code, told = finish(running, 10)
        assert code == 0
        assert [line.rpartition(broker.bootstrap)[2].strip() for line in told.splitlines()] == [
            "does not answer; waiting for it",
            "answers again",
        ]
