"""`POST /articles`: who sends is known, what it sends is read, and it is told when that is safe."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from typing import Any

from aiohttp import web

from connectors.receiving.batch import KINDS, Malformed, NotAllowed, Push, read_push
from connectors.receiving.body import Bodies, unpack
from connectors.receiving.credentials import Credentials
from connectors.receiving.keep import Busy, Keep, Pushed
from connectors.receiving.problem import Refused, answer
from connectors.receiving.quota import Quotas
from connectors.receiving.replays import Replays
from connectors.receiving.request import read_key, read_token, read_url
from connectors.receiving.signature import BadSignature, Signed, read_signed
from connectors.receiving.tables import KeyReused
from connectors.sources.line import LineError
from connectors.sources.receive import ReceiveSource
from schemas.address import Aliases
from schemas.ids import hash_parts
from schemas.letter import INPUT, RAW_ID, Letter

_LARGE = 128 * 1024  # bytes of a body from which on it is read in a thread
_PAUSED = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who may push at an address."""

    source: ReceiveSource
    paused: bool


class Articles:
    """What is pushed at all addresses of the process; `count` is told of articles taken and refused."""

    def __init__(
        self,
        keep: Keep,
        credentials: Credentials,
        zone: tzinfo,
        aliases: Aliases,
        count: Callable[[str, int, int], None],
        bodies: Bodies,
        now: Callable[[], float],
    ) -> None:
        self._keep, self._credentials, self._count = keep, credentials, count
        self._zone, self._aliases, self._bodies, self._now = zone, aliases, bodies, now
        self._quotas, self._replays = Quotas(time.monotonic), Replays()

    async def take(self, request: web.BaseRequest, senders: list[Sender]) -> web.Response:
        """Return the answer to a push by one of `senders`; raises Refused."""
        signed = self._read_signed(request)
        token = None if signed else read_token(request.headers)
        if signed is None and token is None:
            raise _unauthorized("a bearer token or a signature of Standard Webhooks is needed")
        sender = self._find_by_token(token, senders) if token is not None else None
        if sender is not None:
            self._check(sender)
        if request.content_type.lower() not in KINDS:
            raise Refused(415, f"not one of {', '.join(KINDS)}", headers={"Accept": ", ".join(KINDS)})
        most = max(one.source.most_bytes for one in ([sender] if sender else senders))
        async with self._bodies.read(request, most) as body:
            if sender is None:
                assert signed is not None
                sender = self._find_by_signature(signed, body, senders)
                self._check(sender)
            push = _describe(request, body, sender.source, signed)
            results = await self._read(push)
            await self._safe_keep(push, results, sender.source)
        if signed is not None:
            self._replays.note(sender.source.name, signed, self._now())
        return _tell(results)

    def _read_signed(self, request: web.BaseRequest) -> Signed | None:
        try:
            return read_signed(request.headers, self._now())
        except BadSignature as error:
            raise _unauthorized(str(error)) from None

    def _find_by_token(self, token: str, senders: list[Sender]) -> Sender:
        for sender in senders:
            if self._credentials.owns_token(sender.source, token):
                return sender
        raise _unauthorized("this token is not known")

    def _find_by_signature(self, signed: Signed, body: bytes, senders: list[Sender]) -> Sender:
        for sender in senders:
            if self._credentials.has_signed(sender.source, signed, body):
                if len(body) > sender.source.most_bytes:
                    raise Refused(413, f"the body has more than {sender.source.most_bytes} bytes")
                if self._replays.has(sender.source.name, signed):
                    raise Refused(409, "this message was answered before; a further try is signed anew")
                return sender
        raise _unauthorized("the signature is not that of a known secret")

    def _check(self, sender: Sender) -> None:
        """Raise Refused where it is of no use to read what the sender has."""
        if sender.paused:
            raise Refused(503, f"{sender.source.name} is paused", retry_after=_PAUSED)
        self._check_quota(sender.source, 1)
        try:
            self._keep.check()
        except Busy as busy:
            raise Refused(503, str(busy), retry_after=busy.retry_after) from None

    def _check_quota(self, source: ReceiveSource, count: int) -> None:
        if source.quota is None:
            return
        if count > source.quota:
            raise Refused(413, f"{count} articles, at most {source.quota} a minute")
        wait = self._quotas.wait_for(source.name, source.quota, count)
        if wait > 0:
            raise Refused(429, f"more than {source.quota} articles a minute", retry_after=wait)

    async def _read(self, push: Push) -> list[Letter | LineError]:
        now = datetime.fromtimestamp(self._now(), UTC)
        try:
            if len(push.body) < _LARGE:
                return read_push(push, now, self._zone, self._aliases)
            return await asyncio.to_thread(read_push, push, now, self._zone, self._aliases)
        except Malformed as error:
            self._count(push.sender, 0, 1)
            raise Refused(413 if error.is_large else 400, str(error)) from None

    async def _safe_keep(self, push: Push, results: list[Letter | LineError], source: ReceiveSource) -> None:
        self._check_quota(source, len(results))
        letters = [one for one in results if isinstance(one, Letter)]
        wrong = [one for one in results if isinstance(one, LineError)]
        if not letters:
            self._count(source.name, 0, len(wrong))
            forbidden = all(isinstance(one, NotAllowed) for one in wrong)
            raise Refused(403 if forbidden else 400, "no article can be taken", more=_list(results))
        if source.quota is not None:
            self._quotas.take(source.name, source.quota, len(results))
        try:
            await self._keep.take(Pushed(source.name, push.key, push.digest, letters))
        except KeyReused as error:
            raise Refused(422, str(error)) from None
        except Busy as busy:
            raise Refused(503, str(busy), retry_after=busy.retry_after) from None
        self._count(source.name, len(letters), len(wrong))


def _describe(request: web.BaseRequest, body: bytes, source: ReceiveSource, signed: Signed | None) -> Push:
    # What is signed is the body and the id: another key would be anybody's word.
    key = signed.id if signed else read_key(request.headers)
    if signed:
        read_key({"Idempotency-Key": signed.id})
    url = read_url(request)
    kind = request.headers["Content-Type"]
    encoding = request.headers.get("Content-Encoding", "")
    whole = unpack(body, encoding, source.most_bytes) if encoding else body
    return Push(
        body=whole,
        content_type=kind,
        url=url,
        sender=source.name,
        key=key,
        digest=hash_parts("naba push body", kind, url or "", whole),
        hosts=source.hosts,
    )


def _tell(results: list[Letter | LineError]) -> web.Response:
    taken = sum(isinstance(one, Letter) for one in results)
    return answer(HTTPStatus.ACCEPTED, {"taken": taken, "refused": len(results) - taken, **_list(results)})


def _list(results: list[Letter | LineError]) -> Mapping[str, Any]:
    return {
        "results": [
            {
                "item": number,
                "status": "taken",
                "raw_id": result.headers[RAW_ID],
                "input": result.headers[INPUT],
            }
            if isinstance(result, Letter)
            else {"item": number, "status": "refused", "reason": result.reason, "detail": str(result)[:500]}
            for number, result in enumerate(results, start=1)
        ]
    }


def _unauthorized(why: str) -> Refused:
    return Refused(401, why, headers={"WWW-Authenticate": 'Bearer realm="naba"'})
