"""What an answer without a page, or none at all, means to the one who asked."""

import aiohttp

from connectors.fetching.guard import GuardedAddress
from connectors.fetching.headers import Headers
from connectors.fetching.page import Cause, FetchError

_GONE = (404, 410)
_PASSING = (408, 425)  # the server's own patience, not the address


def check_status(
    status: int, headers: Headers, *, conditional: bool, retry_after: float | None = None
) -> None:
    """Raise FetchError unless the status is a page's, or 304 to a conditional request."""
    cause: Cause
    if 200 <= status < 300 and status not in (204, 205, 206):
        return
    if status == 304 and conditional:
        return
    if status in _GONE:
        cause = "gone"
    elif status in (429, 503, *_PASSING):
        cause = "busy"
    elif 400 <= status < 500:
        cause = "forbidden"
    elif status in (300, 301, 302, 303, 307, 308):
        cause = "redirects"
    else:
        cause = "broken"
    detail = f"the server answers {status}"
    if status in (301, 302, 303, 307, 308) and "Location" not in headers:
        detail += " and does not say where to"
    raise FetchError(cause, detail, status=status, retry_after=retry_after)


def explain(error: aiohttp.ClientError | OSError) -> FetchError:
    """Return what an error of a connection means."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, GuardedAddress):
        return FetchError("guarded", f"not open to us: {error.os_error.why}")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError("unreachable", f"no such name, or nobody who knows it: {error.host}")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return FetchError("unreachable", f"its certificate is not to be trusted: {error.certificate_error}")
    if isinstance(error, aiohttp.ClientConnectorError):
        said = error.os_error.strerror or str(error.os_error) or type(error.os_error).__name__
        return FetchError("unreachable", f"no connection to {error.host}:{error.port}: {said}")
    if isinstance(error, aiohttp.ClientResponseError):
        return FetchError("broken", f"the answer is no HTTP: {one_line(error.message)}")
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError("address", f"no address to ask: {one_line(str(error))}")
    if isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str):
        # Its message is then what was read by then, as an object.
        return FetchError("unreachable", "the connection broke: the server hung up within its answer")
    return FetchError("unreachable", f"the connection broke: {one_line(str(error) or type(error).__name__)}")


def one_line(text: str) -> str:
    """Return the start of what somebody else says, so that it can stand in a line of ours."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:200]).split())
