"""Who is let in: by a token before the body is read, by a signature behind it; and how much of each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from connectors.receiving.credentials import Credentials
from connectors.receiving.keep import Busy, Keep
from connectors.receiving.problem import Refused
from connectors.receiving.quota import Quotas
from connectors.receiving.replays import Replays
from connectors.receiving.request import read_token
from connectors.receiving.signature import BadSignature, Signed, read_signed
from connectors.sources.receive import ReceiveSource

_PAUSED = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who may push at an address."""

    source: ReceiveSource
    paused: bool


class Admission:
    """Everything here raises Refused for who is not let in, or not now."""

    def __init__(self, credentials: Credentials, keep: Keep, now: Callable[[], float]) -> None:
        self._credentials, self._keep, self._now = credentials, keep, now
        self._quotas, self._replays = Quotas(time.monotonic), Replays()

    def read_head(
        self, request: web.BaseRequest, senders: list[Sender]
    ) -> tuple[ReceiveSource | None, Signed | None]:
        """Return whose token came, or what is said to be signed: one of the two."""
        if not senders:
            raise Refused(404, "nobody pushes articles here")
        token = read_token(request.headers)
        if token is None and any(self._credentials.has_secrets(sender.source) for sender in senders):
            try:
                signed = read_signed(request.headers, self._now())
            except BadSignature as error:
                raise _unauthorized(str(error)) from None
            if signed is not None:
                return None, signed
        for sender in senders:
            if token is not None and self._credentials.owns_token(sender.source, token):
                return self._admit(sender), None
        self._require_readable(senders)
        if token is None:
            raise _unauthorized("a bearer token or a signature of Standard Webhooks is needed")
        raise _unauthorized("this token is not known")

    def find_signer(self, signed: Signed, body: bytes, senders: list[Sender]) -> ReceiveSource:
        """Return who has signed a message."""
        for sender in senders:
            if self._credentials.has_signed(sender.source, signed, body):
                if len(body) > sender.source.most_bytes:
                    raise Refused(413, f"the body has more than {sender.source.most_bytes} bytes")
                if self._replays.has(sender.source.name, signed):
                    raise Refused(409, "this message was answered before; a further try is signed anew")
                return self._admit(sender)
        self._require_readable(senders)
        raise _unauthorized("the signature is not that of a known secret")

    def check_quota(self, source: ReceiveSource, count: int) -> None:
        """Come back where so many articles may be taken now."""
        if source.quota is None:
            return
        if count > source.quota:
            raise Refused(413, f"{count} articles, at most {source.quota} a minute")
        wait = self._quotas.wait_for(source.name, source.quota, count)
        if wait > 0:
            raise Refused(429, f"more than {source.quota} articles a minute", retry_after=wait)

    def take_quota(self, source: ReceiveSource, count: int) -> None:
        """Note that so many articles came."""
        if source.quota is not None:
            self._quotas.take(source.name, source.quota, count)

    def note_answered(self, source: ReceiveSource, signed: Signed) -> None:
        """Note that a message is answered with 2xx: it is not taken once more."""
        self._replays.note(source.name, signed, self._now())

    def _require_readable(self, senders: list[Sender]) -> None:
        # Whoever is told that a credential is unknown may give up: not while it could be a known one.
        if not all(self._credentials.are_readable(sender.source) for sender in senders):
            raise Refused(503, "the credentials of a source cannot be read now", retry_after=10)

    def _admit(self, sender: Sender) -> ReceiveSource:
        if sender.paused:
            raise Refused(503, f"{sender.source.name} is paused", retry_after=_PAUSED)
        self.check_quota(sender.source, 1)
        try:
            self._keep.check()
        except Busy as busy:
            raise Refused(503, str(busy), retry_after=busy.retry_after) from None
        return sender.source


def _unauthorized(why: str) -> Refused:
    return Refused(401, why, headers={"WWW-Authenticate": 'Bearer realm="naba"'})
