"""`naba run`: the main job on one machine."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo

import click

from connectors.polling.lock import lock_sources
from connectors.polling.roster import read_roster
from connectors.receiving.tables import count_inbox
from connectors.source import Source
from connectors.sources.files import FilesSource
from schemas.letter import ARTICLES, OUTCOMES
from schemas.wrong_use import WrongUse
from streams.children.open import open_children
from streams.collecting import make_collection
from streams.embedded.outputs import open_output
from streams.embedded.runner import Runner, Totals, Watcher
from streams.embedded.sinks import Sinks
from streams.embedded.store import Store
from streams.policy.policy import Policies
from streams.settings import Settings
from streams.verbs.options import once_options, open_settings, read_timeout, settings_options
from streams.verbs.progress import show_progress
from streams.verbs.status import Status
from streams.verbs.stop import stoppable
from streams.verbs.tell import leave_if_incomplete, warn


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option(
    "--out",
    metavar="FILE",
    help="Published and revised articles, one JSON record a line; - for standard output.",
)
@click.option("--outcomes", metavar="FILE", help="One line for every delivery; - for standard output.")
@click.option("--workers", type=click.IntRange(1, 256), help="Child processes [default: one a core].")
@once_options
@settings_options
def run(
    paths: tuple[str, ...],
    out: str | None,
    outcomes: str | None,
    workers: int | None,
    once: bool,
    timeout: float | None,
    config: str | None,
    db: str | None,
) -> None:
    """Clean, tell the language and find the copies of everything in PATH, else of what sources bring.

    PATH is a file or folder of .jsonl, .jsonl.gz, .html, .txt, .warc and .warc.gz, or - for JSON lines
    from standard input. Running again changes nothing: what has its outcome is passed over.

    Without PATH the sources of the settings are collected until it is stopped (Ctrl-C, SIGTERM).
    """
    targets = {
        topic: target for topic, target in ((ARTICLES, out), (OUTCOMES, outcomes)) if target is not None
    }
    if len({os.path.realpath(target) for target in targets.values()}) < len(targets):
        raise click.UsageError("--out and --outcomes cannot be the same file")
    if paths and once:
        raise click.UsageError("--once is for sources of the settings: a PATH is read once anyway")
    seconds = read_timeout(once, timeout)
    settings = open_settings(config, db)
    workers = workers or os.cpu_count() or 1
    if not paths:
        run_collection(settings, targets, workers, seconds)
        return
    source = FilesSource(
        list(paths),
        without=list_written(settings, targets),
        zone=ZoneInfo(settings.timezone),
        aliases=Policies(settings.policy).aliases,
        reserved=[named.name for named in settings.source],
    )
    with (
        Store(settings.db) as store,
        show_progress() as (watch, say),
        Sinks(settings.db, settings.sink, say) as sinks,
    ):
        end = run_source(source, settings, targets, workers, watch, store, sinks.has_failed)
        late = sinks.finish()
    leave_if_incomplete(paths, end.taken, source.broken)
    if late:
        sys.exit(1)


def list_written(settings: Settings, targets: dict[str, str]) -> list[str]:
    """Return the files that a run writes itself, so that no source reads them."""
    sinks = [str(getattr(sink, key)) for sink in settings.sink for key in sink.files]
    return [*targets.values(), *sinks]


def run_source(
    source: Source,
    settings: Settings,
    targets: dict[str, str],
    workers: int,
    watch: Watcher,
    store: Store | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Totals:
    """Run `source` to its end, or until `stop` says so, and return what became of its deliveries."""
    with ExitStack() as opened:
        store = store or opened.enter_context(Store(settings.db))
        outputs = [open_output(store, topic, target) for topic, target in targets.items()]
        with open_children(settings, workers) as children:
            totals = Runner(store, children, settings, outputs, watch).run(source, workers, stop)
        for output in outputs:
            output.close()
    return totals


def run_collection(
    settings: Settings, targets: dict[str, str], workers: int, once_within: float | None
) -> None:
    """Run the sources of the settings and of the store until the program is told to stop.

    With `once_within` seconds each is looked at once; ends the program with 1 where that takes longer.
    """
    with stoppable() as asked, Store(settings.db) as store, lock_sources(settings.db, None):
        is_left = count_inbox(store.database)[0] > 0  # by a source that was taken out since
        if not is_left and not read_roster(store.database, settings.source):
            raise WrongUse("nothing to run: name a PATH, or sources ([[source]] in the settings)")
        until = None if once_within is None else time.monotonic() + once_within

        def is_late() -> bool:
            return until is not None and time.monotonic() > until

        def shall_stop() -> bool:
            return asked() or is_late()

        status = Status()
        with (
            show_progress(status.tell) as (watch, say),
            Sinks(settings.db, settings.sink, say) as sinks,
        ):
            collection = make_collection(
                settings, once=once_within is not None, say=say, without=list_written(settings, targets)
            )
            status.collection = collection
            try:
                end = run_source(
                    collection, settings, targets, workers, watch, store,
                    lambda: shall_stop() or sinks.has_failed(),
                )  # fmt: skip
            finally:
                collection.close()
            sinks.check()
            late = [] if end.is_broken_off else sinks.finish(shall_stop)
        if is_late() and (end.is_broken_off or late):
            warn(f"not done within {once_within:g} s; what is left comes with the next run")
            sys.exit(1)
        if late and not asked():
            sys.exit(1)
