"""One connection of a server: the library's, which tells when it begins and ends."""

import asyncio
from typing import Any

from aiohttp import web

from connectors.receiving.connections import Connections
from connectors.receiving.problem import Refused, answer_refused


class Connection(web.RequestHandler):
    """What is no HTTP is told as any other problem is, and not as the library tells it."""

    def __init__(self, connections: Connections, server: web.Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the connection."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._connections.note_open(self, transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note its end."""
        super().connection_lost(exc)
        self._connections.note_end(self)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,  # noqa: ARG002 - the library's name for it
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a request that cannot be read."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun")  # the connection ends without another
        self._connections.note_request(self)
        self._connections.note_answer(self, is_last=True)
        response = answer_refused(Refused(status, (message or "no HTTP").partition("\n")[0]))
        response.headers["Server"] = "naba"
        return response
