"""A known partner is never told that it is unknown, and what it was promised is kept, whatever is changed."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.broker.ports import find_port
from tests.newsroom import wait_for
from tests.receiver import TOKEN, Receiver, sign
from tests.site import Site

pytestmark = pytest.mark.slow

ARTICLE = {"url": "https://www.harbour.example/1", "text": "The ferry returned to the old harbour. " * 5}


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    opened = Receiver(tmp_path, signed=False)
    yield opened
    opened.close()


def test_a_source_that_is_paused_says_so_after_a_restart_too(receiver: Receiver) -> None:
    receiver.start()
    receiver.room.call("sources", "pause", "partners")
    wait_for(lambda: receiver.push(ARTICLE).status == 503)
    assert receiver.end()[0] == 0
    receiver.start()
    answer = receiver.push(ARTICLE)
    assert (answer.status, answer.told["detail"]) == (503, "partners is paused")
    receiver.room.call("sources", "pause", "partners", "--resume")
    wait_for(lambda: receiver.push(ARTICLE).status == 202)


def test_while_the_file_of_tokens_cannot_be_read_its_owner_is_to_come_again(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.start()
    assert receiver.push(ARTICLE).status == 202
    (tmp_path / "partner.token").write_text("")
    wait_for(lambda: receiver.push(ARTICLE).status == 503)
    assert receiver.room.sources()["partners"]["state"] == "failing"
    (tmp_path / "partner.token").write_text(TOKEN)
    wait_for(lambda: receiver.push(ARTICLE).status == 202)
    assert receiver.push(ARTICLE, token="another").status == 401
    assert receiver.room.sources()["partners"]["errors"] == 1  # however often it was looked at


def test_a_hub_at_the_same_address_shuts_no_partner_out_at_a_restart(tmp_path: Path) -> None:
    port = find_port()
    with Site() as site:
        receiver = Receiver(tmp_path, port=port, head="[fetch]\nallow_private = true\npause = 0.02\n")
        with (tmp_path / "naba.toml").open("a") as settings:
            settings.write(
                f'\n[[source]]\nname = "hub"\nkind = "websub"\nurl = "{site.url}/feed.xml"\n'
                f'callback = "http://127.0.0.1:{port}/websub"\nlisten = "127.0.0.1:{port}"\n'
            )
        try:
            for _ in range(3):
                statuses = set()
                running = receiver.room.start("run", "--workers", "1")
                until = time.monotonic() + 20
                while 202 not in statuses and time.monotonic() < until:
                    try:
                        statuses.add(receiver.push(ARTICLE).status)
                    except OSError:
                        time.sleep(0.01)
                assert statuses == {202}
                running.kill()
                running.communicate()
        finally:
            receiver.close()


def test_what_waits_of_a_source_that_was_taken_out_is_worked_on_all_the_same(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.start()
    texts = [f"Boat {number} left the harbour of ward {number}. " * 4 for number in range(20)]
    assert receiver.push([{"text": text} for text in texts], key="boats").status == 202
    receiver.kill()
    left = receiver.room.ask("SELECT count(*) FROM inbox")[0][0]
    assert left > 0
    assert receiver.room.sources()["partners"]["waiting"] == left
    (tmp_path / "naba.toml").write_text("")
    receiver.room.run_once()
    assert len(receiver.read("outcomes")) == 20
    assert receiver.room.ask("SELECT count(*) FROM inbox") == [(0,)]


def test_what_came_just_before_a_stop_is_counted(receiver: Receiver) -> None:
    receiver.start()
    assert receiver.push([ARTICLE, ARTICLE | {"url": None}, {}]).status == 202
    assert receiver.end()[0] == 0
    assert receiver.room.ask("SELECT items, errors FROM source_days") == [(2, 1)]


def test_at_a_door_without_secrets_a_signature_is_nothing(receiver: Receiver) -> None:
    receiver.start()
    body = json.dumps(ARTICLE).encode()
    signed = "".join(f"{name}: {value}\r\n" for name, value in sign(body, "tide-1").items())
    head = f"POST /articles HTTP/1.1\r\nHost: naba\r\n{signed}Content-Type: application/json\r\n"
    began = time.monotonic()
    # The body never comes: whoever waits for it answers with 408 after half a minute.
    assert receiver.say(f"{head}Content-Length: 100\r\n\r\n".encode()) == [b"HTTP/1.1 401 Unauthorized"]
    assert time.monotonic() - began < 9
    assert receiver.push(body, **sign(body, "tide-1")).status == 202  # its token is good


def test_a_store_that_another_program_has_locked_is_told_and_nothing_is_lost(receiver: Receiver) -> None:
    receiver.start()
    assert receiver.push(ARTICLE, key="1").status == 202
    wait_for(lambda: len(receiver.read("outcomes")) == 1)
    with closing(sqlite3.connect(receiver.room.folder / "naba.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = receiver.push(ARTICLE | {"url": "https://www.harbour.example/2"}, key="2")
        assert (answer.status, answer.told["detail"]) == (503, "the store is locked")
        other.execute("ROLLBACK")
    assert receiver.push(ARTICLE | {"url": "https://www.harbour.example/2"}, key="2").status == 202
    wait_for(lambda: len(receiver.read("outcomes")) == 2)
    assert receiver.end()[0] == 0


@pytest.mark.parametrize(
    ("listen", "why"),
    [
        pytest.param("a..b:8099", "cannot listen on a..b:8099", id="no host"),
        pytest.param("127.0.0.1:99999", "cannot listen on 127.0.0.1:99999", id="no port"),
        pytest.param("192.0.2.7:8099", "cannot listen on 192.0.2.7:8099", id="not ours"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_the_state_of_its_source(
    receiver: Receiver, tmp_path: Path, listen: str, why: str
) -> None:
    settings = tmp_path / "naba.toml"
    settings.write_text(settings.read_text().replace(f"127.0.0.1:{receiver.port}", listen))
    running = receiver.room.run()
    wait_for(lambda: receiver.room.sources()["partners"]["state"] == "failing")
    assert why in receiver.room.sources()["partners"]["why"]
    assert running.poll() is None
