"""A naba that receives, as a user runs it, and whoever pushes to it: properly, or byte by byte."""

import base64
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.broker.ports import find_port
from tests.newsroom import Newsroom, end, wait_for

TOKEN = "harbour-7f3a91c2"
SECRET = "whsec_" + base64.b64encode(b"the tide comes in at six o'clock").decode()
RUN = ("run", "--out", "articles.jsonl", "--outcomes", "outcomes.jsonl", "--workers", "1")
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the names of `headers` are in lower case, `told` is None where it is no JSON."""

    status: int
    headers: Headers
    told: Any
    seconds: float


def sign(body: bytes, message: str, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Return the headers of Standard Webhooks for a body, written from the specification."""
    moment = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message}.{moment}.".encode() + body, "sha256")
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


class Receiver:
    """One source `partners` in a folder; it takes `TOKEN`, and `SECRET` where `signed` says so."""

    def __init__(
        self, folder: Path, *more: str, port: int | None = None, signed: bool = True, head: str = ""
    ) -> None:
        """Settle: `more` are further lines of the source, `head` stands before it in naba.toml."""
        self.port = port or find_port()
        self.room = Newsroom(folder)
        self._running: subprocess.Popen[str] | None = None
        (folder / "partner.token").write_text(f"  {TOKEN}\n")
        (folder / "partner.secret").write_text(f"{SECRET}\n")
        lines = ['name = "partners"', 'kind = "receive"', f'listen = "127.0.0.1:{self.port}"']
        lines += ['token_file = "partner.token"', *(['secret_file = "partner.secret"'] if signed else [])]
        self.room.settle("\n".join([*lines, *more]), fetch=head)

    @property
    def pid(self) -> int:
        """The id of the verb's main process."""
        assert self._running is not None
        return self._running.pid

    @property
    def process(self) -> psutil.Process:
        """The verb's main process, for its memory and its files."""
        return psutil.Process(self.pid)

    def start(self, *arguments: str) -> None:
        """Start a verb (`naba run` without any), and come back when its port answers."""
        running = self._running = self.room.start(*(arguments or RUN))

        def answers() -> bool:
            if running.poll() is not None:
                raise AssertionError(running.communicate()[1])
            try:
                return self.ask("GET", "/openapi.json").status == 200
            except OSError:
                return False

        wait_for(answers, 30)

    def push(
        self, body: bytes | object, *, key: str | None = None, token: str | None = TOKEN, **headers: str
    ) -> Answer:
        """Push, anything but bytes as JSON; a header's name is written with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named.setdefault("Authorization", f"Bearer {token}")
        if key is not None:
            named["Idempotency-Key"] = key
        named.setdefault("Content-Type", "application/json")
        return self.ask(
            "POST", "/articles", body if isinstance(body, bytes) else json.dumps(body).encode(), named
        )

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Headers | None = None
    ) -> Answer:
        """Return the answer to one request on a connection of its own. Raises OSError where none comes."""
        began = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            came = connection.getresponse()
            data = came.read()
            names = {name.lower(): value for name, value in came.getheaders()}
        try:
            told = json.loads(data)
        except ValueError:
            told = None
        return Answer(came.status, names, told, time.monotonic() - began)

    def connect(self, seconds: float = 10) -> socket.socket:
        """Return a bare connection, on which nothing takes longer than so many seconds."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def say(self, *pieces: bytes, shut: bool = False, seconds: float = 10) -> list[bytes]:
        """Return the first lines of all answers to bytes as they are, until the connection ends or is silent.

        `shut` ends what is sent (half a close). A connection that is reset says nothing more.
        """
        came = b""
        with closing(self.connect(seconds)) as connection:
            with suppress(OSError):  # it has answered already, and heard enough
                for piece in pieces:
                    connection.sendall(piece)
                if shut:
                    connection.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while heard := connection.recv(65536):
                    came += heard
        return [line for line in came.split(b"\r\n") if line.startswith(b"HTTP/")]

    def kill(self) -> None:
        """End the verb and its children as a power cut does."""
        assert self._running is not None
        os.killpg(self.pid, signal.SIGKILL)
        self._running.communicate()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Return the exit code, the seconds that it took to end, and what was said."""
        assert self._running is not None
        return end(self._running, number)

    def read(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of `outcomes` or `articles`."""
        return self.room.read(name)

    def close(self) -> None:
        """End all that is still running."""
        self.room.close()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """One that is settled, and not started."""
    opened = Receiver(tmp_path)
    yield opened
    opened.close()
