"""The schema of the headers that messages of a topic have."""

from typing import Any

from schemas.contract.topics import Topic
from schemas.description import write_sentence
from schemas.event_types import EVENT_TYPES
from schemas.headers import HEADERS, ON_DELETIONS, Header
from schemas.letter import (
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_TIME,
    CE_TYPE,
    DEAD,
    ORIGINAL,
    OUTCOMES,
    REJECTED,
    SCHEMA,
)
from schemas.record_event import SCHEMA_URI, SOURCE

ALWAYS = "On every message that this version writes."


def write_header_schema(topic: Topic, deletes: bool = False) -> dict[str, Any]:
    """Return the schema (AsyncAPI's, which is draft 7 of JSON Schema) of an object with all headers as text.

    It is that of the messages with a value, or of those without one. None is required: a message
    from before there was a header is as good.
    """
    here = [
        header
        for header in HEADERS
        if topic.name in header.topics and (not deletes or header.name in ON_DELETIONS)
    ]
    told = {header.name: _header(header, header.meaning, topic) for header in here}
    told |= _events(topic, deletes)
    for name, example in _examples(topic, deletes).items():
        if name in told:
            told[name]["examples"] = [example]
    patterns = {f"^{name}": told.pop(name) for name in (ORIGINAL,) if name in told}
    return {
        "type": "object",
        "description": "Headers are strings in UTF-8.",
        "properties": told,
        **({"patternProperties": patterns} if patterns else {}),
    }


def _events(topic: Topic, deletes: bool) -> dict[str, Any]:
    """Return what differs from topic to topic: which events there are, of when, and how they are called."""
    events = [event for event in EVENT_TYPES if event.topic == topic.name and event.deletes == deletes]
    named = {header.name: header for header in HEADERS}
    happened = "; ".join(f"`{event.name}`: {event.meaning}" for event in events)
    ids = "; ".join(f"`{event.name}`: {event.id}" for event in events)
    times = "; ".join(f"`{event.name}`: {event.time}" for event in events)
    kind = _header(named[CE_TYPE], f"what has happened. {happened}", topic)
    called = _header(named[CE_ID], f"{named[CE_ID].meaning}. {ids}", topic)
    return {
        # No enum: a type that is added later is no reason to refuse a message.
        CE_TYPE: kind | {"examples": [event.name for event in events]},
        CE_ID: called | {"examples": sorted({event.example for event in events})},
        CE_TIME: _header(named[CE_TIME], f"the event's time, by RFC 3339. {times}", topic),
    }


def _examples(topic: Topic, deletes: bool) -> dict[str, str]:
    """Return the examples that another topic's messages cannot have."""
    records = [message.record for message in topic.messages if message.record]
    found = {CE_SOURCE: SOURCE} if deletes or topic.name in (REJECTED, OUTCOMES, DEAD) else {}
    return found | ({SCHEMA: records[0], CE_DATASCHEMA: SCHEMA_URI + records[0]} if records else {})


def _header(header: Header, meaning: str, topic: Topic) -> dict[str, Any]:
    always = f" {ALWAYS}" if topic.name in header.always else ""
    return {"type": "string", "description": write_sentence(meaning) + always, "examples": [header.example]}
