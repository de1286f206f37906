"""What came of one request: a page, or why there is none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Cause = Literal[
    "address",  # no http(s) address, or one with a port that is not open to us
    "guarded",  # leads to the inside: loopback, private, link-local …
    "robots",  # robots.txt does not let us in, or cannot be had (RFC 9309)
    "unreachable",  # no such name, nobody listens, the connection broke
    "slow",  # not done within its time
    "redirects",  # more than five, or a circle
    "too_large",  # on the wire or unpacked
    "encoding",  # compressed in a way that cannot be undone
    "gone",  # 404 or 410
    "forbidden",  # 401, 403, 451 and the like: asking again will not help
    "busy",  # 429 or 503
    "broken",  # any other 5xx
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What an address gave: its body, or `not_modified`, and what the server said of it.

    `url` is where the body came from, behind redirects; `moved_to` is set where permanent redirects
    alone (301, 308) led there. `max_age` is how many seconds it may be kept (RFC 9111), `links` are
    its Link headers (RFC 8288) as they came.
    """

    asked: str
    url: str
    status: int
    body: bytes = b""
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    max_age: float | None = None
    moved_to: str | None = None
    links: tuple[str, ...] = ()
    fetched_at: datetime

    @property
    def not_modified(self) -> bool:
        """Return whether it is as the validators say that we know it."""
        return self.status == 304


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a form was answered with: `url` is who answered, behind redirects; the text may be cut off."""

    url: str
    status: int
    text: str


class FetchError(Exception):
    """No page: `cause` says why in a word, the message in a line; `status` where a server answered.

    `retry_after` is how many seconds the server wants to be left alone.
    """

    def __init__(
        self, cause: Cause, detail: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.cause = cause
        self.status = status
        self.retry_after = retry_after

    @property
    def lasting(self) -> bool:
        """Return whether asking again soon is of no use."""
        return self.cause in (
            "address",
            "guarded",
            "robots",
            "redirects",
            "too_large",
            "encoding",
            "gone",
            "forbidden",
        )
