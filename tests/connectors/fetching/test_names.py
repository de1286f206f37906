"""Lookups by the system: what it finds, what it does not, and many at once."""

import asyncio
import socket

import pytest

from connectors.fetching.names import Names


def resolve(host: str) -> list[tuple[str, int, int]]:
    async def run() -> list[tuple[str, int, int]]:
        found = await Names().resolve(host, 8080, socket.AF_UNSPEC)
        return [(one["host"], one["port"], one["family"]) for one in found]

    return asyncio.run(run())


def test_a_name_is_found_with_its_port_and_family() -> None:
    assert ("127.0.0.1", 8080, socket.AF_INET) in resolve("localhost")


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example", ".".join(["harbour"] * 60)])
def test_what_can_be_no_name_is_an_error_of_the_network(host: str) -> None:
    with pytest.raises(OSError):
        resolve(host)


def test_more_names_than_threads_are_found_all_the_same() -> None:
    async def run() -> int:
        names = Names()
        return len(await asyncio.gather(*(names.resolve("localhost", number) for number in range(300))))

    assert asyncio.run(run()) == 300
