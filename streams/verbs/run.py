"""`naba run`: the main job on one machine."""

import os
from zoneinfo import ZoneInfo

import click

from connectors.sources.files import FilesSource
from schemas.letter import ARTICLES, OUTCOMES
from streams.children.open import open_children
from streams.embedded.outputs import open_output
from streams.embedded.runner import Runner, Totals, Watcher
from streams.embedded.store import Store
from streams.settings import Settings
from streams.verbs.options import open_settings, settings_options
from streams.verbs.progress import show_progress
from streams.verbs.tell import leave_if_incomplete


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    metavar="FILE",
    help="Published and revised articles, one JSON record a line; - for standard output.",
)
@click.option("--outcomes", metavar="FILE", help="One line for every delivery; - for standard output.")
@click.option("--workers", type=click.IntRange(1, 256), help="Child processes [default: one a core].")
@settings_options
def run(
    paths: tuple[str, ...],
    out: str | None,
    outcomes: str | None,
    workers: int | None,
    config: str | None,
    db: str | None,
) -> None:
    """Clean, tell the language and find the copies of everything in PATH.

    PATH is a file or folder of .jsonl, .jsonl.gz, .html and .txt, or - for JSON lines from
    standard input. Running again changes nothing: what has its outcome is passed over.
    """
    targets = {
        topic: target for topic, target in ((ARTICLES, out), (OUTCOMES, outcomes)) if target is not None
    }
    if len({os.path.realpath(target) for target in targets.values()}) < len(targets):
        raise click.UsageError("--out and --outcomes cannot be the same file")
    settings = open_settings(config, db)
    source = FilesSource(list(paths), without=list(targets.values()), zone=ZoneInfo(settings.timezone))
    with show_progress() as watch:
        end = run_source(source, settings, targets, workers or os.cpu_count() or 1, watch)
    leave_if_incomplete(paths, end.taken, source.broken)


def run_source(
    source: FilesSource, settings: Settings, targets: dict[str, str], workers: int, watch: Watcher
) -> Totals:
    """Run `source` to its end and return what became of its deliveries."""
    with Store(settings.db) as store:
        outputs = [open_output(store, topic, target) for topic, target in targets.items()]
        with open_children(settings, workers) as children:
            totals = Runner(store, children, settings, outputs, watch).run(source, workers)
        for output in outputs:
            output.close()
    return totals
