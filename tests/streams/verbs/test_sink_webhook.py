"""`naba sink NAME` with a slow receiver: it ends when it is told to, and what was taken is noted."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from schemas.letter import ARTICLES, DUPLICATES, Letter
from tests.letters import create_topics, make_article, send
from tests.verbs import Naba, finish
from tests.webhook_receiver import SECRET, Receiver, answer

RECORDS = 60

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def settle(folder: Path, receiver: Receiver, more: str = "") -> None:
    (folder / "secret").write_text(SECRET)
    with (folder / "naba.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[[sink]]\nname = "desk"\nkind = "webhook"\nurl = "{receiver.url}"\n'
            f'secret_file = "secret"\nseconds = 60\n{more}'
        )


def read_committed(kafka: KafkaSettings) -> int:
    offsets = Offsets(kafka, print)
    found = offsets.read_committed(f"{kafka.app}-sink-desk", ARTICLES)
    offsets.close()
    return sum(found.values())


def wait_for(condition: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_it_ends_in_time_with_what_was_taken_noted(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, receiver: Receiver
) -> None:
    create_topics(kafka)
    settle(tmp_path, receiver, "at_once = 4\n")
    send(kafka, [make_article(number) for number in range(RECORDS)])
    receiver.always = answer(204, after=0.3)
    running = naba("sink", "desk")
    wait_for(lambda: len(receiver.taken) > RECORDS / 3)
    receiver.always = answer(204, after=20)
    running.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert finish(running) == (0, "")
    assert time.monotonic() - begun < 4
    taken = len(receiver.taken)
    assert 0 < taken - 8 <= read_committed(kafka) <= taken < RECORDS

    receiver.always = None
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert {one.id for one in receiver.taken} == {f"article_{number:032x}_1" for number in range(RECORDS)}
    # Only what was under way comes again.
    assert len(receiver.taken) <= RECORDS + 8


def test_it_ends_while_nothing_is_answered(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, receiver: Receiver
) -> None:
    create_topics(kafka)
    settle(tmp_path, receiver)
    send(kafka, [make_article(number) for number in range(RECORDS)])
    receiver.always = answer(204, after=50)
    running = naba("sink", "desk")
    wait_for(lambda: receiver.busy == 8)
    running.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert finish(running) == (0, "")
    assert time.monotonic() - begun < 4
    assert read_committed(kafka) == 0


def test_a_deletion_comes_once_with_both_topics(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, receiver: Receiver
) -> None:
    create_topics(kafka)
    settle(tmp_path, receiver, 'relations = ["same_text"]\n')
    article = make_article(1)
    send(kafka, [article, *(Letter(topic, article.key, b"") for topic in (ARTICLES, DUPLICATES))])
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert [one.id for one in receiver.taken] == [f"article_{article.key}_1", f"deletion_{article.key}"]
