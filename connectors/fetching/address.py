"""Where a request goes: an http(s) address in WHATWG form, and whether its port is open to us."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import can_ada

from connectors.fetching.page import FetchError

_PORTS = {"http:": 80, "https:": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Longer ones are no article's, and each rule of a robots.txt is held against the whole address.
_MOST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Address:
    """An address without user, password and fragment; `authority` is host:port, always with the port."""

    url: str
    secure: bool
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Return who is asked, as turns are given."""
        return f"{self.host.rstrip('.')}:{self.port}"

    @property
    def origin(self) -> str:
        """Return scheme, host and port, as a robots.txt holds for."""
        return f"{'https' if self.secure else 'http'}://{self.authority}"


def read_address(url: str) -> Address:
    """Return what `url` names; raises FetchError (address) where that is no http(s) address."""
    if len(url) > _MOST_CHARACTERS:
        raise FetchError("address", f"an address of {len(url)} characters")
    try:
        parsed = can_ada.parse(url.strip())
    except (ValueError, TypeError):  # no URL; or a lone surrogate in it
        raise FetchError("address", f"{_show(url)} is no address") from None
    if parsed.protocol not in _PORTS or not parsed.hostname:
        raise FetchError("address", f"{_show(url)} is no http(s) address")
    parsed.username = parsed.password = parsed.hash = ""
    return Address(
        url=str(parsed.href),
        secure=parsed.protocol == "https:",
        host=str(parsed.hostname),
        port=int(parsed.port or _PORTS[parsed.protocol]),
    )


def check_port(address: Address, own: Collection[str]) -> None:
    """Raise FetchError (address) unless the port is 80 or 443, or the authority one of `own`."""
    if address.port not in (80, 443) and address.authority not in own:
        raise FetchError("address", f"port {address.port} is not open to us on {address.host}")


def follow(address: Address, location: str) -> Address:
    """Return where a Location leads from `address`; raises FetchError (address)."""
    # can_ada takes no base: what is relative is made absolute, and its parser does the rest.
    location = _encode(location.strip())
    start = location[:2].replace("\\", "/")
    scheme = "https:" if address.secure else "http:"
    path = address.url.partition("?")[0]
    if start == "//":
        return read_address(scheme + location)
    if start.startswith("/"):
        return read_address(address.origin + location)
    if start.startswith("?"):
        return read_address(path + location)
    if not start or start.startswith("#"):
        return address
    if _SCHEME.match(location):
        return read_address(location)
    return read_address(path.rpartition("/")[0] + "/" + location)


def _encode(location: str) -> str:
    # Headers come as bytes; what is not ASCII may be in any charset, and is handed back as it was.
    raw = location.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def _show(url: str) -> str:
    return repr(url if len(url) <= 100 else url[:100] + "…")
