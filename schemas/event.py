"""What a letter is as an event (CloudEvents 1.0.2, Kafka protocol binding, binary mode): its headers."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version

from schemas.event_types import DELETED, DIED, DUPLICATE_DELETED, OUTCOME, REJECTION
from schemas.ids import delivery_id, hash_parts
from schemas.letter import (
    ARTICLES,
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_SUBJECT,
    CE_TIME,
    CE_TYPE,
    DEAD,
    DUPLICATES,
    FIRST_FAILED_AT,
    INPUT,
    ORIGINAL,
    OUTCOMES,
    RAW,
    RAW_ID,
    REJECTED,
    SCHEMA,
    STAGE,
    VERSION,
    Letter,
)
from schemas.record_event import SOURCE, describe_raw, describe_story, name_schema, write_time

# What a dead letter has of its own: of its original the same names stand behind ORIGINAL. (Not the
# type of its content, which is that of the original.)
_OWN = frozenset(
    (CE_SPECVERSION, CE_ID, CE_SOURCE, CE_TYPE, CE_TIME, CE_SUBJECT, CE_DATASCHEMA, SCHEMA, VERSION)
)
_REJECTION, _OUTCOME = name_schema("rejection.v1"), name_schema("outcome.v1")


def describe(letter: Letter, now: datetime) -> Mapping[str, str]:
    """Return all headers of `letter` as a message: its own, and over them those of the event.

    The same letter has the same id, source and subject whenever it is described. `now`, in UTC,
    is the time of what has none of its own. A letter to another topic, or without the names that
    letters of ours have, is no event of ours and keeps its headers.
    """
    event = _describe(letter, now)
    if event is None:
        return letter.headers
    kept = letter.headers
    if letter.topic == DEAD and kept.get(CE_TYPE) != DIED:
        kept = {ORIGINAL + name if name in _OWN else name: text for name, text in kept.items()}
    return {**kept, **event, CE_SPECVERSION: "1.0", VERSION: _read_version()}


def _describe(letter: Letter, now: datetime) -> dict[str, str] | None:
    if letter.topic in (ARTICLES, DUPLICATES):
        return describe_story(letter) if letter.value else _describe_deletion(letter, now)
    input, raw_id = letter.headers.get(INPUT), letter.headers.get(RAW_ID)
    if letter.topic not in (RAW, REJECTED, OUTCOMES, DEAD) or input is None or raw_id is None:
        return None
    name = delivery_id(input, raw_id)
    if letter.topic == RAW:
        return describe_raw(letter, name, now)
    event = {CE_SOURCE: SOURCE, CE_SUBJECT: raw_id}
    if letter.topic == DEAD:
        # One delivery may die twice: what follows from it is refused by two sinks.
        name = hash_parts("naba dead", name, letter.headers.get(STAGE, ""))
        failed = letter.headers.get(FIRST_FAILED_AT) or write_time(now)
        return {**event, CE_ID: f"dead.{name}", CE_TYPE: DIED, CE_TIME: failed}
    event[CE_TIME] = letter.headers.get(CE_TIME) or write_time(now)  # what is carried over has one
    if letter.topic == REJECTED:
        return {**event, CE_ID: f"rejection.{name}", CE_TYPE: REJECTION, **_REJECTION}
    return {**event, CE_ID: f"outcome.{name}", CE_TYPE: OUTCOME, **_OUTCOME}


def _describe_deletion(letter: Letter, now: datetime) -> dict[str, str]:
    # An article is forgotten on both topics: two messages, and two ids.
    of_article = letter.topic == ARTICLES
    return {
        CE_ID: f"{'deletion' if of_article else 'deletion.duplicate'}.{letter.key}",
        CE_SOURCE: SOURCE,
        CE_TYPE: DELETED if of_article else DUPLICATE_DELETED,
        CE_TIME: letter.headers.get(CE_TIME) or write_time(now),
        CE_SUBJECT: letter.key,
    }


@cache
def _read_version() -> str:
    return version("naba")
