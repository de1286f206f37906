"""An HTTP server on one address: what comes is answered whatever it is, and nobody keeps it from others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from connectors.receiving.connections import Connections
from connectors.receiving.problem import Refused, answer_refused

_LINGER = 5.0  # seconds for which the rest of a body is read and forgotten, so that the answer is heard
_KEEP_ALIVE = 30.0
_BACKLOG = 1024
_SILENT = logging.getLogger("naba.receiving")  # what is malformed is told its sender, in the answer
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server:
    """`handle` answers a request or raises Refused; of a defect in it `say` gets a line."""

    def __init__(self, handle: Handler, say: Callable[[str], None]) -> None:
        self._handle, self._say = handle, say
        self._server = web.Server(
            self._answer,
            access_log=None,
            logger=_SILENT,
            keepalive_timeout=_KEEP_ALIVE,
            lingering_time=_LINGER,
            auto_decompress=False,  # a signature is that of what came; and a bomb is ours to stop
        )
        self._connections = Connections(lambda: self._server.connections)
        self._socket: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; raises OSError where that cannot be."""
        loop = asyncio.get_running_loop()
        self._socket = await loop.create_server(self._server, host, port, backlog=_BACKLOG)
        self._watch = loop.create_task(self._connections.watch())

    async def close(self) -> None:
        """Take nothing new, and let what is being answered be answered within a second."""
        if self._socket is not None:
            self._socket.close()
        if self._watch is not None:
            self._watch.cancel()
        await self._server.shutdown(timeout=1.0)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self._connections.note_request(request.protocol)
        response = await self._respond(request)
        response.headers["Server"] = "naba"  # else the library's, with its version
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
