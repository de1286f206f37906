"""The collection of sources as the settings want it, for both runners."""

from collections.abc import Callable, Collection, Sequence
from zoneinfo import ZoneInfo

from connectors.fetching.fetcher import Fetcher
from connectors.polling.collection import Collection as Sources
from connectors.polling.collection_settings import CollectionSettings
from connectors.polling.terms import Terms
from schemas.address import host_of
from streams.policy.policy import Policies
from streams.settings import Settings

_DAY = 86_400.0


def make_collection(
    settings: Settings,
    *,
    once: bool,
    say: Callable[[str], None],
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    has_inbox: bool = True,
) -> Sources:
    """Return all sources of the settings and of the store, or `only` those of these names.

    `without` are files that no source reads: what the run writes itself. `has_inbox` says that pushes are
    safe in the store.
    """
    policies = Policies(settings.policy)

    def is_shut(source: str, url: str | None) -> bool:
        return policies.find(source, host_of(url)).access == "deny"

    def open_fetcher(own: Sequence[str]) -> Fetcher:
        return Fetcher(settings.fetch, own)

    return Sources(
        CollectionSettings(
            path=settings.db,
            named=settings.source,
            open_fetcher=open_fetcher,
            poll=settings.poll,
            terms=Terms(is_shut=is_shut, aliases=policies.aliases),
            zone=ZoneInfo(settings.timezone),
            only=only,
            once=once,
            without=without,
            has_inbox=has_inbox,
            looks_at_once=settings.fetch.hosts_at_once,
            keep_pages=settings.store.keep_rows * _DAY,
            say=say,
        )
    )
