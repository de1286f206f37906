"""Where the news of a feed are announced: its hub and its topic, by Link headers, else by the feed itself."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.feeds.listing import join

_MOST_CHARACTERS = 8192  # of all headers
_LONGEST = 2048  # of an address: it is sent to a hub, and back with each question of the hub's
_TARGET = re.compile(r"[\s,]*<([^>]*)>")
# No two parts of it can take the same character: it is done in the time of one walk.
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;,]*)))?')


@dataclass(frozen=True, slots=True)
class Announced:
    """Whom to ask for news of a feed (`hub`), and what it calls the feed (`topic`)."""

    hub: str
    topic: str


def find_hub(links: Iterable[str], hub: str | None, topic: str | None, url: str) -> Announced | None:
    """Return where the feed from `url` is announced, None where it names no hub (WebSub, 4).

    `links` are its Link headers, `hub` and `topic` what the feed itself says; headers go first. Of
    several hubs it is the first one. A feed without rel=self is its own topic.
    """
    named: dict[str, str] = {}
    for target, relations in read_links(links):
        address = join(url, target)
        for relation in relations:
            if address and len(address) <= _LONGEST:
                named.setdefault(relation, address)
    found = named.get("hub") or join(url, hub)
    if found is None or len(found) > _LONGEST:
        return None
    own = named.get("self") or join(url, topic)
    return Announced(found, own if own and len(own) <= _LONGEST else url)


def read_links(headers: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the target of each link, as it stands, and its relations in lower case (RFC 8288, appendix B).

    A link of something else (`anchor`) is left out; of a header that is broken comes what stands before.
    """
    left = _MOST_CHARACTERS
    for header in headers:
        header, place = header[:left], 0
        left -= len(header)
        while target := _TARGET.match(header, place):
            place, parameters = target.end(), dict[str, str]()
            while parameter := _PARAMETER.match(header, place):
                place = parameter.end()
                name, quoted, token = parameter.groups()
                # Of two with one name the first holds.
                parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted or token or ""))
            if "anchor" not in parameters:
                yield target[1], tuple(parameters.get("rel", "").lower().split())
            if not header[place:].lstrip().startswith(","):
                break
