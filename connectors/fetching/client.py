"""One GET or POST with all that belongs to it: the gates of each hop, its turn, its time, its retries."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from connectors.fetching.address import Address, check_port, follow, read_address
from connectors.fetching.body import read_body
from connectors.fetching.deadline import Deadline
from connectors.fetching.explain import check_status, explain, one_line
from connectors.fetching.headers import Headers, read_retry_after
from connectors.fetching.pace import Pace, Turn
from connectors.fetching.page import FetchError
from connectors.fetching.retry import wait_before_retry

_MOST_REDIRECTS = 5
_MOST_LARGE = 16  # bodies over 256 KiB that are read at once: so memory does not depend on how many come
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEPS_METHOD = (307, 308)  # a form is not sent on by others (RFC 9110, 15.4)
_PERMANENT = (301, 308)

Admit = Callable[[Address], Awaitable[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came at the end of all redirects; `moved` where permanent ones alone led there."""

    address: Address
    status: int
    headers: Headers
    body: bytes
    moved: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    validators: Mapping[str, str]
    most_bytes: int
    cut: bool
    admit: Admit
    form: Mapping[str, str] | None = None

    @property
    def redirects(self) -> tuple[int, ...]:
        return _REDIRECTS if self.form is None else _KEEPS_METHOD


class Client:
    """Asks with one session for all; redirects are followed by hand, each through the same gates."""

    def __init__(
        self, session: aiohttp.ClientSession, pace: Pace, seconds: float, own: Collection[str]
    ) -> None:
        """Take the time for one answer in seconds, and the authorities of `own` whose ports are open."""
        self._session, self._pace, self._seconds, self._own = session, pace, seconds, own
        self._large = asyncio.Semaphore(_MOST_LARGE)

    async def get(
        self,
        url: str,
        *,
        admit: Admit,
        validators: Mapping[str, str],
        most_bytes: int,
        cut: bool = False,
    ) -> Answer:
        """Return the answer, 2xx or 304; everything else raises FetchError.

        `admit` is asked before each hop, and returns the pause that the host wants in seconds;
        `validators` are headers for the authority of `url` alone; with `cut` a body that is too
        large is returned as far as it may come.
        """
        wish = _Wish(validators=validators, most_bytes=most_bytes, cut=cut, admit=admit)
        return await self._follow(url, wish)

    async def post(self, url: str, form: Mapping[str, str], *, admit: Admit, most_bytes: int) -> Answer:
        """Return the answer to a form, any 2xx, with as much of its body as may come.

        Everything else raises FetchError with what the server says of it. It is sent once: whoever
        posts knows whether twice is once.
        """
        wish = _Wish(validators={}, most_bytes=most_bytes, cut=True, admit=admit, form=form)
        return await self._follow(url, wish)

    async def _follow(self, url: str, wish: _Wish) -> Answer:
        first = address = read_address(url)
        unconditional = replace(wish, validators={})
        deadline = Deadline(self._seconds)
        met, moved = {address.url}, True
        while True:
            check_port(address, self._own)
            own = address.authority == first.authority
            answer = await self._try(address, wish if own else unconditional, deadline)
            if answer.status not in wish.redirects:
                moved = moved and len(met) > 1
                return Answer(
                    address=address,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    moved=moved,
                )
            target = follow(address, answer.headers["Location"])
            if target.url in met:
                raise FetchError("redirects", f"redirected in a circle, by {address.url[:200]}")
            if wish.form is not None and address.secure and not target.secure:
                raise FetchError("redirects", "redirected out of https, and a form may hold a secret")
            if len(met) > _MOST_REDIRECTS:
                raise FetchError("redirects", f"redirected more than {_MOST_REDIRECTS} times")
            met.add(target.url)
            moved = moved and is_lasting_move(answer.status, address, target)
            address = target

    async def _try(self, address: Address, wish: _Wish, deadline: Deadline) -> Answer:
        tries = 0
        while True:
            tries += 1
            try:
                self._pace.check(address.authority)
                pause = await wish.admit(address)
                async with self._pace.turn(address.authority, pause) as turn, deadline.running():
                    return await self._ask(address, wish, turn)
            except FetchError as error:
                wait = wait_before_retry(error, tries) if wish.form is None else None
                if wait is None:
                    raise
            await asyncio.sleep(wait)

    async def _ask(self, address: Address, wish: _Wish, turn: Turn) -> Answer:
        # A connection kept for each of thousands of hosts would be more files than a process may open.
        closing = {"Connection": "close"} if self._pace.is_crowded else {}
        try:
            async with self._session.request(
                "GET" if wish.form is None else "POST",
                # Encoded as it is: yarl would write some addresses in another way.
                URL(address.url, encoded=True),
                headers={**wish.validators, **closing},
                data=wish.form,
                allow_redirects=False,
            ) as response:
                turn.note_answer()
                status, headers, body = response.status, response.headers, b""
                if wish.form is not None and (status not in wish.redirects or "Location" not in headers):
                    body = await read_body(response, wish.most_bytes, self._large, cut=True)
                    self._check_reply(address, response, body)
                elif status not in wish.redirects or "Location" not in headers:
                    self._check(address, response, conditional=bool(wish.validators))
                    if status != 304:
                        body = await read_body(response, wish.most_bytes, self._large, cut=wish.cut)
                    if not body and 200 < status < 300:
                        # What is accepted, and not there, comes from what keeps robots out.
                        raise FetchError("broken", f"the server answers {status} with nothing", status=status)
                return Answer(address=address, status=status, headers=headers, body=body)
        except (aiohttp.ClientError, OSError) as error:
            raise explain(error) from error

    def _check(self, address: Address, response: aiohttp.ClientResponse, *, conditional: bool) -> None:
        retry_after = read_retry_after(response.headers, datetime.now(UTC))
        if response.status in (429, 503) and retry_after is not None:
            self._pace.close(address.authority, retry_after)
        check_status(response.status, response.headers, conditional=conditional, retry_after=retry_after)

    def _check_reply(self, address: Address, response: aiohttp.ClientResponse, body: bytes) -> None:
        if 200 <= response.status < 300:
            return
        try:
            self._check(address, response, conditional=False)
        except FetchError as error:
            said = one_line(body.decode("utf-8", "replace"))
            raise FetchError(
                error.cause,
                f"{error}: {said}" if said else str(error),
                status=error.status,
                retry_after=error.retry_after,
            ) from None


def is_lasting_move(status: int, source: Address, target: Address) -> bool:
    """Return whether a redirect says that `target` is the address from now on."""
    # From https to http anyone on the way may have sent us: that is nothing to remember.
    return status in _PERMANENT and (target.secure or not source.secure)
