"""All that listens: one server for each address that a source names, and who is let in there."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from aiohttp import web

from connectors.polling.desk import NotListening
from connectors.polling.roster import Listed
from connectors.receiving.admission import Sender
from connectors.receiving.articles import Articles
from connectors.receiving.body import Bodies
from connectors.receiving.credentials import Credentials
from connectors.receiving.keep import Keep
from connectors.receiving.problem import Refused
from connectors.receiving.server import Server
from connectors.sources.kinds import Listening
from connectors.sources.receive import ReceiveSource
from connectors.websub.callback import Callback, is_callback
from schemas.address import Aliases

_DESCRIPTION = Path(__file__).with_name("openapi.json")


@dataclass(frozen=True, kw_only=True)
class ReceptionSettings:
    """`keep` is where pushes are safe, `roster` returns the sources that there are now.

    `callback` answers hubs, and `bodies` is the room that it shares with whoever pushes.
    """

    keep: Keep
    roster: Callable[[], Mapping[str, Listed]]
    callback: Callback
    bodies: Bodies
    zone: tzinfo
    aliases: Aliases
    say: Callable[[str], None]
    now: Callable[[], float]


class Reception:
    """Opened and closed with the collection; what could not be opened is tried by each look at its source."""

    def __init__(self, settings: ReceptionSettings) -> None:
        self._settings = settings
        self._credentials = Credentials()
        self._servers: dict[str, Server] = {}
        self._opening = asyncio.Lock()
        self._taken: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._articles = Articles(
            settings.keep,
            self._credentials,
            settings.zone,
            settings.aliases,
            self._count,
            settings.bodies,
            settings.now,
        )

    async def listen(self, name: str) -> tuple[int, int]:
        """See to it that the door of a source is open; return articles taken and refused since the last call.

        Raises NotListening.
        """
        source = self._settings.roster()[name].source
        assert isinstance(source, Listening)
        if isinstance(source, ReceiveSource):
            self._credentials.read(source)
        await self._open(source.listen)
        return self._taken.pop(name, 0), self._refused.pop(name, 0)

    async def open_all(self) -> list[str]:
        """Open the doors of all sources, and return a line for each that is not open.

        It is known who may push before anybody can, at those of paused ones as well.
        """
        sources = [one.source for one in self._settings.roster().values()]
        listening = [source for source in sources if isinstance(source, Listening)]
        wrong = []
        for source in listening:
            if isinstance(source, ReceiveSource):
                with suppress(NotListening):  # a look will tell
                    self._credentials.read(source)
        for source in listening:
            try:
                await self._open(source.listen)
            except NotListening as error:
                wrong.append(f"{source.name}: {error}")
        return wrong

    def take_counts(self) -> dict[str, tuple[int, int]]:
        """Return how many articles were taken and refused since the last look at each source."""
        names = self._taken.keys() | self._refused.keys()
        counts = {name: (self._taken[name], self._refused[name]) for name in names}
        self._taken.clear()
        self._refused.clear()
        return counts

    async def close(self) -> None:
        """Close all."""
        servers, self._servers = list(self._servers.values()), {}
        await asyncio.gather(*(server.close() for server in servers))

    async def _open(self, address: str) -> None:
        async with self._opening:
            if address not in self._servers:
                self._servers[address] = await self._make_server(address)

    async def _make_server(self, address: str) -> Server:
        host, _, port = address.rpartition(":")

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(address, request)

        server = Server(handle, self._settings.say)
        try:
            await server.open(host.strip("[]"), int(port))
        except (OSError, OverflowError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise NotListening(f"cannot listen on {address}: {why}") from None
        return server

    async def _answer(self, address: str, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/articles":
            _require(request, "POST")
            return await self._articles.take(request, self._find_senders(address))
        if request.path == "/openapi.json":
            _require(request, "GET", "HEAD")
            return web.Response(body=_DESCRIPTION.read_bytes(), content_type="application/json")
        if is_callback(request.path):
            return await self._settings.callback.answer(request)
        raise Refused(404, "there are /articles and /openapi.json")

    def _find_senders(self, address: str) -> list[Sender]:
        return [
            Sender(source=one.source, paused=one.standing.paused)
            for one in self._settings.roster().values()
            if isinstance(one.source, ReceiveSource) and one.source.listen == address
        ]

    def _count(self, source: str, taken: int, refused: int) -> None:
        self._taken[source] += taken
        self._refused[source] += refused


def _require(request: web.BaseRequest, *methods: str) -> None:
    if request.method not in methods:
        raise Refused(
            405, f"{request.method} is not for {request.path}", headers={"Allow": ", ".join(methods)}
        )
