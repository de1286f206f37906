"""The schema of the headers that messages of a topic have."""

from typing import Any

from schemas.contract.topics import Topic
from schemas.description import write_sentence
from schemas.event_types import EVENT_TYPES
from schemas.headers import HEADERS, Header
from schemas.letter import CE_TIME, CE_TYPE, ORIGINAL


def write_header_schema(topic: Topic) -> dict[str, Any]:
    """Return the schema (AsyncAPI's, which is draft 7 of JSON Schema) of an object with all headers as text.

    None is required: a message from before there was a header is as good.
    """
    here = [header for header in HEADERS if topic.name in (*header.always, *header.sometimes)]
    told = {header.name: _header(header, header.meaning, topic) for header in here} | _events(topic)
    patterns = {f"^{name}": told.pop(name) for name in (ORIGINAL,) if name in told}
    return {
        "type": "object",
        "description": "Headers are strings in UTF-8.",
        "properties": told,
        **({"patternProperties": patterns} if patterns else {}),
    }


def _events(topic: Topic) -> dict[str, Any]:
    """Return what differs from topic to topic: which events there are, and of when."""
    events = [event for event in EVENT_TYPES if event.topic == topic.name]
    named = {header.name: header for header in HEADERS}
    happened = "; ".join(f"`{event.name}`: {event.meaning}" for event in events)
    times = "; ".join(f"`{event.name}`: {event.time}" for event in events)
    kind = _header(named[CE_TYPE], f"what has happened. {happened}", topic)
    names = [event.name for event in events]
    return {
        # No enum: a type that is added later is no reason to refuse a message.
        CE_TYPE: kind | {"examples": names},
        CE_TIME: _header(named[CE_TIME], f"the event's time, by RFC 3339. {times}", topic),
    }


def _header(header: Header, meaning: str, topic: Topic) -> dict[str, Any]:
    always = " On every message that this version writes." if topic.name in header.always else ""
    return {"type": "string", "description": write_sentence(meaning) + always, "examples": [header.example]}
