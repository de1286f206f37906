"""`naba collect`: sources of the settings to the cluster."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType

import click
from kafka import KafkaAdminClient

from connectors.cluster.connect import Say, cluster_errors, connect
from connectors.cluster.producer import LetterProducer
from connectors.cluster.topics import require_topics
from connectors.polling.collection import Collection
from connectors.polling.lock import lock_sources
from connectors.polling.roster import read_roster
from connectors.polling.tables import connect as open_book
from schemas.letter import RAW, Letter
from schemas.wrong_use import WrongUse
from streams.collecting import make_collection
from streams.embedded.tables import prepare
from streams.settings import Settings
from streams.verbs.options import once_options, open_settings, read_timeout, settings_options
from streams.verbs.push import show_count
from streams.verbs.stop import stoppable
from streams.verbs.tell import warn


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@once_options
@settings_options
def collect(
    names: tuple[str, ...], once: bool, timeout: float | None, config: str | None, db: str | None
) -> None:
    """Collect the sources of these names, and deliver what they bring to the cluster.

    Runs until it is stopped (Ctrl-C, SIGTERM), and waits while no broker answers. What is known of
    the sources stands in the store, beside whatever else is in it. Sources of one host belong into one
    process: two of them would ask it twice as often.
    """
    seconds = read_timeout(once, timeout)
    settings = open_settings(config, db)
    prepare(settings.db)
    with stoppable(), lock_sources(settings.db, names), cluster_errors(settings.kafka):
        _require_names(names, settings)
        with show_count() as (count, say), _at_most(seconds):
            with closing(connect(KafkaAdminClient, settings.kafka, say)) as admin:
                require_topics(admin, [settings.kafka.topic(RAW)])
            collection = make_collection(settings, once=once, say=say, only=names, has_inbox=False)
            _send(collection, settings, count, say)


def _require_names(names: tuple[str, ...], settings: Settings) -> None:
    with closing(open_book(settings.db)) as database:
        known = read_roster(database, settings.source)
    for name in names:
        if name not in known:
            raise WrongUse(f"{name}: no source has this name; there are: {', '.join(known) or 'none'}")


def _send(collection: Collection, settings: Settings, count: Callable[[], None], say: Say) -> None:
    def take_note(letter: Letter) -> None:
        collection.commit(letter)
        count()

    producer = LetterProducer(settings.kafka, take_note, say)
    try:
        while not collection.ended:
            letter = collection.take(0.2)
            if letter is not None:
                producer.send(letter)
            else:
                producer.flush()  # and not only what is acknowledged: this tells of brokers that are away
        producer.flush()
    finally:
        producer.close()
        collection.close()


@contextmanager
def _at_most(seconds: float | None) -> Iterator[None]:
    """End the program with 1 where what is within takes longer."""

    def end(_number: int, _frame: FrameType | None) -> None:
        warn(f"not done within {seconds:g} s; what is left comes with the next run")
        sys.exit(1)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds or 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
