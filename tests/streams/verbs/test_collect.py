"""`naba collect` as its user meets it: what of a site is on the topic, whatever is killed or away."""

import json
import random
import sqlite3
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import pytest
from kafka import KafkaConsumer, TopicPartition

from connectors.broker.broker import Broker
from connectors.cluster.settings import KafkaSettings
from schemas.letter import RAW
from streams.embedded.tables import prepare
from tests.broker import PARTITIONS, OwnBroker
from tests.letters import create_topics
from tests.site import Site, hang, make_paragraphs, slow
from tests.verbs import Naba, finish, start_verbs

pytestmark = pytest.mark.slow

KILLS = 3
TAKEN = "SELECT count(*) FROM story_pages WHERE state = 'taken'"
QUICK = "[poll]\nfirst = 1\nfloor = 1\nceiling = 1\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def ours(tmp_path: Path, own_broker: OwnBroker) -> Iterator[tuple[Broker, KafkaSettings, Naba]]:
    """A broker to be killed, and verbs on its topics."""
    broker = own_broker()
    kafka = KafkaSettings(bootstrap=broker.bootstrap, partitions=PARTITIONS)
    create_topics(kafka)
    for naba in start_verbs(tmp_path, kafka):
        yield broker, kafka, naba


class Works:
    """A worker that runs, and verbs beside it in its folder."""

    def __init__(self, folder: Path, naba: Naba) -> None:
        self.folder, self.naba = folder, naba

    def drain(self) -> None:
        """Let the sink write what the worker has made of everything until now."""
        both = ("--out", "articles.jsonl", "--outcomes", "outcomes.jsonl")
        assert finish(self.naba("sink", "files", *both, "--until-idle", "0.5")) == (0, "")

    def read(self, name: str, site: Site) -> list[dict[str, Any]]:
        """Return the records that are about a site."""
        lines = (self.folder / f"{name}.jsonl").read_bytes().splitlines()
        return [line for line in map(json.loads, lines) if line["url"].startswith(site.url)]


@pytest.fixture(scope="module", autouse=True)
def works(tmp_path_factory: pytest.TempPathFactory, broker: str) -> Iterator[Works]:
    """One worker for all tests that need what comes behind the topic; it starts up while the others run."""
    mine = f"t{uuid.uuid4().hex[:12]}."
    kafka = KafkaSettings(bootstrap=broker, topic_prefix=mine, group_prefix=mine, partitions=PARTITIONS)
    create_topics(kafka)
    folder = tmp_path_factory.mktemp("works")
    for naba in start_verbs(folder, kafka):
        with (folder / "naba.toml").open("a") as settings:
            settings.write(f"partitions = {PARTITIONS}\n")
        naba("worker", "--workers", "1")
        yield Works(folder, naba)


def name_sources(folder: Path, *more: str, poll: str = "", **sites: Site) -> None:
    """Write feeds of these sites into the settings of the folder, and sources that are written out."""
    path = folder / "naba.toml"
    feeds = [f'name = "{n}"\nkind = "feed"\nurl = "{s.url}/feed.xml"\n' for n, s in sites.items()]
    parts = [path.read_text().partition("[fetch]")[0], "[fetch]\nallow_private = true\npause = 0.02\n", poll]
    path.write_text("".join([*parts, *(f"[[source]]\n{source}\n" for source in [*feeds, *more])]))


def read_letters(kafka: KafkaSettings) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
    """Return key, headers and raw article of everything on the raw topic."""
    client = KafkaConsumer(bootstrap_servers=kafka.bootstrap, enable_auto_commit=False)
    name = kafka.topic(RAW)
    places = [TopicPartition(name, number) for number in client.partitions_for_topic(name)]
    client.assign(places)
    client.seek_to_beginning()
    ends = client.end_offsets(places)
    found = []
    while any(client.position(place) < ends[place] for place in places):
        for records in client.poll(500).values():
            for record in records:
                headers = {key: value.decode() for key, value in record.headers}
                found.append((record.key.decode(), headers, json.loads(record.value)))
    client.close(autocommit=False)
    return found


