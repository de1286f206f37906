"""`naba sink store`: what `naba why` asks is filled from the topics, whatever is killed."""

import random
import re
import time
from pathlib import Path

import pytest

from connectors.cluster.reader import MIB
from connectors.cluster.settings import KafkaSettings
from streams.embedded.store import Store
from tests.letters import commit_work, create_topics, make_events, make_outcome, make_raw, send
from tests.verbs import Naba, finish

pytestmark = pytest.mark.slow


def test_a_backlog_of_large_pages_takes_little_memory(
    tmp_path: Path, kafka: KafkaSettings, naba: Naba
) -> None:
    create_topics(kafka)
    chance = random.Random(3)
    pages = [make_raw(number, chance.randbytes(180_000).hex()) for number in range(250)]
    send(kafka, pages + [make_raw(1000 + number, chance.randbytes(3_600_000).hex()) for number in range(12)])
    commit_work(kafka)
    running = naba("sink", "store", "--until-idle", "0.5")
    most = 0
    while running.poll() is None:
        most = max(most, read_most_memory(running.pid))
        time.sleep(0.02)
    assert running.returncode == 0
    assert 0 < most < 220 * MIB
    with Store(str(tmp_path / "naba.db"), write=False) as store:
        assert store.fetch("SELECT count(*) FROM raw") == [(262,)]


def read_most_memory(process: int) -> int:
    """Return the most bytes that the process ever had in memory; 0 where it has just ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return 1024 * int(found[1]) if found else 0


def count_outcomes(folder: Path) -> int:
    with Store(str(folder / "naba.db"), write=False) as store:
        return int(store.fetch("SELECT count(*) FROM outcomes")[0][0])


def test_a_store_is_filled_and_asked_and_goes_on(tmp_path: Path, kafka: KafkaSettings, naba: Naba) -> None:
    create_topics(kafka)
    send(kafka, make_events(200))
    assert finish(naba("sink", "store", "--until-idle", "0.5")) == (0, "")
    running = naba("why", "a.jsonl:10")
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert f"article     {3:032x}, revision 2" in told
    assert told.index("published, revision 1") < told.index("revised, revision 2")
    for kill in range(4):
        send(kafka, [make_outcome(number) for number in range(1000 * (kill + 1), 1000 * (kill + 1) + 500)])
        before = count_outcomes(tmp_path)
        running = naba("sink", "store")
        while kill and count_outcomes(tmp_path) == before:  # the first one while it starts
            assert running.poll() is None
            time.sleep(0.002)
        running.kill()
        running.wait(10)
    assert finish(naba("sink", "store", "--until-idle", "0.5")) == (0, "")
    with Store(str(tmp_path / "naba.db"), write=False) as store:
        assert store.fetch("SELECT count(*), count(DISTINCT delivery_id) FROM outcomes") == [(2200, 2200)]
    (tmp_path / "page.txt").write_text("A page for an embedded run.")
    code, told = finish(naba("run", "page.txt"))
    assert code == 2
    assert "is filled by `naba sink store`" in told
