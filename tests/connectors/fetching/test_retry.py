"""Retries: for what may pass within seconds, and for nothing else."""

import socket
import ssl
from typing import get_args

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from connectors.fetching.page import Cause, FetchError
from connectors.fetching.retry import wait_before_retry

KEY = ConnectionKey("harbour.example", 443, True, True, None, None, None)


def caused(by: Exception) -> FetchError:
    error = FetchError("unreachable", "no connection")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (FetchError("broken", "502", status=502), True),
        (FetchError("busy", "503", status=503), True),
        (FetchError("unreachable", "reset"), True),
        (caused(aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_AGAIN, "later"))), True),
        (caused(aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "none"))), False),
        (caused(aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError())), False),
        (FetchError("busy", "503", status=503, retry_after=1.0), False),
        (FetchError("busy", "429", status=429), False),
        (FetchError("broken", "no HTTP"), False),
        *(
            (FetchError(cause, cause), False)
            for cause in get_args(Cause)
            if cause != "unreachable"
        ),
    ],
    ids=str,
)  # fmt: skip
def test_only_what_may_pass_is_tried_again(error: FetchError, passes: bool) -> None:
    wait = wait_before_retry(error, 1)
    assert (wait is not None) == passes


def test_it_is_tried_three_times_with_growing_jittered_pauses() -> None:
    cause: Cause = "unreachable"
    first = [wait_before_retry(FetchError(cause, ""), 1) for _ in range(200)]
    second = [wait_before_retry(FetchError(cause, ""), 2) for _ in range(200)]
    assert 0.5 < max(wait for wait in first if wait is not None) <= 1
    assert 2 < max(wait for wait in second if wait is not None) <= 4
    assert min(wait for wait in second if wait is not None) < 1
    assert wait_before_retry(FetchError(cause, ""), 3) is None
