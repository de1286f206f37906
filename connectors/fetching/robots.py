"""robots.txt: whether a host lets us in, by RFC 9309, and how seldom it wants to be asked."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from protego import Protego

from connectors.fetching.address import Address
from connectors.fetching.headers import DAY
from connectors.fetching.kept import Kept
from connectors.fetching.page import Cause, FetchError

TOKEN = "naba"  # noqa: S105 - the name by which robots.txt knows us
MOST_BYTES = 500 * 1024  # of a robots.txt that are read: as many as RFC 9309 asks for
_LEAST = 600.0  # seconds for which a robots.txt holds at least, whatever its max-age
_FAILURE = 300.0  # seconds for which one that cannot be had shuts the host
_LEAST_FAILURE = 60.0
_TEXTS = (10_000, 64 << 20)  # hosts, and bytes of their packed texts
_RULES = (2_000, 2 << 20)  # in memory rules take up to fifty times their text, and are soon read again


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    until: float
    packed: bytes = b""  # the text; empty where everything is allowed
    shut: Cause | None = None
    why: str = ""


class Robots:
    """Asks each host once for all that want to know, and remembers it for up to a day."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[tuple[bytes, float | None]]],
        clock: Callable[[], float],
    ) -> None:
        """Take what fetches an address, and returns its body and how long it is fresh in seconds."""
        self._read, self._clock = read, clock
        self._texts: Kept[_Known] = Kept(*_TEXTS)
        self._rules: Kept[Protego] = Kept(*_RULES)
        self._asked: dict[str, asyncio.Task[_Known]] = {}

    async def admit(self, address: Address) -> float:
        """Return the pause in seconds that the host wants between two requests (Crawl-delay), at most a day.

        Raises FetchError (robots) where it does not let us in. One that cannot be had lets nobody in
        for some minutes: `retry_after`.
        """
        known = await self._know(address)
        if known.shut is not None:
            left = None if known.shut == "guarded" else max(known.until - self._clock(), 0.0)
            raise FetchError(known.shut, known.why, retry_after=left)
        if not known.packed:
            return 0.0
        rules = self._parse(address.origin, known.packed)
        if not rules.can_fetch(address.url, TOKEN):
            raise FetchError("robots", f"robots.txt of {address.host} does not let us in")
        return min(rules.crawl_delay(TOKEN) or 0.0, DAY)

    async def close(self) -> None:
        """Break off what is being asked for."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _know(self, address: Address) -> _Known:
        origin = address.origin
        known = self._texts.get(origin)
        if known is not None and self._clock() < known.until:
            return known
        task = self._asked.get(origin)
        if task is None:
            task = self._asked[origin] = asyncio.create_task(self._ask(address, known))
            task.add_done_callback(lambda _: self._asked.pop(origin, None))
        # Whoever began to ask may be cancelled: the others still want to know.
        return await asyncio.shield(task)

    async def _ask(self, address: Address, before: _Known | None) -> _Known:
        try:
            body, max_age = await self._read(f"{address.origin}/robots.txt")
        except FetchError as error:
            known = self._fail(address, error, before)
        else:
            age = DAY if max_age is None else min(max(max_age, _LEAST), DAY)
            if len(body) >= MOST_BYTES:
                body = body.rpartition(b"\n")[0]  # half a rule may allow what the whole one does not
            packed = zlib.compress(body) if body.strip() else b""
            known = _Known(until=self._clock() + age, packed=packed)
        self._rules.drop(address.origin)
        self._texts.put(address.origin, known, len(known.packed))
        return known

    def _fail(self, address: Address, error: FetchError, before: _Known | None) -> _Known:
        now = self._clock()
        # 429 is a 4xx, and no sign that there are no rules: the host is busy, as with a 5xx.
        if error.cause in ("gone", "forbidden", "redirects", "address"):
            return _Known(until=now + DAY)
        until = now + min(max(error.retry_after or _FAILURE, _LEAST_FAILURE), _FAILURE)
        if error.cause == "guarded":
            return _Known(until=until, shut="guarded", why=str(error))
        if before is not None and before.shut is None:
            return replace(before, until=until)  # RFC 9309, 2.4: known rules hold on while they cannot be had
        # A host that is down is down: only where it could answer is it robots.txt that keeps us out.
        shut = error.cause if error.cause in ("unreachable", "slow", "busy", "broken") else "robots"
        return _Known(until=until, shut=shut, why=f"robots.txt of {address.host} cannot be had: {error}")

    def _parse(self, origin: str, packed: bytes) -> Protego:
        rules = self._rules.get(origin)
        if rules is None:
            text = zlib.decompress(packed)
            rules = Protego.parse(text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
            self._rules.put(origin, rules, len(text))
        return rules