def count_stories(kafka: KafkaSettings) -> Counter[str]:
    """Return how often each path is on the raw topic."""
    return Counter(urlsplit(raw["url"]).path for _, _, raw in read_letters(kafka))


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'naba.db'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


def read_until(running: subprocess.Popen[str], words: str) -> None:
    assert running.stderr is not None
    bound = Timer(60, running.kill)
    bound.start()
    while words not in (line := running.stderr.readline()):
        assert line, f"ended with {running.wait()} and did not say: {words}"
    bound.cancel()


def stop(running: subprocess.Popen[str]) -> float:
    """End it as its operator does, and return the seconds that it took; its code is 0."""
    begun = time.monotonic()
    running.terminate()
    code, told = finish(running)
    assert code == 0, told
    return time.monotonic() - begun


def test_each_story_is_one_letter_and_a_second_time_nothing_is_new(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, site: Site
) -> None:
    create_topics(kafka)
    paths = [f"/news/{number}" for number in range(6)]
    for path in paths:
        site.publish(path)
    site.publish("/news/ar", language="ar")
    name_sources(tmp_path, harbour=site)
    assert finish(naba("collect", "harbour", "--once")) == (0, "")
    letters = read_letters(kafka)
    assert sorted(raw["url"] for _, _, raw in letters) == sorted(site.url + path for path in site.stories)
    for key, headers, raw in letters:
        assert key == "127.0.0.1"
        assert (headers["naba-input"], headers["naba-raw-id"]) == (raw["url"], raw["raw_id"])
        assert raw["source"] == "harbour"

    seen = len(site.log)
    assert finish(naba("collect", "harbour", "--once")) == (0, "")
    asked = [(one.path, one.status) for one in site.log[seen:] if one.path != "/robots.txt"]
    assert asked == [("/feed.xml", 304)]
    assert len(read_letters(kafka)) == len(letters)
    assert ask(tmp_path, "SELECT DISTINCT state FROM story_pages") == [("taken",)]


def test_a_stop_ends_it_with_0_within_seconds_also_while_a_site_hangs(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, site: Site
) -> None:
    create_topics(kafka)
    site.publish("/news/hangs")
    for number in range(5):
        site.publish(f"/news/{number}")
    site.behave("/news/hangs", hang())
    name_sources(tmp_path, harbour=site)
    running = naba("collect", "harbour")
    wait_for(lambda: bool(site.asked("/news/hangs")))
    wait_for(lambda: ask(tmp_path, TAKEN) == [(5,)])
    assert stop(running) < 5
    assert count_stories(kafka) == {f"/news/{number}": 1 for number in range(5)}
    assert finish(naba("collect", "harbour", "--once", "--timeout", "2")) == (
        1,
        "naba: not done within 2 s; what is left comes with the next run\n",
    )
    site.behave("/news/hangs", slow(0.1))
    assert finish(naba("collect", "harbour", "--once")) == (0, "")
    assert count_stories(kafka) == dict.fromkeys(site.stories, 1)


def test_brokers_that_are_away_are_waited_for_and_nothing_is_forgotten_meanwhile(
    tmp_path: Path, ours: tuple[Broker, KafkaSettings, Naba], site: Site, other: Site
) -> None:
    broker, kafka, naba = ours
    name_sources(tmp_path, harbour=site, ferries=other, poll=QUICK)
    prepare(str(tmp_path / "naba.db"))
    site.publish("/news/before")
    other.publish("/news/before-too")
    waits, stopped = naba("collect", "harbour"), naba("collect", "ferries")
    wait_for(lambda: ask(tmp_path, TAKEN) == [(2,)])
    broker.kill()
    for number in range(10):
        site.publish(f"/news/waits-{number}")
        other.publish(f"/news/stopped-{number}")
    wait_for(lambda: all(site.asked(path) for path in site.stories))
    wait_for(lambda: all(other.asked(path) for path in other.stories))
    read_until(waits, "waiting for it")
    assert stop(stopped) < 10
    assert ask(tmp_path, TAKEN) == [(2,)]
    assert finish(naba("collect", "ferries", "--once", "--timeout", "1"))[0] == 1
    broker.start()
    read_until(waits, "takes letters again")
    assert finish(naba("collect", "ferries", "--once"))[0] == 0
    wait_for(lambda: ask(tmp_path, TAKEN) == [(22,)])
    assert count_stories(kafka).keys() == site.stories.keys() | other.stories.keys()
    assert all(len(site.asked(path)) == 1 for path in site.stories)
    stop(waits)


