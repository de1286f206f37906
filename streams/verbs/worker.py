"""`naba worker`: one worker of the cluster, kept alive and moving."""

import os
import sys
from pathlib import Path

import click

from streams.app.folder import DEFAULT, claim_folder
from streams.app.health import read_health, read_healths
from streams.app.stopping import raise_on_signals
from streams.app.supervise import Supervisor
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import warn


@click.command()
@click.option("--workers", type=click.IntRange(1, 256), help="Child processes [default: one a core].")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of its tables [default: the first free one under ./naba-data].",
)
@click.option(
    "--check",
    is_flag=True,
    help="Only tell whether the worker of DATA, else every one here, is ready: 0 or 1.",
)
@config_option
def worker(workers: int | None, data: Path | None, check: bool, config: str | None) -> None:
    """Clean and compare what is delivered to the cluster, together with all other workers.

    Runs until it is stopped; SIGTERM lets it finish and commit what it has begun. It waits while no
    broker answers. Start as many as there are partitions, on one machine or on many.
    """
    if check:
        _check(data)
    settings = open_settings(config)
    folder = claim_folder(data)
    raise_on_signals()
    sys.exit(Supervisor(settings, config, folder, workers or os.cpu_count() or 1, warn).run())


def _check(folder: Path | None) -> None:
    healths = [read_health(folder)] if folder else read_healths(DEFAULT)
    if not healths:
        click.echo(f"not ready: no worker runs under {DEFAULT} on this host")
    for health in healths:
        click.echo(f"ready, {health.assigned} partitions" if health.ready else f"not ready: {health.why}")
    sys.exit(0 if healths and all(health.ready for health in healths) else 1)
