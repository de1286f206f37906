"""The row of webhooks in `sink_speed.py`: the sink, and a bare aiohttp loop that posts as many at once.

Both post to the same receiver, a process of its own that reads each body and answers 204. The bare loop
makes the same messages as a script would, with the library of Standard Webhooks: it knows no order, no
answer but 2xx, and tries nothing again. What both spend in this process, by record, is printed too: of the
time, much is the receiver's.
"""

import asyncio
import atexit
import multiprocessing
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import aiohttp
import orjson
from aiohttp import web
from standardwebhooks import Webhook

from connectors.sink import Received
from connectors.sinks.webhook import WebhookSink
from tests.webhook_receiver import SECRET, Whole

AT_ONCE = 8
_MOST = 64 << 20  # bytes of a body


@cache
def start_receiver() -> str:
    """Return the address of a receiver that runs until the program ends."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    process = multiprocessing.get_context("fork").Process(target=_receive, args=(listening,), daemon=True)
    process.start()
    atexit.register(process.kill)
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


def write_webhook(folder: Path, batches: Sequence[Sequence[Received]]) -> None:
    """Write what the sink writes."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    settings = WebhookSink(name="a", url=start_receiver(), secret_file=str(secret), at_once=AT_ONCE)
    with _measured("sink", batches), closing(Whole(settings.open(print))) as sink:
        for batch in batches:
            if sink.write(batch):
                raise AssertionError("the receiver refuses nothing")


def write_posts(folder: Path, batches: Sequence[Sequence[Received]]) -> None:
    """Post the records as a script would."""
    with _measured("bare", batches):
        asyncio.run(_post_all(start_receiver(), batches))


async def _post_all(url: str, batches: Sequence[Sequence[Received]]) -> None:
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    webhook = Webhook(SECRET)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def work(items: list[Received]) -> None:
            while items:
                value = items.pop().letter.value
                record = orjson.loads(value)
                event = b"published" if record["revision"] == 1 else b"revised"
                body = b'{"type":"article.%s","timestamp":"%s","data":%s}' % (
                    event, record["fetched_at"].encode(), value,
                )  # fmt: skip
                now, name = datetime.now(UTC), f"article_{record['article_id']}_{record['revision']}"
                headers = {
                    "Content-Type": "application/json",
                    "webhook-id": name,
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": webhook.sign(name, now, body.decode()),
                }
                async with session.post(url, data=body, headers=headers) as answer:
                    answer.raise_for_status()
                    await answer.read()

        for batch in batches:
            items = list(reversed(batch))
            await asyncio.gather(*(work(items) for _ in range(AT_ONCE)))


@contextmanager
def _measured(name: str, batches: Sequence[Sequence[Received]]) -> Iterator[None]:
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    print(f"  {name}: {1e6 * took / sum(map(len, batches)):.0f} µs of CPU a record")


def _receive(listening: socket.socket) -> None:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    receiver = web.Application(client_max_size=_MOST)
    receiver.router.add_post("/", take)
    web.run_app(receiver, sock=listening, print=None, access_log=None)
