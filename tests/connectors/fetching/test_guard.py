"""The gate: no spelling, name, redirect or change of a name leads to the inside."""

import asyncio

import pytest

from connectors.fetching.fetcher import Fetcher
from connectors.fetching.guard import forbid
from connectors.fetching.page import FetchError
from connectors.fetching.settings import FetchSettings
from tests.connectors.fetching.site import Hosts, Site, answer, fetching

OPEN = [
    "93.184.215.14",
    "2606:4700::6810:84e5",
    "::ffff:93.184.215.14",
    "64:ff9b::5db8:d70e",
    "2002:5db8:d70e::1",
]
INSIDE = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.0.1": "private",
    "100.64.0.1": "shared",
    "::1": "loopback",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "2002:7f00:1::": "loopback",
    "2002:a00:1::": "private",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::c0a8:1": "private",
}
NEVER = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "reserved",
    "::": "unspecified",
    "169.254.169.254": "metadata",
    "169.254.1.1": "link-local",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "fd00:ec2::254": "metadata",
    "fd20:ce::254": "metadata",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "ff02::1": "multicast",
    "255.255.255.255": "broadcast",
    "240.0.0.1": "reserved",
    "192.0.0.192": "metadata",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarks",
    "2001:db8::1": "documentation",
    "100::1": "reserved",
    "4000::1": "reserved",
    "::127.0.0.1": "reserved",
    "::ffff:0:127.0.0.1": "reserved",
    "::ffff:169.254.169.254": "metadata",
    "::ffff:0.0.0.0": "unspecified",
    "2002:a9fe:a9fe::1": "metadata",
    "64:ff9b::a9fe:a9fe": "metadata",
    "64:ff9b::e000:1": "multicast",
    "64:ff9b:1::7f00:1": "NAT64",
    "64:ff9b:1::5db8:d70e": "NAT64",
    "2001:0:5db8:d70e:0:0:80ff:fffe": "Teredo",
    "localhost": "no address",
    "": "no address",
}


@pytest.mark.parametrize("address", OPEN)
def test_what_lies_outside_is_open(address: str) -> None:
    assert forbid(address, allow_private=False) is None
    assert forbid(address, allow_private=True) is None


@pytest.mark.parametrize("address", INSIDE)
def test_what_lies_inside_is_open_only_where_the_settings_say_so(address: str) -> None:
    assert INSIDE[address] in str(forbid(address, allow_private=False))
    assert forbid(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_what_is_nobodys_site_is_never_open(address: str) -> None:
    assert NEVER[address] in str(forbid(address, allow_private=False))
    assert NEVER[address] in str(forbid(address, allow_private=True))


SPELLINGS = {
    "plain": "127.0.0.1",
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "octal as one number": "017700000001",
    "hexadecimal": "0x7f000001",
    "hexadecimal by parts": "0x7f.0x0.0x0.0x1",
    "short": "127.1",
    "short by three": "127.0.1",
    "another of its network": "127.77.0.3",
    "zero": "0",
    "unspecified": "0.0.0.0",
    "trailing dot": "127.0.0.1.",
    "percent-encoded": "%31%32%37.0.0.1",
    "circled digits": "①②⑦.⓪.⓪.①",
    "full-width digits": "１２７.０.０.１",
    "ideographic full stops": "127。0。0。1",
    "version 6": "[::1]",
    "version 6 in full": "[0:0:0:0:0:0:0:1]",
    "version 6 unspecified": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped in hexadecimal": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "6to4": "[2002:7f00:1::]",
    "NAT64": "[64:ff9b::7f00:1]",
    "by name": "localhost",
    "by name with a dot": "localhost.",
    "by name in capitals": "LOCALHOST",
    "by a name below it": "a.localhost",
    "a user before it": "harbour.example@127.0.0.1",
    "a user and a password": "harbour.example:80@127.0.0.1",
    "a public name that leads there": "inside.harbour.example",
}


@pytest.mark.parametrize("host", SPELLINGS.values(), ids=SPELLINGS)
def test_no_spelling_of_loopback_gets_through(host: str) -> None:
    async def run() -> Site:
        async with Site({"/": answer(200, b"inside")}) as site:
            # The port is open, so that nothing but the gate is in the way.
            url = site.url(host=host)
            async with fetching(own=(url,), allow_private=False) as fetcher:
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(url)
                assert raised.value.cause == "guarded", raised.value
            return site

    site = asyncio.run(run())
    assert (site.connections, site.log) == (0, [])


def test_the_system_s_own_names_are_guarded_too() -> None:
    async def run() -> Site:
        async with Site({"/": answer(200, b"inside")}) as site:
            url = site.url(host="localhost")
            async with Fetcher(FetchSettings(), [url]) as fetcher:
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(url)
                assert raised.value.cause == "guarded", raised.value
            return site

    assert asyncio.run(run()).connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://0/",
        "http://224.0.0.1/",
        "http://2852039166/",
        "http://metadata.harbour.example/",
    ],
)
def test_a_redirect_to_the_cloud_s_metadata_is_not_followed_even_within_an_intranet(location: str) -> None:
    async def run() -> FetchError:
        hosts = Hosts(metadata_harbour_example=["169.254.169.254"])
        async with Site({"/": answer(302, b"", f"Location: {location}")}) as site:
            async with fetching(site, host="harbour.example", hosts=hosts) as fetcher:
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(site.url(host="harbour.example"))
            assert site.paths == ["/"]
            return raised.value

    assert asyncio.run(run()).cause == "guarded"


def test_a_name_that_leads_outside_first_and_inside_then_is_judged_each_time() -> None:
    # What is judged is the address of each socket, so no answer before helps a later one. "Outside"
    # is loopback here, which is open in an intranet, and "inside" an address that never is.
    async def run() -> tuple[Hosts, list[str], FetchError]:
        hosts = Hosts(harbour_example=["127.0.0.1", "169.254.169.254"])
        async with Site() as site, Site({"/": answer(200, b"secrets")}) as other:
            site.answers["/"] = answer(302, b"", f"Location: {other.url(host='harbour.example')}")
            async with fetching(site, other, host="harbour.example", hosts=hosts) as fetcher:
                with pytest.raises(FetchError) as raised:
                    await fetcher.fetch(site.url(host="harbour.example"))
            assert other.connections == 0
            return hosts, site.paths, raised.value

    hosts, paths, error = asyncio.run(run())
    assert hosts.asked == ["harbour.example", "harbour.example"]
    assert (paths, error.cause) == (["/"], "guarded")


@pytest.mark.parametrize(
    ("addresses", "cause"),
    [("169.254.169.254 fe80::1 0.0.0.0", "guarded"), ("169.254.169.254 127.0.0.1", None)],
    ids=["all shut", "one of them open"],
)
def test_of_a_name_with_several_addresses_only_the_open_ones_are_asked(
    addresses: str, cause: str | None
) -> None:
    async def run() -> str | None:
        hosts = Hosts(harbour_example=[addresses])
        async with (
            Site({"/": answer(200, b"news")}) as site,
            fetching(site, host="harbour.example", hosts=hosts) as fetcher,
        ):
            try:
                await fetcher.fetch(site.url(host="harbour.example"))
            except FetchError as error:
                return error.cause
            return None

    assert asyncio.run(run()) == cause
