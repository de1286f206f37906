"""A receiver of webhooks on loopback: it checks every message, and answers as well or badly as it is told.

Beside it a sink that writes until a batch is through.
"""

import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from connectors.broker.ports import find_port
from connectors.sink import Received, Refused, Sink, Unfinished

SECRET = "whsec_c2l4dGVlbiBmZXJyaWVzIGFuZCBhIGxpYnJhcnk="
Act = Callable[["Handler"], None]  # notes the message, and answers


class Whole:
    """Writes with another sink what that leaves unfinished too, as its owner would."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self.topics, self.close = sink, sink.topics, sink.close
        self.is_new = sink.is_new
        self._batch: Sequence[Received] = ()
        self._left: Sequence[Received] = ()
        self._refused: list[Refused] = []

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Come back with the whole batch; the same batch goes on where it was away."""
        if batch is not self._batch:
            self._batch, self._left, self._refused = batch, batch, []
        while self._left:
            try:
                self._refused += self._sink.write(self._left)
                self._left = ()
            except Unfinished as part:
                self._refused += part.refused
                self._left = self._left[part.count :]
        self._batch = ()
        return self._refused


@dataclass(frozen=True)
class Asked:
    """One request: its headers, its body as bytes and as JSON, and whether it was taken."""

    id: str
    headers: dict[str, str]
    body: bytes
    message: dict[str, Any]
    taken: bool


@dataclass
class Receiver:
    """Takes what is signed with one of `secrets`; `acts` are what it does first, by id or for any (`*`)."""

    secrets: tuple[str, ...] = (SECRET,)
    acts: dict[str, deque[Act]] = field(default_factory=lambda: defaultdict(deque))
    always: Act | None = None
    asked: list[Asked] = field(default_factory=list)
    unverified: int = 0
    busy: int = 0
    busiest: int = 0
    port: int = field(default_factory=find_port)

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/news"

    @property
    def taken(self) -> list[Asked]:
        return [one for one in self.asked if one.taken]

    def first(self, name: str, acts: Iterable[Act]) -> None:
        self.acts[name].extend(acts)

    def start(self) -> None:
        """Listen, each time at the same port."""
        self.stopping = threading.Event()
        self.server = Server(("127.0.0.1", self.port), self)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.server.hang_up()
        self.thread.join(10)

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()
        assert not self.unverified


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100

    def __init__(self, address: tuple[str, int], receiver: Receiver) -> None:
        self.receiver = receiver
        self.open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        accepted = super().get_request()
        self.open.add(accepted[0])
        return accepted

    def hang_up(self) -> None:
        for connection in self.open:
            with suppress(OSError):  # it is closed
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_about: Any) -> None:
        """Say nothing of connections that broke."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10
    server: Server
    note: Callable[[bool], None]

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        message: dict[str, Any] = {}
        try:
            for secret in receiver.secrets:
                message = Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            receiver.unverified += 1
            raise
        name = headers["webhook-id"]
        with receiver.lock:
            receiver.busy += 1
            receiver.busiest = max(receiver.busiest, receiver.busy)
            waiting = receiver.acts.get(name) or receiver.acts.get("*")
            act = waiting.popleft() if waiting else receiver.always or answer(204)
        self.note = partial(self.note_asked, name, headers, body, message)
        try:
            act(self)
        except OSError:
            self.close_connection = True  # the sender has hung up

    def note_asked(
        self, name: str, headers: dict[str, str], body: bytes, message: dict[str, Any], taken: bool
    ) -> None:
        """Note a message before it is answered: who waits for the answer finds it noted."""
        receiver = self.server.receiver
        with receiver.lock:
            receiver.busy -= 1
            receiver.asked.append(Asked(name, headers, body, message, taken))

    def do_GET(self) -> None:
        with self.server.receiver.lock:
            self.server.receiver.asked.append(Asked("GET", {}, b"", {}, False))
        answer(204)(self)

    def log_message(self, *_about: Any) -> None:
        """Say nothing."""


def answer(status: int, body: bytes = b"", after: float = 0.0, **headers: str) -> Act:
    """Answer with that status; `after` so many seconds."""

    def act(handler: Handler) -> None:
        handler.server.receiver.stopping.wait(after)
        handler.note(200 <= status < 300)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


def send(*pieces: bytes, every: float = 0.0, times: int = 1, taken: bool = False) -> Act:
    """Send bytes as they are, the last piece so many times, and hang up."""

    def act(handler: Handler) -> None:
        handler.close_connection = True
        handler.note(taken)
        until = time.monotonic() + 5
        for piece in (*pieces[:-1], *pieces[-1:] * times):
            if time.monotonic() > until or handler.server.receiver.stopping.is_set():
                break
            with suppress(ConnectionError):
                handler.wfile.write(piece)
            handler.server.receiver.stopping.wait(every)

    return act


def keep_open(*pieces: bytes, every: float) -> Act:
    """Take the message, answer with bytes as they are, and leave the connection open."""

    def act(handler: Handler) -> None:
        handler.note(True)
        for piece in pieces:
            handler.wfile.write(piece)
            handler.server.receiver.stopping.wait(every)

    return act
