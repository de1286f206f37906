"""The one gate to the network: every socket asks here whether its address is open to us."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohappyeyeballs.types import AddrInfoType, SocketFactoryType

_Address = IPv4Address | IPv6Address

# `is_global` is not enough: Python 3.11 calls translated loopback, site-local and multicast global.
_PRIVATE = [
    (ip_network(text), what)
    for text, what in [
        ("127.0.0.0/8", "loopback"),
        ("::1/128", "loopback"),
        ("10.0.0.0/8", "private"),
        ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"),
        ("100.64.0.0/10", "shared"),
        ("fc00::/7", "private"),
    ]
]
_SHUT = [
    (ip_network(text), what)
    for text, what in [
        # Where clouds tell a machine its secrets; some lie within ranges that are else open.
        ("169.254.169.254/32", "a cloud's metadata"),
        ("100.100.100.200/32", "a cloud's metadata"),
        ("168.63.129.16/32", "a cloud's metadata"),
        ("192.0.0.192/32", "a cloud's metadata"),
        ("fd00:ec2::/64", "a cloud's metadata"),
        ("fd20:ce::/64", "a cloud's metadata"),
        ("169.254.0.0/16", "link-local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("224.0.0.0/4", "multicast"),
        ("ff00::/8", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("0.0.0.0/32", "unspecified"),
        ("::/128", "unspecified"),
        ("0.0.0.0/8", "reserved"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "reserved"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("240.0.0.0/4", "reserved"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        # For translation within one site (RFC 8215): nobody's news are behind it.
        ("64:ff9b:1::/48", "NAT64 within a site"),
    ]
]
_UNICAST = IPv6Network("2000::/3")  # all that is given to anybody in the public net
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


class GuardedAddress(OSError):
    """Raised for a socket to an address that is not open to us; `why` says which and why."""

    def __init__(self, why: str) -> None:
        # The same words for all: of several errors aiohttp keeps the class only if they read alike.
        super().__init__("not open to us")
        self.why = why


def forbid(address: _Address | str, allow_private: bool) -> str | None:
    """Return why an address is shut, None where it is open.

    `allow_private` opens loopback, private (RFC 1918, RFC 4193) and shared (RFC 6598) addresses, never
    link-local, multicast, unspecified and reserved ones. An IPv4 address within an IPv6 one is judged too.
    """
    try:
        address = ip_address(address)
    except ValueError:
        return f"{address} is no address in numbers"
    if isinstance(address, IPv6Address):
        inner = _unwrap(address)
        if inner is not None:
            why = forbid(inner, allow_private)
            return why and f"{address}: {why}"
    why = next((what for network, what in _SHUT if address in network), None)
    private = next((what for network, what in _PRIVATE if address in network), None)
    if why is None and private is not None:
        why = None if allow_private else private
    elif why is None and isinstance(address, IPv6Address) and address not in _UNICAST:
        why = "reserved"
    return why and f"{address} is {why}"


def _unwrap(address: IPv6Address) -> IPv4Address | None:
    # Compatible addresses (::/96), Teredo and NAT64 within a site are shut whatever is in them.
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(address.packed[12:])
    if address in _SIX_TO_FOUR:
        return IPv4Address(address.packed[2:6])
    return None


def guard(allow_private: bool) -> SocketFactoryType:
    """Return what makes sockets for aiohttp, and raises GuardedAddress for an address that is shut."""

    def make_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise GuardedAddress(f"{address} is not of the internet")
        # What is judged is what is connected to: names were looked up before, and are not again.
        if why := forbid(str(address[0]), allow_private):
            raise GuardedAddress(why)
        return socket.socket(family, kind, protocol)

    return make_socket
