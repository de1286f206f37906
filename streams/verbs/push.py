"""`naba push`: deliveries to the cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from kafka import KafkaAdminClient
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.cluster.connect import Say, cluster_errors, connect
from connectors.cluster.offsets import Offsets
from connectors.cluster.producer import LetterProducer
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import plan_topics, require_topics
from connectors.source import Source
from connectors.sources.files import FilesSource
from schemas.letter import RAW, Letter
from schemas.wrong_use import WrongUse
from streams.embedded.store import Store
from streams.policy.policy import Policies
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import leave_if_incomplete, warn


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--from-db", metavar="FILE", help="Carry what the store of an embedded run knows, and no PATH.")
@config_option
def push(paths: tuple[str, ...], from_db: str | None, config: str | None) -> None:
    """Deliver everything in PATH to the cluster, where workers take it up.

    PATH is a file or folder of .jsonl, .jsonl.gz, .html, .txt, .warc and .warc.gz, or - for JSON lines from
    standard input, as `naba run` reads it. Ends when the brokers have all of it, and waits while
    none is there. Delivering again changes nothing: workers know a delivery by its input.

    --from-db carries articles, verdicts and what hosts have taught to new topics, before the first
    worker starts: what was published once is not published anew.
    """
    if bool(paths) == bool(from_db):
        raise click.UsageError("name files and folders to deliver, or a store by --from-db")
    settings = open_settings(config)
    if from_db:
        with cluster_errors(settings.kafka):
            push_store(from_db, settings.kafka)
        return
    source = FilesSource(
        list(paths),
        zone=ZoneInfo(settings.timezone),
        aliases=Policies(settings.policy).aliases,
        reserved=[named.name for named in settings.source],
    )
    with cluster_errors(settings.kafka):
        pushed = push_source(source, settings.kafka)
    leave_if_incomplete(paths, pushed, source.broken)


def push_source(source: Source, kafka: KafkaSettings) -> int:
    """Send everything of `source`, tell it what is safe, and return the number of deliveries."""
    with closing(connect(KafkaAdminClient, kafka, warn)) as admin:
        require_topics(admin, [kafka.topic(RAW)])
    return _send(source.poll(), kafka, source.commit, "deliveries")


def push_store(db: str, kafka: KafkaSettings) -> int:
    """Send everything that the store knows to new topics, and return the number of letters.

    Raises WrongUse where workers have worked on the topics, or a runner has the store.
    """
    # Here, for it loads Faust, and no other push needs that.
    from streams.app.move import list_letters, refuse_worked

    if not Path(db).exists():  # the runner would begin one
        raise WrongUse(f"{db}: no such store")
    with Store(db) as store:
        with closing(connect(KafkaAdminClient, kafka, warn)) as admin:
            require_topics(admin, [topic.name for topic in plan_topics(kafka, 1)])
            with closing(Offsets(kafka, warn)) as offsets:
                refuse_worked(admin, offsets, kafka)
        # The letters name their topics whole, changelogs among them.
        whole = replace(kafka, topic_prefix="")
        return _send(list_letters(store, kafka), whole, lambda _letter: None, "letters")


def _send(
    letters: Iterable[Letter], kafka: KafkaSettings, commit: Callable[[Letter], None], what: str
) -> int:
    with show_count() as (count, say):

        def take_note(letter: Letter) -> None:
            commit(letter)
            count()

        producer = LetterProducer(kafka, take_note, say)
        broken_off = True
        try:
            for letter in letters:
                producer.send(letter)
            producer.flush()
            broken_off = False
        finally:
            producer.close()
            if broken_off:
                say(f"broken off; the brokers have {producer.acked} {what}, and perhaps some more")
        if producer.acked:
            say(f"the brokers have all {producer.acked} {what}")
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
