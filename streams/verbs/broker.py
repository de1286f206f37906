"""`naba broker`: a Kafka of one's own, in the foreground."""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

import click

from connectors.broker.broker import Broker
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import warn

_LOOK_SECONDS = 0.2


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=9092,
    show_default=True,
    help="Where it answers, on this machine alone; all other ports are free-chosen.",
)
@click.option(
    "--data",
    metavar="DIR",
    default="naba-broker",
    show_default=True,
    help="The folder that keeps its topics and what Kafka has to say.",
)
@click.option(
    "--nodes",
    type=click.Choice(["1", "3"]),
    default="1",
    show_default=True,
    help="Three keep every message three times, and one of them may die.",
)
@config_option
def broker(port: int, data: str, nodes: str, config: str | None) -> None:
    """Run Apache Kafka on this machine, in the foreground.

    It says where it answers as soon as it does; Ctrl-C or SIGTERM stops it. The same --data goes on
    with the same topics, after any end. It needs a Java of version 17 or later, or nothing but the
    Python packages of naba[broker], and the network once, for the jars of Kafka.
    """
    # The settings say which cluster the other verbs mean, and not where this one answers.
    open_settings(config)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with Broker(Path(data), nodes=int(nodes), port=port, say=warn) as running:
        click.echo(f"kafka answers at {running.bootstrap}")
        sys.stdout.flush()
        while True:
            running.check()
            time.sleep(_LOOK_SECONDS)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Only once: what ends Kafka in good order is not to be interrupted.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)
