"""A request that is not granted: its status and why (RFC 9110), told as RFC 9457 has it."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from aiohttp import web


class Refused(Exception):
    """What a sender is told: the status, a line, and (`retry_after`, seconds) when to come again."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.retry_after = status, retry_after
        self.headers, self.more = headers or {}, more or {}


def answer(status: int, body: Mapping[str, Any], kind: str = "application/json") -> web.Response:
    """Return an answer of JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type=kind)


def answer_refused(refused: Refused) -> web.Response:
    """Return the answer to a request that is not granted. The connection ends with it."""
    title = HTTPStatus(refused.status).phrase
    # What is quoted of a header may hold what is no text.
    detail = str(refused).encode("utf-8", "backslashreplace").decode()
    told = {"type": "about:blank", "title": title, "status": refused.status, "detail": detail}
    response = answer(refused.status, told | dict(refused.more), "application/problem+json")
    response.headers.update(refused.headers)
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, ceil(refused.retry_after)))
    # Whoever is refused may have more to send than anybody wants to read.
    response.force_close()
    return response
