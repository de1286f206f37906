"""`naba sink NAME`: from the topics to a sink of the settings."""

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

import click
from kafka.errors import RetriableError

from connectors.cluster.bury import Undertaker
from connectors.cluster.connect import cluster_errors
from connectors.cluster.fill import fill
from connectors.cluster.offsets import Offsets
from connectors.cluster.reader import Reader
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.settled import Settled
from connectors.sink import ANEW, Refused, SinkSettings
from connectors.sinks.kinds import RESERVED
from connectors.sinks.waiting import Waiting
from schemas.letter import DEAD
from schemas.wrong_use import WrongUse
from streams.settings import Settings
from streams.verbs.options import config_option, open_settings, until_idle_option
from streams.verbs.stop import stoppable
from streams.verbs.tell import warn

_BURY_SECONDS = 5.0  # behind a signal to stop


@click.command()
@until_idle_option
@config_option
@click.pass_context
def named(context: click.Context, until_idle: float | None, config: str | None) -> None:
    """Fill the sink of that name of the settings ([[sink]]).

    How far it is, the cluster knows by the consumer group naba-sink-NAME. A record that the store
    refuses for its content goes to news.dead.v1. While the store is away it is waited for.
    """
    settings = open_settings(config)
    kafka = settings.kafka
    mine = find_sink(settings, str(context.info_name))

    def tell(line: str) -> None:
        warn(f"sink {mine.name}: {line}")

    with stoppable() as stop, cluster_errors(kafka), ExitStack() as opened:
        filled = Waiting(tell, _sleep).until_there(partial(mine.open, tell))
        assert filled is not None
        opened.callback(filled.close)
        offsets = open_offsets(kafka, opened)
        offsets.wait_for(offsets.list_partitions, DEAD)
        undertaker = opened.enter_context(Undertaker(kafka, offsets, mine.name, warn))
        settled = Settled(offsets, kafka.app, filled.topics, until_idle) if until_idle else None
        group = f"{kafka.app}-sink-{mine.name}"
        if filled.is_new and has_begun(offsets, group, filled.topics):
            tell(ANEW)
        reader = Reader(kafka, offsets, filled.topics, warn, group=group)
        opened.callback(reader.close)

        def bury(refused: Sequence[Refused]) -> None:
            with stop.within(_BURY_SECONDS):  # it waits for a broker; what is broken off comes again
                undertaker.bury(refused)

        fill(filled, reader, settled, stop, tell, bury=bury)


def find_sink(settings: Settings, name: str) -> SinkSettings:
    """Return the sink of that name. Raises WrongUse, naming those that there are."""
    for one in settings.sink:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in settings.sink)
    raise WrongUse(
        f"{name}: no sink of the settings has this name; there are: {known or 'none'}, "
        f"and the words {' and '.join(RESERVED)}"
    )


def has_begun(offsets: Offsets, group: str, topics: Iterable[str]) -> bool:
    """Return whether the group has committed anything; false too where the cluster cannot say so now."""
    with suppress(RetriableError):  # one that is just coming up keeps no groups yet
        return any(offsets.read_committed(group, topic) for topic in topics)
    return False


def open_offsets(kafka: KafkaSettings, opened: ExitStack) -> Offsets:
    """Return what answers questions to the cluster, closed with `opened`; waits for a broker."""
    offsets = Offsets(kafka, warn)
    opened.callback(offsets.close)
    return offsets


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)  # a signal ends the program here
    return True
