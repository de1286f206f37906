"""`naba sink NAME`: from the topics to a sink of the settings, once, whatever is killed or away."""

import json
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from connectors.cluster.offsets import Offsets
from connectors.cluster.settings import KafkaSettings
from connectors.sink import ANEW
from schemas.article import Relation
from schemas.letter import ARTICLES, DEAD, DETAIL, DUPLICATES, OUTCOMES, REASON, STAGE, TOPIC, Letter
from schemas.limits import KEPT_OF_TOO_LARGE
from tests.broker import OwnBroker
from tests.letters import commit_work, create_topics, make_article, make_events, make_raw, read_topic, send
from tests.revisions import make_story
from tests.verbs import Naba, finish, start_verbs

KILLS = 4  # each costs the six seconds after which the group misses a member

pytestmark = pytest.mark.slow

SINK = '[[sink]]\nname = "{0}"\nkind = "sqlite"\npath = "{0}.db"\nrelations = {1}\n'


def settle(folder: Path, name: str = "desk", relations: Iterable[Relation] = ()) -> None:
    with (folder / "naba.toml").open("a", encoding="utf-8") as file:
        file.write(SINK.format(name, json.dumps(list(relations))))


def read_rows(path: Path, table: str = "articles") -> dict[str, bytes]:
    """Return the records of a table by their ids; none where there is no such table yet."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, timeout=30)) as database:
        try:
            rows = database.execute(f"SELECT article_id, record FROM {table}").fetchall()
        except sqlite3.OperationalError:
            return {}
    return {name: record.encode() for name, record in rows}


def fold(letters: Iterable[Letter]) -> dict[str, bytes]:
    """Return of each article the newest revision, by its id."""
    newest: dict[str, tuple[int, bytes]] = {}
    for letter in letters:
        if letter.topic in (ARTICLES, DUPLICATES):
            revision = json.loads(letter.value)["revision"]
            newest[letter.key] = max(newest.get(letter.key, (0, b"")), (revision, letter.value))
    return {key: value for key, (_, value) in newest.items()}


def read_committed(kafka: KafkaSettings, name: str, topic: str = ARTICLES) -> int:
    """Return how many letters the sink's group has committed."""
    offsets = Offsets(kafka, print)
    found = offsets.read_committed(f"{kafka.app}-sink-{name}", topic)
    offsets.close()
    return sum(found.values())


def forget_committed(kafka: KafkaSettings, name: str) -> None:
    """Do as if the sink had never committed anything."""
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_groups([f"{kafka.app}-sink-{name}"])
    admin.close()


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[str], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def has_more(path: Path, count: int) -> bool:
    return len(read_rows(path)) > count


def test_it_gets_what_it_wants_and_goes_on_from_there(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    settle(tmp_path, "desk")
    settle(tmp_path, "all", ["same_text", "excerpt"])
    letters = make_events(300)
    copies = [
        make_story(5000 + number, duplicate_of=f"{1:032x}", relation=relation, overlap=1.0)
        for number, relation in enumerate(["same_text", "near_copy", "excerpt"])
    ]
    send(kafka, letters + copies)
    for name in ("desk", "all"):
        assert finish(naba("sink", name, "--until-idle", "0.5")) == (0, "")
        assert read_rows(tmp_path / f"{name}.db") == fold(letters)
    assert read_rows(tmp_path / "desk.db", "duplicates") == {}
    assert read_rows(tmp_path / "all.db", "duplicates") == fold([copies[0], copies[2]])
    assert read_committed(kafka, "desk") == sum(letter.topic == ARTICLES for letter in letters)
    more = [make_article(9000), letters[0], make_article(9000, 2)]
    send(kafka, more)
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert read_rows(tmp_path / "desk.db") == fold(letters + more)
    # Behind its group and not from the beginning: what was read before is not written again.
    with closing(sqlite3.connect(tmp_path / "desk.db")) as database:
        database.execute("DELETE FROM articles")
        database.execute("DELETE FROM search")
        database.commit()
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert read_rows(tmp_path / "desk.db") == {}
    # A store that is not the one it has filled is told.
    for path in tmp_path.glob("desk.db*"):
        path.unlink()
    late = make_article(9001)
    send(kafka, [late])
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, f"naba: sink desk: {ANEW}\n")
    assert read_rows(tmp_path / "desk.db") == fold([late])


