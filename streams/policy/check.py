"""What is wrong with the policies of the settings, beyond the types of their keys."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from streams.policy.policy import Policy, read_site

Fault = tuple[str, str]  # the key, as in `[2].aliases[0]`, and what is wrong with it


def find_fault(entries: Sequence[Policy], keep_raw: int) -> Fault | None:
    """Return the first fault of the policies, None where there is none; `keep_raw` is in days."""
    return next(_find_faults(entries, keep_raw), None)


def _find_faults(entries: Sequence[Policy], keep_raw: int) -> Iterator[Fault]:
    for number, entry in enumerate(entries):
        for key, message in (*_find_own(entry, keep_raw), *_find_no_hosts(entry)):
            yield f"[{number}]{key}", message
    yield from _find_crossed(entries)


def _find_own(entry: Policy, keep_raw: int) -> Iterator[Fault]:
    if not entry.hosts and not entry.sources:
        yield "", "is about nobody: name hosts, sources or both"
    if entry.aliases and not entry.hosts:
        yield ".aliases", "of which host? the first of hosts is the one that articles are known by"
    if entry.retention and entry.retention > keep_raw:
        yield (
            ".retention",
            f"{entry.retention} days, and pages (store.keep_raw) are kept for {keep_raw} at most",
        )
    if entry.timezone is not None:
        try:
            ZoneInfo(entry.timezone)
        except (ValueError, OSError, LookupError):
            yield ".timezone", f"{entry.timezone!r} is no time zone of the IANA database"


def _find_no_hosts(entry: Policy) -> Iterator[Fault]:
    for key, hosts in (("hosts", entry.hosts), ("aliases", entry.aliases)):
        for place, host in enumerate(hosts):
            try:
                read_site(host)
            except ValueError as error:
                yield f".{key}[{place}]", str(error)


def _find_crossed(entries: Sequence[Policy]) -> Iterator[Fault]:
    """Find the aliases that lead to two sites, and those that lead to another alias."""
    known: dict[str, str] = {}
    for number, entry in enumerate(entries):
        for place, alias in enumerate(map(read_site, entry.aliases)):
            site = read_site(entry.hosts[0])
            if known.setdefault(alias, site) != site:
                yield f"[{number}].aliases[{place}]", f"{alias} is an alias of {known[alias]} already"
    for number, entry in enumerate(entries):
        site = read_site(entry.hosts[0]) if entry.aliases else ""
        if known.get(site, site) != site:
            yield f"[{number}].hosts[0]", f"{site} has aliases, and is an alias of {known[site]}"
