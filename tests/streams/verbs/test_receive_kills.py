"""What a receiver has answered with 2xx: when it is killed at any moment, and when the brokers are away."""

import random
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.broker.broker import Broker
from connectors.broker.ports import find_port
from connectors.cluster.settings import KafkaSettings
from tests.broker import PARTITIONS, OwnBroker
from tests.letters import create_topics
from tests.newsroom import Newsroom, end, wait_for
from tests.pushing import Pusher
from tests.verbs import Naba, finish, start_verbs

pytestmark = pytest.mark.slow

KILLS = 20
AWAY = 30.0
TOKEN = "ferry-7"


@pytest.fixture
def port() -> int:
    return find_port()


def receive(port: int) -> str:
    return f'name = "partners"\nkind = "receive"\nlisten = "127.0.0.1:{port}"\ntoken_file = "partner.token"'


def kill_at_random(start: Callable[[], subprocess.Popen[str]], pusher: Pusher) -> None:
    """Kill what `start` returns twenty times, each a moment after it has taken something again."""
    chance = random.Random(uuid.uuid4().hex)
    for _ in range(KILLS):
        running, before = start(), len(pusher.taken)
        wait_for(lambda before=before: len(pusher.taken) > before, 60)  # type: ignore[misc]
        time.sleep(3 * chance.random() ** 3)  # mostly at once, sometimes when the first pages are through
        running.kill()
        running.communicate()


def require_each_once(taken: dict[str, Any], outcomes: list[dict[str, Any]]) -> None:
    """Require that each item of each answer has one outcome, under its id, and nothing has two."""
    promised = {(one["input"], one["raw_id"]) for told in taken.values() for one in told["results"]}
    ended = Counter((one["input"], one["raw_id"]) for one in outcomes)
    assert len(promised) == len(taken)
    assert ended.keys() >= promised
    assert set(ended.values()) == {1}
    # Its sender tries until it is taken: what ended without an answer is answered by now.
    assert ended.keys() == promised


def test_killed_at_any_moment_the_embedded_receiver_loses_no_2xx_and_doubles_none(
    room: Newsroom, port: int
) -> None:
    (room.folder / "partner.token").write_text(f" {TOKEN}\n")
    room.settle(receive(port), fetch="")
    with Pusher(port, TOKEN) as pusher:
        kill_at_random(room.run, pusher)
        running = room.run()
        pusher.finish()
    wait_for(lambda: len(room.read("outcomes")) >= len(pusher.taken), 200)
    assert end(running)[0] == 0
    require_each_once(pusher.taken, room.read("outcomes"))
    assert room.ask("SELECT count(*) FROM inbox") == [(0,)]
    published = Counter(line["url"] for line in room.read("articles"))
    assert set(published.values()) == {1}
    assert set(pusher.statuses) <= {202, 503, None}


def settle(folder: Path, port: int) -> None:
    (folder / "partner.token").write_text(TOKEN)
    with (folder / "naba.toml").open("a") as settings:
        settings.write(f"partitions = {PARTITIONS}\n[[source]]\n{receive(port)}\n")


def drain(naba: Naba, folder: Path) -> list[dict[str, Any]]:
    """Return the outcomes of all that is on the topics."""
    assert finish(naba("sink", "files", "--outcomes", "outcomes.jsonl", "--until-idle", "1"), 300) == (0, "")
    return Newsroom(folder).read("outcomes")


def test_killed_at_any_moment_the_receiver_on_kafka_loses_no_2xx_and_doubles_none(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, port: int
) -> None:
    create_topics(kafka)
    settle(tmp_path, port)
    naba("worker", "--workers", "1")
    with Pusher(port, TOKEN) as pusher:
        kill_at_random(lambda: naba("collect", "partners"), pusher)
        running = naba("collect", "partners")
        pusher.finish()
    assert end(running)[0] == 0
    require_each_once(pusher.taken, drain(naba, tmp_path))
    assert set(pusher.statuses) <= {202, 503, None}


@pytest.fixture
def ours(tmp_path: Path, own_broker: OwnBroker) -> Iterator[tuple[Broker, Naba]]:
    """A broker to be killed, and verbs on its topics."""
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=PARTITIONS)
    create_topics(kafka)
    for naba in start_verbs(tmp_path, kafka):
        yield broker, naba


def test_while_the_brokers_are_away_it_answers_503_and_goes_on_when_they_are_back(
    tmp_path: Path, ours: tuple[Broker, Naba], port: int
) -> None:
    broker, naba = ours
    settle(tmp_path, port)
    running = naba("collect", "partners")
    with Pusher(port, TOKEN) as pusher:
        wait_for(lambda: len(pusher.taken) > 50, 60)
        unheard = pusher.statuses[None]  # before it listened
        broker.kill()
        time.sleep(AWAY)
        refused = pusher.statuses[503]
        broker.start()
        pusher.finish()
    assert refused > 100
    assert pusher.statuses.keys() == {202, 503, None}
    assert pusher.statuses[None] == unheard
    naba("worker", "--workers", "1")
    require_each_once(pusher.taken, drain(naba, tmp_path))
    assert end(running)[0] == 0