def test_kills_at_any_moment_leave_no_gap(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    settle(tmp_path)
    letters = make_events(2000)
    chance = random.Random(11)
    step = len(letters) // KILLS
    between = 0
    for kill in range(KILLS):
        send(kafka, letters[kill * step : (kill + 1) * step])
        before = len(read_rows(tmp_path / "desk.db"))
        running = naba("sink", "desk")
        wait_for(partial(has_more, tmp_path / "desk.db", before), running)
        if kill % 2:  # else at once: the store has a portion that is not committed
            time.sleep(chance.uniform(0, 0.2))
        running.kill()
        running.wait(10)
        sent = sum(letter.topic == ARTICLES for letter in letters[: (kill + 1) * step])
        between += read_committed(kafka, "desk") < sent
    assert between > 0, "no kill has hit what it was for"
    send(kafka, letters[KILLS * step :])
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert read_rows(tmp_path / "desk.db") == fold(letters)


def test_what_is_refused_is_a_dead_letter_and_the_sink_goes_on(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    settle(tmp_path)
    headers = {"naba-input": "a.jsonl:7", "naba-raw-id": f"{7:032x}", "trace": "kept"}
    foreign = Letter(ARTICLES, f"{7:032x}", b'{"schema":"article.v1"}\x00\xff', headers)
    good = [make_article(number) for number in range(50)]
    send(kafka, [*good[:25], foreign, *good[25:]])
    code, told = finish(naba("sink", "desk", "--until-idle", "0.5"))
    assert (code, told) == (0, "")
    assert read_rows(tmp_path / "desk.db") == fold(good)
    assert read_topic(kafka, DEAD) == [foreign.value]
    assert read_topic(kafka, OUTCOMES) == []
    shown = naba("tail", "dead", "--from-start", "--no-follow").communicate(timeout=30)[0]
    (dead,) = map(json.loads, shown.splitlines())
    assert dead["key"] == foreign.key
    told_of = {STAGE: "sink desk", REASON: "refused", TOPIC: ARTICLES, "trace": "kept"}
    assert dead["headers"] | told_of | headers == dead["headers"]
    assert dead["headers"][DETAIL]
    assert dead["headers"]["__connect.errors.topic"] == kafka.topic(ARTICLES)
    # Killed after the dead letter was sent, and before its place was committed: it comes again.
    forget_committed(kafka, "desk")
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert read_committed(kafka, "desk") == 51
    assert len(read_topic(kafka, DEAD)) == 1
    settle(tmp_path, "other")
    assert finish(naba("sink", "other", "--until-idle", "0.5")) == (0, "")
    assert len(read_topic(kafka, DEAD)) == 2


def test_what_is_larger_than_any_of_ours_is_a_shorter_dead_letter(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    settle(tmp_path)
    large = b"{" + b" " * 9_000_000
    producer = KafkaProducer(
        bootstrap_servers=kafka.bootstrap, compression_type="zstd", max_request_size=2**25
    )
    producer.send(kafka.topic(ARTICLES), key=b"a" * 32, value=large).get(20)
    producer.close()
    good = [make_article(number) for number in range(20)]
    send(kafka, good)
    for _again in range(2):
        assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
        assert read_rows(tmp_path / "desk.db") == fold(good)
        assert read_topic(kafka, DEAD) == [large[:KEPT_OF_TOO_LARGE]]
        forget_committed(kafka, "desk")
    shown = naba("tail", "dead", "--from-start", "--no-follow").communicate(timeout=30)[0]
    assert f"of 9000001 bytes, sha256 {sha256(large).hexdigest()}" in json.loads(shown)["headers"][DETAIL]


def test_until_idle_waits_for_the_workers_and_not_longer(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    settle(tmp_path)
    send(kafka, [make_raw(number) for number in range(20)])
    send(kafka, [make_article(number) for number in range(10)])
    running = naba("sink", "desk", "--until-idle", "0.5")
    wait_for(partial(has_more, tmp_path / "desk.db", 9), running)
    time.sleep(2)
    assert running.poll() is None, "nobody has committed anything of what was delivered"
    send(kafka, [make_article(number) for number in range(10, 20)])
    commit_work(kafka)
    assert finish(running, 20) == (0, "")
    assert len(read_rows(tmp_path / "desk.db")) == 20


def test_a_store_that_is_away_is_waited_for_with_the_partitions_kept(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    settle(tmp_path)
    send(kafka, [make_article(0)])
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    letters = [make_article(number) for number in range(1, 100)]
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        running = naba("sink", "desk")
        send(kafka, letters)
        time.sleep(8)  # longer than the group waits for a sign of life
        assert running.poll() is None
        database.execute("ROLLBACK")
    wait_for(partial(has_more, tmp_path / "desk.db", 99), running)
    wait_for(lambda: read_committed(kafka, "desk") == 100, running)
    running.send_signal(signal.SIGTERM)
    code, told = finish(running, 10)
    assert code == 0
    first, second = told.splitlines()
    assert first.startswith("naba: sink desk: ")
    assert first.endswith("; waiting for it")
    assert second.startswith("naba: sink desk: is there again after ")


def test_one_that_waits_ends_when_it_is_told_to(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    settle(tmp_path)
    send(kafka, [make_article(0)])
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        send(kafka, [make_article(1)])
        running = naba("sink", "desk")
        assert running.stderr is not None
        assert running.stderr.readline().endswith("; waiting for it\n")
        time.sleep(1)
        running.terminate()
        assert finish(running, 10)[0] == 0
        assert read_committed(kafka, "desk") == 1
    assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
    assert len(read_rows(tmp_path / "desk.db")) == 2


def test_two_of_one_name_share_the_work(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    settle(tmp_path)
    running = [naba("sink", "desk") for _ in range(2)]
    letters = [make_article(number) for number in range(400)]
    for number in range(0, 400, 100):
        send(kafka, letters[number : number + 100])
        time.sleep(1)
    wait_for(partial(has_more, tmp_path / "desk.db", 399), running[0])
    running[0].terminate()
    assert finish(running[0], 20) == (0, "")
    more = [make_article(number) for number in range(400, 500)]
    send(kafka, more)
    wait_for(partial(has_more, tmp_path / "desk.db", 499), running[1])
    running[1].terminate()
    assert finish(running[1], 20) == (0, "")
    assert read_rows(tmp_path / "desk.db") == fold(letters + more)


def test_a_broker_that_goes_away_is_waited_for(tmp_path: Path, own_broker: OwnBroker) -> None:
    broker = own_broker(properties={"broker.session.timeout.ms": "2000"})
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=2)
    create_topics(kafka)
    send(kafka, [make_article(number) for number in range(100)])
    for naba in start_verbs(tmp_path, kafka):
        settle(tmp_path)
        running = naba("sink", "desk")
        wait_for(partial(has_more, tmp_path / "desk.db", 99), running)
        broker.kill()
        time.sleep(5)
        broker.start()
        send(kafka, [make_article(number) for number in range(100, 200)])
        wait_for(partial(has_more, tmp_path / "desk.db", 199), running)
        wait_for(lambda: read_committed(kafka, "desk") == 200, running)
        running.terminate()
        code, told = finish(running, 20)
        assert code == 0
        assert told.splitlines()[-1].endswith("answers again")


def test_it_ends_when_it_is_told_to_while_a_dead_letter_waits_for_a_broker(
    tmp_path: Path, own_broker: OwnBroker
) -> None:
    broker = own_broker(properties={"broker.session.timeout.ms": "2000"})
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=1)
    create_topics(kafka)
    foreign = Letter(ARTICLES, f"{7:032x}", b"{}")
    for naba in start_verbs(tmp_path, kafka):
        settle(tmp_path)
        running = naba("sink", "desk")
        assert running.stderr is not None
        send(kafka, [make_article(0)])
        wait_for(partial(has_more, tmp_path / "desk.db", 0), running)
        with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None, timeout=30)) as database:
            database.execute("BEGIN EXCLUSIVE")
            send(kafka, [make_article(1), foreign])
            assert running.stderr.readline().endswith("; waiting for it\n")
            broker.kill()
        wait_for(partial(has_more, tmp_path / "desk.db", 1), running)
        time.sleep(1)
        running.terminate()
        assert finish(running, 20)[0] == 0
        broker.start()
        assert finish(naba("sink", "desk", "--until-idle", "0.5")) == (0, "")
        assert read_topic(kafka, DEAD) == [foreign.value]


def test_a_name_that_is_not_there_is_told(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    settle(tmp_path)
    code, told = finish(naba("sink", "pier"))
    assert code == 2
    assert told == (
        "naba: pier: no sink of the settings has this name; there are: desk, and the words files and store\n"
    )


def test_a_cluster_without_topics_is_told(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    settle(tmp_path)
    code, told = finish(naba("sink", "desk"))
    assert code == 2
    assert kafka.topic(DEAD) in told
    assert "naba topics" in told
