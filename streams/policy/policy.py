"""Policies: what the settings say of single sources and hosts, and which of it holds for an article."""

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Annotated, Literal

from msgspec import Meta

from schemas.address import Aliases, host_of, site_of

Names = tuple[Annotated[str, Meta(min_length=1, max_length=1000)], ...]
Days = Annotated[int, Meta(ge=1, le=36_500)]

_NO_HOST = frozenset("/\\:@?# \t\r\n")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One `[[policy]]` of the settings: whom it is about, and what it says; None where it says nothing.

    `retention` and `too_old_days` are days, `future_hours` are hours.
    """

    hosts: Names = ()
    sources: Names = ()
    access: Literal["allow", "deny", "review"] | None = None
    licence: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    aliases: Names = ()
    retention: Days | None = None
    timezone: str | None = None
    too_old_days: Days | None = None
    future_hours: Annotated[int, Meta(ge=0, le=876_000)] | None = None


_SAID = [field.name for field in fields(Policy) if field.name not in ("hosts", "sources", "aliases")]
_NOTHING = Policy()


@dataclass(frozen=True)
class Policies:
    """All policies in the order in which they stand. Raises ValueError, at use, for a host that is none."""

    entries: tuple[Policy, ...] = ()

    def find(self, source: str, host: str) -> Policy:
        """Return what holds for an article of that source and host.

        Key by key, what names the source goes before what names the host, and a later entry before
        an earlier one.
        """
        found = _NOTHING
        of_host = self._by_site.get(site_of(host, self.aliases), ())
        for entry in (*of_host, *self._by_source.get(source, ())):
            said = {name: getattr(entry, name) for name in _SAID}
            found = replace(found, **{name: value for name, value in said.items() if value is not None})
        return found

    @cached_property
    def aliases(self) -> Aliases:
        """The other sites of those that moved, each with the one it is known by."""
        return {
            alias: site
            for entry in self.entries
            for site in map(read_site, entry.hosts[:1])
            for alias in map(read_site, entry.aliases)
            if alias != site
        }

    @cached_property
    def _by_site(self) -> dict[str, list[Policy]]:
        found: defaultdict[str, list[Policy]] = defaultdict(list)
        for entry in self.entries:
            for site in dict.fromkeys(site_of(read_site(host), self.aliases) for host in entry.hosts):
                found[site].append(entry)
        return dict(found)

    @cached_property
    def _by_source(self) -> dict[str, list[Policy]]:
        found: defaultdict[str, list[Policy]] = defaultdict(list)
        for entry in self.entries:
            for source in dict.fromkeys(entry.sources):
                found[source].append(entry)
        return dict(found)


def read_site(host: str) -> str:
    """Return the site of a host as a person writes it. Raises ValueError where it is none."""
    found = "" if _NO_HOST & set(host) else host_of(f"http://{host}/")
    if not found:
        raise ValueError(f"{host!r} is no host; a name alone is meant, as in news.example")
    return site_of(found)
