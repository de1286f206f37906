"""Ports that are free, and stay so."""

import socket
from pathlib import Path

import pytest

from connectors.broker.ports import check_port, find_port, is_free, is_open
from schemas.wrong_use import WrongUse


def test_a_found_port_is_free_and_not_one_that_the_system_gives_to_clients() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = {find_port() for _ in range(50)}
    assert all(is_free(port) for port in ports)
    assert max(ports) < first
    assert len(ports) > 40


def test_a_port_at_which_somebody_listens_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.broker.ports._PATIENCE_SECONDS", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert is_open(port)
        with pytest.raises(WrongUse, match=f"port {port} of 127.0.0.1 is taken"):
            check_port(port)
    assert not is_open(port)
    check_port(port)