def test_names_are_known_and_each_is_collected_by_one_process(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba, site: Site
) -> None:
    create_topics(kafka)
    site.publish("/news/1")
    name_sources(tmp_path, harbour=site, ferries=site, library=site)
    assert finish(naba("collect", "harbour", "harbor")) == (
        2,
        "naba: harbor: no source has this name; there are: harbour, ferries, library\n",
    )
    site.behave("/feed.xml", hang())
    several = [naba("collect", "harbour"), naba("collect", "ferries")]
    wait_for(lambda: len(site.asked("/feed.xml")) == 2)
    for names in (["harbour"], ["library", "ferries"]):
        assert finish(naba("collect", *names)) == (
            2,
            f"naba: {names[-1]}: another process collects its sources\n",
        )
    site.behave("/feed.xml", None)
    assert finish(naba("collect", "library", "--once")) == (0, "")
    for running in several:
        assert running.poll() is None
        stop(running)
    assert count_stories(kafka) == {"/news/1": 1}
    assert finish(naba("collect", "harbour", "ferries", "--once")) == (0, "")
    assert count_stories(kafka) == {"/news/1": 1}


def test_from_the_site_to_clean_records_with_what_becomes_of_them_later(works: Works, site: Site) -> None:
    kept, changed, gone = (site.publish(f"/news/{name}") for name in ("kept", "changed", "gone"))
    listed = json.dumps([kept, changed, gone])
    name_sources(works.folder, f'name = "list"\nkind = "pages"\nurls = {listed}')
    assert finish(works.naba("collect", "list", "--once")) == (0, "")
    site.correct("/news/changed", paragraphs=make_paragraphs(177))
    site.withdraw("/news/gone")
    assert finish(works.naba("collect", "list", "--once")) == (0, "")
    works.drain()
    outcomes = works.read("outcomes", site)
    told = Counter((line["url"], line["outcome"]) for line in outcomes)
    assert told == dict.fromkeys([(url, "published") for url in (kept, changed, gone)], 1) | {
        (changed, "revised"): 1,
        (gone, "rejected"): 1,
    }
    (withdrawn,) = (line for line in outcomes if line["outcome"] == "rejected")
    (published,) = (line for line in works.read("articles", site) if line["url"] == gone)
    assert (withdrawn["reason"], withdrawn["article_id"]) == ("withdrawn", published["article_id"])
    revisions = {line["revision"]: line for line in works.read("articles", site) if line["url"] == changed}
    assert sorted(revisions) == [1, 2]
    assert revisions[2]["text"].split("\n\n") == list(make_paragraphs(177))


def test_killed_at_any_moment_it_loses_no_story_and_none_is_published_twice(works: Works, site: Site) -> None:
    chance = random.Random(uuid.uuid4().hex)
    name_sources(works.folder, killed=site, poll=QUICK)
    site.shown = 200
    for start in range(KILLS):
        for number in range(20):
            text = make_paragraphs(1000 + 20 * start + number)  # which no other site of the worker has
            site.publish(f"/news/{start}-{number}", paragraphs=text)
        enough = len(site.log) + chance.randrange(2, 22)
        running = works.naba("collect", "killed")
        wait_for(partial(lambda count: len(site.log) >= count, enough))
        time.sleep(chance.random() / 10)
        running.kill()
        assert finish(running)[0] == -9
    assert finish(works.naba("collect", "killed", "--once"))[0] == 0
    works.drain()
    everything = dict.fromkeys((site.url + path for path in site.stories), 1)
    assert Counter(line["url"] for line in works.read("articles", site)) == everything
    outcomes = works.read("outcomes", site)
    assert Counter(line["url"] for line in outcomes if line["outcome"] == "published") == everything
    assert {line["outcome"] for line in outcomes} <= {"published", "unchanged"}
