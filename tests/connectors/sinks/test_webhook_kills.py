"""A receiver has every message, however often the sender is killed: at any moment, or before it notes."""

import random
import signal
import socket
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import orjson
import pytest
from standardwebhooks import Webhook

from connectors.sink import Sink
from connectors.sinks.webhook import WebhookSink
from schemas.letter import DUPLICATES, Letter
from tests.connectors.sinks.test_store_kills import FORK, Kind, read_position, write_all
from tests.revisions import make_deletion, make_stream
from tests.webhook_receiver import SECRET, Whole

RECORDS, KILLS = 4000, 20


class Logging(BaseHTTPRequestHandler):
    """Writes the id of each message into a file, before it answers."""

    log = Path()
    timeout = 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = Webhook(SECRET).verify(body, dict(self.headers.items()))
        noted = {"id": self.headers["webhook-id"], **message}
        with self.log.open("ab") as file:
            file.write(orjson.dumps(noted) + b"\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_about: object) -> None:
        """Say nothing."""


def serve(listening: socket.socket, log: Path) -> None:
    Logging.log = log
    server = HTTPServer(("127.0.0.1", 0), Logging, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    # In a process of its own: what is forked and killed here has one thread.
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        process = FORK.Process(target=serve, args=(listening, tmp_path / "log"))
        process.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        process.kill()
        process.join(10)


@pytest.mark.slow
def test_killed_twenty_times_the_receiver_has_every_message_by_its_id(tmp_path: Path, url: str) -> None:
    (tmp_path / "secret").write_text(SECRET)

    def open_sink(folder: Path) -> Sink:
        secret = str(folder / "secret")
        return Whole(WebhookSink(name="a", url=url, secret_file=secret, relations=("near_copy",)).open(print))

    kind, chance = Kind(open_sink, lambda _folder: (), lambda _letters: ()), random.Random(20)
    letters = [*make_stream(RECORDS, 1)]
    for place in range(999, RECORDS, 1000):
        letters.insert(place, make_deletion(int(letters[place // 2].key, 16)))
    for turn in range(KILLS):
        told, tells = FORK.Pipe(duplex=False)
        dies_after = chance.randrange(3) if turn % 2 else None
        child = FORK.Process(target=write_all, args=(kind, tmp_path, letters, tells, dies_after))
        child.start()
        if dies_after is None:
            for _ in range(chance.randrange(3)):
                assert told.poll(30)
                told.recv()
            time.sleep(chance.uniform(0, 0.1))
            child.kill()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
    assert read_position(tmp_path) < len(letters)
    write_all(kind, tmp_path, letters, tells, None)

    noted = [orjson.loads(line) for line in (tmp_path / "log").read_bytes().split(b"\n")[:-1]]
    folded = {one["id"]: one for one in noted}
    expected = {name_message(letter): letter for letter in letters}
    assert len(noted) > len(folded)
    assert folded.keys() == expected.keys()
    for name, letter in expected.items():
        assert folded[name]["data"] == (
            orjson.loads(letter.value) if letter.value else {"article_id": letter.key}
        )
    # By when each came first: within an article as on the topic.
    assert order_by_article(folded) == order_by_article(expected)


def name_message(letter: Letter) -> str:
    if not letter.value:
        return f"deletion_{letter.key}"
    kind = "duplicate" if letter.topic == DUPLICATES else "article"
    return f"{kind}_{letter.key}_{orjson.loads(letter.value)['revision']}"


def order_by_article(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.split("_")[1], []).append(name)
    return found
