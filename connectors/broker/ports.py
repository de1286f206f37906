"""Ports of this machine that nobody listens at."""

import errno
import random
import socket
import time
from pathlib import Path

from schemas.wrong_use import WrongUse

LOOPBACK = "127.0.0.1"
_PATIENCE_SECONDS = 2.0  # a process that was killed gives its ports back a moment later


def find_port() -> int:
    """Return a free port; raises OSError where none can be found.

    It is taken from below the range from which the system serves itself: a client that tries and
    tries again to reach a broker that is away would at last be given that very port, and connect
    to itself.
    """
    for _ in range(200):
        port = random.randrange(10_000, _first_ephemeral())  # noqa: S311, no secret
        if is_free(port):
            return port
    raise OSError(errno.EADDRINUSE, "no free port was found")


def check_port(port: int) -> None:
    """Raise WrongUse where somebody listens at `port`."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not is_free(port):
        if time.monotonic() > until:
            raise WrongUse(f"port {port} of {LOOPBACK} is taken; name another one with --port")
        time.sleep(0.05)


def is_free(port: int) -> bool:
    """Tell whether a broker could listen at `port`."""
    with socket.socket() as probe:
        # As Java does: a connection of yesterday that still lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except PermissionError:
            raise WrongUse(f"port {port}: only root may listen there; name another one with --port") from None
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """Tell whether somebody accepts connections at `port`."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _first_ephemeral() -> int:
    try:
        return max(int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]), 10_100)
    except (OSError, ValueError, IndexError):
        return 32_768
