"""`POST /articles`: who sends is known, what it sends is read, and it is told when that is safe."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from typing import Any

from aiohttp import web

from connectors.receiving.admission import Admission, Sender
from connectors.receiving.batch import KINDS, NotAllowed, Push, read_push
from connectors.receiving.body import Bodies, Held, unpack
from connectors.receiving.credentials import Credentials
from connectors.receiving.keep import Busy, Keep, Pushed
from connectors.receiving.pieces import Malformed
from connectors.receiving.problem import Refused, answer
from connectors.receiving.request import read_key, read_url
from connectors.receiving.signature import Signed
from connectors.receiving.tables import KeyReused
from connectors.sources.line import LineError
from connectors.sources.receive import ReceiveSource
from schemas.address import Aliases
from schemas.ids import hash_parts
from schemas.letter import INPUT, RAW_ID, Letter

_LARGE = 128 * 1024  # bytes of a body from which on it is read in a thread
_MOST_LARGE = 1  # large bodies that are unpacked and read at once: each takes many times its size


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
        self._keep, self._count, self._bodies = keep, count, bodies
        self._zone, self._aliases, self._now = zone, aliases, now
        self._admission = Admission(credentials, keep, now)
        self._large = asyncio.Semaphore(_MOST_LARGE)

    async def take(self, request: web.BaseRequest, senders: list[Sender]) -> web.Response:
        """Return the answer to a push by one of `senders`; raises Refused."""
        source, signed = self._admission.read_head(request, senders)
        if request.content_type.lower() not in KINDS:
            raise Refused(415, f"not one of {', '.join(KINDS)}", headers={"Accept": ", ".join(KINDS)})
        most = max(one.most_bytes for one in ([source] if source else [one.source for one in senders]))
        async with self._bodies.read(request, most) as held:
            if source is None:
                assert signed is not None
                source = self._admission.find_signer(signed, held.body, senders)
            push, results = await self._read(request, held, source, signed)
            await self._safe_keep(push, results, source)
        if signed is not None:
            self._admission.note_answered(source, signed)
        return _tell(results)

    async def _read(
        self, request: web.BaseRequest, held: Held, source: ReceiveSource, signed: Signed | None
    ) -> tuple[Push, list[Letter | LineError]]:
        def read() -> tuple[Push, list[Letter | LineError]]:
            push = _describe(request, held.body, source, signed)
            return push, read_push(push, now, self._zone, self._aliases)

        now = datetime.fromtimestamp(self._now(), UTC)
        is_large = len(held.body) >= _LARGE or "Content-Encoding" in request.headers
        async with self._large if is_large else nullcontext():
            try:
                push, results = await asyncio.to_thread(read) if is_large else read()
            except Malformed as error:
                self._count(source.name, 0, 1)
                raise Refused(413 if error.is_large else 400, str(error)) from None
            self._bodies.count_unpacked(held, len(push.body))
        return push, results

    async def _safe_keep(self, push: Push, results: list[Letter | LineError], source: ReceiveSource) -> None:
        self._admission.check_quota(source, len(results))
        letters = [one for one in results if isinstance(one, Letter)]
        wrong = [one for one in results if isinstance(one, LineError)]
        if not letters:
            self._count(source.name, 0, len(wrong))
            forbidden = all(isinstance(one, NotAllowed) for one in wrong)
            raise Refused(403 if forbidden else 400, "no article can be taken", more=_list(results))
        self._admission.take_quota(source, len(results))
        try:
            await self._keep.take(Pushed(source.name, push.key, push.digest, letters))
        except KeyReused as error:
            self._admission.take_quota(source, -len(results))
            raise Refused(422, str(error)) from None
        except Busy as busy:
            self._admission.take_quota(source, -len(results))  # it comes again
            raise Refused(503, str(busy), retry_after=busy.retry_after) from None
        self._count(source.name, len(letters), len(wrong))


def _describe(request: web.BaseRequest, body: bytes, source: ReceiveSource, signed: Signed | None) -> Push:
    # What is signed is the body and the id: another key would be anybody's word.
    key = signed.id if signed else read_key(request.headers)
    if signed:
        read_key({"Idempotency-Key": signed.id})
    url = read_url(request)
    kind = request.headers["Content-Type"]
    if not kind.isascii():
        raise Refused(400, "Content-Type has characters beyond ASCII")
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
