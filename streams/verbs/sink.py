"""`naba sink`: from the topics to files and stores."""

import os
from contextlib import ExitStack
from pathlib import Path

import click

from connectors.cluster.connect import cluster_errors
from connectors.cluster.fill import fill
from connectors.cluster.offsets import Offsets
from connectors.cluster.reader import Reader
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.settled import Settled
from connectors.sink import Position, Sink
from connectors.sinks.files import FilesSink
from connectors.sinks.position import CREATED_ANEW, PositionFile
from schemas.letter import ARTICLES, OUTCOMES
from schemas.wrong_use import WrongUse
from streams.embedded.store import Store
from streams.embedded.store_sink import StoreSink
from streams.policy.policy import Policies
from streams.verbs.options import config_option, open_settings, settings_options, until_idle_option
from streams.verbs.sink_named import named, open_offsets
from streams.verbs.stop import Stop, stoppable
from streams.verbs.tell import warn

_ANY = "NAME"  # in the list of words


class Sinks(click.Group):
    """Its own words, and the name of any sink of the settings."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return what fills the sink of that name; whether there is one, the settings tell."""
        return super().get_command(context, name) or named

    def list_commands(self, context: click.Context) -> list[str]:
        """Return its own words, and what stands for a name."""
        return [_ANY, *super().list_commands(context)]


@click.group(cls=Sinks)
def sink() -> None:
    """Carry what stands on the topics to files and stores, each from where it stopped.

    A sink is told to stop by Ctrl-C or SIGTERM; then everything that it took is safe.
    """


@sink.command()
@click.option("--out", metavar="FILE", help="Published and revised articles, one JSON record a line.")
@click.option("--outcomes", metavar="FILE", help="One line for every delivery.")
@until_idle_option
@config_option
def files(out: str | None, outcomes: str | None, until_idle: float | None, config: str | None) -> None:
    """Write the files of `naba run` from the topics.

    Each article is there once a revision, each delivery once, whatever is killed. How far they go
    stands in FILE.position beside the first of them.
    """
    targets = _check_targets({ARTICLES: out, OUTCOMES: outcomes})
    settings = open_settings(config)
    with stoppable() as stop, cluster_errors(settings.kafka), ExitStack() as opened:
        first = next(iter(targets.values()))
        position = PositionFile(first.with_name(f"{first.name}.position"))
        opened.callback(position.close)
        offsets = open_offsets(settings.kafka, opened)
        cluster = offsets.wait_for(offsets.name_cluster)
        for topic in position.belong_to(cluster, offsets.wait_for(offsets.read_ids, targets)):
            warn(CREATED_ANEW.format(topic))
        filled = FilesSink(targets, position, warn)
        opened.callback(filled.close)
        _fill(filled, filled.read_position(), settings.kafka, offsets, until_idle, stop)


@sink.command()
@until_idle_option
@settings_options
def store(until_idle: float | None, config: str | None, db: str | None) -> None:
    """Fill a store from the topics, for `naba why` and `naba explain`.

    It is a store of its own: `naba run` neither fills it nor takes it up.
    """
    settings = open_settings(config, db)
    with stoppable() as stop, cluster_errors(settings.kafka), ExitStack() as opened:
        offsets = open_offsets(settings.kafka, opened)
        into = opened.enter_context(Store(settings.db, cluster=offsets.wait_for(offsets.name_cluster)))
        ids = offsets.wait_for(offsets.read_ids, StoreSink.topics)
        filled = StoreSink(into, settings.store, ids, warn, Policies(settings.policy))
        _fill(filled, filled.read_position(), settings.kafka, offsets, until_idle, stop)


def _check_targets(named: dict[str, str | None]) -> dict[str, Path]:
    targets = {topic: Path(name) for topic, name in named.items() if name is not None}
    if not targets:
        raise click.UsageError("nothing to write: name --out, --outcomes or both")
    if len({os.path.realpath(path) for path in targets.values()}) < len(targets):
        raise click.UsageError("--out and --outcomes cannot be the same file")
    for path in targets.values():
        if str(path) == "-" or (path.exists() and not path.is_file()):
            raise WrongUse(f"{path}: is no file; `naba tail` shows a topic on standard output")
        if not path.absolute().parent.is_dir():
            raise WrongUse(f"{path}: its folder does not exist")
    return targets


def _fill(
    filled: Sink,
    position: Position,
    kafka: KafkaSettings,
    offsets: Offsets,
    until_idle: float | None,
    stop: Stop,
) -> None:
    settled = Settled(offsets, kafka.app, filled.topics, until_idle) if until_idle else None
    reader = Reader(kafka, offsets, filled.topics, warn, position=position)
    try:
        fill(filled, reader, settled, stop, warn)
    finally:
        reader.close()
