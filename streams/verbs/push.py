"""`naba push`: deliveries to the cluster."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import click
from kafka import KafkaAdminClient
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.cluster.connect import Say, cluster_errors, connect
from connectors.cluster.producer import LetterProducer
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import require_topics
from connectors.source import Source
from connectors.sources.files import FilesSource
from schemas.letter import RAW, Letter
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import warn


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@config_option
def push(paths: tuple[str, ...], config: str | None) -> None:
    """Deliver everything in PATH to the cluster, where workers take it up.

    PATH is a file or folder of .jsonl, .jsonl.gz, .html and .txt, or - for JSON lines from
    standard input, as `naba run` reads it. Ends when the brokers have all of it, and waits while
    none is there. Delivering again changes nothing: workers know a delivery by its input.
    """
    settings = open_settings(config)
    source = FilesSource(list(paths), zone=ZoneInfo(settings.timezone))
    with cluster_errors(settings.kafka):
        pushed = push_source(source, settings.kafka)
    if not pushed:
        click.echo(f"naba: nothing to read in {', '.join(paths)}", err=True)
        sys.exit(1)
    for path in source.broken:
        click.echo(f"naba: {path}: could not be read to its end; the rest is a dead letter", err=True)
    if source.broken:
        sys.exit(1)


def push_source(source: Source, kafka: KafkaSettings) -> int:
    """Send everything of `source`, tell it what is safe, and return the number of deliveries."""
    admin = connect(KafkaAdminClient, kafka, warn)
    try:
        require_topics(admin, [kafka.topic(RAW)])
    finally:
        admin.close()
    with show_count() as (count, say):

        def commit(letter: Letter) -> None:
            source.commit(letter)
            count()

        producer = LetterProducer(kafka, commit, say)
        broken_off = True
        try:
            for letter in source.poll():
                producer.send(letter)
            producer.flush()
            broken_off = False
        finally:
            producer.close()
            if broken_off:
                say(f"broken off; the brokers have {producer.acked} deliveries, and perhaps some more")
        if producer.acked:
            say(f"the brokers have all {producer.acked} deliveries")
    return producer.acked


@contextmanager
def show_count() -> Iterator[tuple[Callable[[], None], Say]]:
    """Yield what is called with each delivery that is safe, and what says a line beside the count."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _ignore, warn
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed} deliveries"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield (
            lambda: progress.advance(task),
            lambda line: progress.console.print(f"naba: {line}", markup=False, highlight=False),
        )


def _ignore() -> None:
    """A pipe is told nothing of each."""
