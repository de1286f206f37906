"""`naba tail`: what stands on a topic, and what comes."""

import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
import orjson
from kafka.consumer.fetcher import ConsumerRecord

from connectors.cluster.connect import cluster_errors
from connectors.cluster.message import read_letter
from connectors.cluster.onlooker import open_consumer, read_backlog, read_next
from schemas.letter import (
    ARTICLES,
    CLEAN,
    DEAD,
    DETAIL,
    DUPLICATES,
    INPUT,
    OUTCOMES,
    RAW,
    REASON,
    REJECTED,
    STAGE,
)
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import harmless, shorten, warn

_NAMES = {name.split(".")[1]: name for name in (ARTICLES, DUPLICATES, OUTCOMES, REJECTED, DEAD, RAW, CLEAN)}
_WAIT = 30.0  # seconds for a broker, where nothing is followed

Show = Callable[[ConsumerRecord], None]


@click.command()
@click.argument("topic", default="articles")
@click.option("--last", default=10, show_default=True, type=click.IntRange(0), help="Records to begin with.")
@click.option("--from-start", is_flag=True, help="Begin with the oldest record, one partition after another.")
@click.option("--follow/--no-follow", default=True, help="Go on with what comes, or end  [default: go on].")
@click.option("--json", "as_json", is_flag=True, help="One record a line, as in a pipe.")
@config_option
def tail(topic: str, last: int, from_start: bool, follow: bool, as_json: bool, config: str | None) -> None:
    """Show the newest records of TOPIC and then what comes.

    TOPIC is articles (as if none is given), duplicates, outcomes, rejected, dead, raw, clean, or the
    full name of a topic. On a terminal two lines a record; in a pipe the records as they stand on
    the topic, one a line. What is no line of JSON is wrapped into one, and so is every dead letter:
    its key, headers and place beside its value.
    """
    kafka = open_settings(config).kafka
    name = kafka.topic(_NAMES.get(topic, topic)) if topic in (*_NAMES, *_NAMES.values()) else topic
    wrap = name == kafka.topic(DEAD)
    show: Show = _tell if sys.stdout.isatty() and not as_json else lambda one: _write(one, wrap=wrap)
    with cluster_errors(kafka):
        consumer = open_consumer(kafka, name, warn, None if follow else _WAIT)
        try:
            for record in read_backlog(consumer, None if from_start else last):
                show(record)
            while follow:
                for record in read_next(consumer, kafka, name, warn):
                    show(record)
        finally:
            consumer.close()


def _write(record: ConsumerRecord, *, wrap: bool) -> None:
    value = record.value
    line = value if not wrap and _is_line(value) else orjson.dumps(_wrap(record))
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _is_line(value: bytes | None) -> bool:
    return value is not None and b"\n" not in value and _read(value) is not None


def _read(value: bytes | None) -> dict[str, Any] | None:
    try:
        found = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _wrap(record: ConsumerRecord) -> dict[str, Any]:
    letter = read_letter(record.topic, record.key, record.value, record.headers)
    wrapped = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": _time(record),
        "key": letter.key,
        "headers": letter.headers,
    }
    if record.value is None:
        return wrapped | {"value": None}
    try:
        return wrapped | {"value": record.value.decode()}
    except UnicodeDecodeError:
        return wrapped | {"value_base64": b64encode(record.value).decode()}


def _time(record: ConsumerRecord) -> str:
    moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(record: ConsumerRecord) -> None:
    """Print a record in two lines: when, what it is, its title; which it is and where it came from."""
    letter = read_letter(record.topic, record.key, record.value, record.headers)
    found = _read(record.value) or {}
    if record.value is None:
        words, title = ["deleted"], ""
    elif letter.headers.get(STAGE):
        words = ["dead", f"in {letter.headers[STAGE]}:", letter.headers.get(REASON, "")]
        title = letter.headers.get(DETAIL, "")
    elif not found:
        words, title = [f"{len(record.value)} bytes that are no JSON object"], shorten(repr(record.value), 60)
    else:
        keys = ("language", "outcome", "relation", "stage", "reason")
        words = [str(found[key]) for key in keys if found.get(key)]
        title = str(found.get("title") or found.get("detail") or "")
    say = f"{_time(record)}  {' '.join(words)}  {shorten(title)}"
    names = (found.get("article_id") or found.get("raw_id") or letter.key, found.get("url"))
    place = letter.headers.get(INPUT) or found.get("input") or ""
    click.echo(harmless(say.rstrip()))
    click.echo(harmless("    " + "  ".join(str(name) for name in (*names, place) if name)))
