"""An HTTP server on one address: what comes is answered whatever it is, and nobody keeps it from others."""

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable

from aiohttp import web

from connectors.receiving.connection import Connection
from connectors.receiving.connections import Connections
from connectors.receiving.problem import Refused, answer_refused

_KEEP_ALIVE = 30.0
_LINGER = 2.0  # seconds for which the rest of a body is read and forgotten, so that the answer is heard
_BACKLOG = 1024
_MOST = 1000  # connections, where the process may open four times as many files
_MOST_HEADERS = 64
_LONGEST_HEADER = 8190  # bytes; so a head has 500 KB at most
_SILENT = logging.getLogger("naba.receiving")  # what is malformed is told its sender, in the answer
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server:
    """`handle` answers a request or raises Refused; of a defect in it `say` gets a line."""

    def __init__(
        self, handle: Handler, say: Callable[[str], None], connections: Connections | None = None
    ) -> None:
        self._handle, self._say = handle, say
        self._server = web.Server(self._answer)
        self._connections = connections or Connections(_count_allowed())
        self._socket: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; raises OSError where that cannot be."""
        loop = asyncio.get_running_loop()
        self._socket = await loop.create_server(self._connect, host, port, backlog=_BACKLOG)
        self._watch = loop.create_task(self._connections.watch())

    async def close(self) -> None:
        """Take nothing new, and let what is being answered be answered within a second."""
        if self._socket is not None:
            self._socket.close()
        if self._watch is not None:
            self._watch.cancel()
        self._connections.close_waiting()
        await asyncio.sleep(0)  # they end with the next turn, and need not be waited for
        await self._server.shutdown(timeout=1.0)

    def _connect(self) -> Connection:
        return Connection(
            self._connections,
            self._server,
            loop=asyncio.get_running_loop(),
            access_log=None,
            logger=_SILENT,
            keepalive_timeout=_KEEP_ALIVE,
            lingering_time=_LINGER,
            max_headers=_MOST_HEADERS,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            auto_decompress=False,  # a signature is that of what came; and a bomb is ours to stop
        )

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self._connections.note_request(request.protocol)
        response = await self._respond(request)
        response.headers["Server"] = "naba"  # else the library's, with its version
        if request.method != "POST":
            # Whoever brings nothing needs no credentials: and so no second question behind the first.
            response.force_close()
        self._connections.note_answer(request.protocol, is_last=response.keep_alive is False)
        return response

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._handle(request)
        except Refused as refused:
            return answer_refused(refused)
        except Exception as error:
            # A server that ends by one request is no server; the sender keeps what it has.
            self._say(f"a defect of naba: {type(error).__name__}: {error}")
            return answer_refused(Refused(500, "a defect of naba", retry_after=60))


def _count_allowed() -> int:
    return min(_MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4)
