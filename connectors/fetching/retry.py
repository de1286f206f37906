"""Which failures pass by themselves within seconds, and how long to wait for that."""

import random
import socket

import aiohttp

from connectors.fetching.page import FetchError

_PAUSES = (1.0, 4.0)  # seconds before the second and the third try, at most


def wait_before_retry(error: FetchError, tries: int) -> float | None:
    """Return the seconds to wait after so many tries, None where trying again is of no use.

    Broken connections and 5xx without Retry-After may pass. A slow host has cost its whole time.
    """
    if tries > len(_PAUSES) or error.retry_after is not None or not _may_pass(error):
        return None
    # Full jitter: many that failed together do not come back together.
    return random.uniform(0, _PAUSES[tries - 1])  # noqa: S311


def _may_pass(error: FetchError) -> bool:
    if error.status is not None:
        return 500 <= error.status < 600 and error.cause in ("busy", "broken")
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        # A name that does not exist will not exist in a second; one that could not be asked for may.
        return getattr(cause.os_error, "errno", None) == socket.EAI_AGAIN
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return False
    return error.cause == "unreachable"
