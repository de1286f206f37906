"""What a collection of sources is made with."""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from connectors.fetching.fetcher import Fetcher
from connectors.polling.settings import PollSettings
from connectors.polling.terms import Terms
from connectors.sources.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class CollectionSettings:
    """The store's path, its sources, and how they are treated.

    `only` are the names of the sources that it looks at (None: all); with `once` each is looked at
    once, whatever its interval says. `without` are files that no folder is read for: what the run
    writes itself. With `has_inbox` a push is safe once it stands in the store, without it
    once `commit` was called with its letters. `keep_pages` is how many seconds an address is remembered,
    `now` the seconds since 1970.
    """

    path: str
    named: Sequence[Kind]
    open_fetcher: Callable[[Sequence[str]], AbstractAsyncContextManager[Fetcher]]
    poll: PollSettings
    terms: Terms = field(default_factory=Terms)
    zone: tzinfo = UTC
    only: Collection[str] | None = None
    once: bool = False
    without: Collection[str] = ()
    has_inbox: bool = True
    looks_at_once: int = 256
    keep_pages: float = 400 * 86_400.0
    say: Callable[[str], None] = lambda _line: None
    now: Callable[[], float] = time.time
