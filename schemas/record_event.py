"""What the value of a letter tells of itself as an event: a delivery, an article or a copy.

The one module besides the codec that reads records. Each letter passes here on its way to Kafka, and
of a page of megabytes four short fields are wanted, without the rest being built.
"""

from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

import msgspec

from schemas.event_types import DELIVERED, DUPLICATE, PUBLISHED, REVISED, WITHDRAWN
from schemas.letter import (
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_SUBJECT,
    CE_TIME,
    CE_TYPE,
    CONTENT_TYPE,
    DUPLICATES,
    RAW_ID,
    SCHEMA,
    UNREAD,
    Letter,
)

SOURCE = "/naba"  # of what naba itself has found out; of what a source brought, its name follows
SCHEMA_URI = "urn:naba:schema:"  # in front of a schema's name: CloudEvents wants a URI (RFC 3986)


class _Raw(msgspec.Struct):
    schema: str
    raw_id: str
    source: str
    fetched_at: datetime


class _Story(msgspec.Struct):
    schema: str
    article_id: str
    source: str
    fetched_at: str
    revision: int = 1
    published_at: str | None = None
    published_at_precision: str | None = None


_read_raw = msgspec.json.Decoder(_Raw).decode
_read_story = msgspec.json.Decoder(_Story).decode
# What is no JSON, no UTF-8, or nested too deep: the bytes of others pass here as they came.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def describe_raw(letter: Letter, name: str, now: datetime) -> dict[str, str]:
    """Return the event of the delivery that is called `name`, whether or not its bytes are a record."""
    event = {
        CE_ID: f"raw.{name}",
        CE_SOURCE: SOURCE,
        CE_TYPE: WITHDRAWN if letter.headers.get(UNREAD) == "withdrawn" else DELIVERED,
        CE_TIME: write_time(now),
        CE_SUBJECT: letter.headers[RAW_ID],
    }
    try:
        raw = _read_raw(letter.value)
    except _UNREADABLE:
        return event
    # Bytes that a source could not read may look like a record, and are not called as it is.
    if raw.raw_id != letter.headers[RAW_ID] or raw.fetched_at.tzinfo is None:
        return event
    told = {CE_SOURCE: _name_source(raw.source), CE_TIME: write_time(raw.fetched_at)}
    return {**event, **told, **name_schema(raw.schema)}


def describe_story(letter: Letter) -> dict[str, str] | None:
    """Return the event of a revision of an article or a copy, None where the value is neither."""
    try:
        story = _read_story(letter.value)
    except _UNREADABLE:
        return None
    kind = story.schema.partition(".")[0]
    published = PUBLISHED if story.revision == 1 else REVISED
    trusted = story.published_at if story.published_at_precision == "second" else None
    return {
        CE_ID: f"{kind}.{story.article_id}.{story.revision}",
        CE_SOURCE: _name_source(story.source),
        CE_TYPE: DUPLICATE if letter.topic == DUPLICATES else published,
        CE_TIME: trusted or story.fetched_at,
        CE_SUBJECT: story.article_id,
        **name_schema(story.schema),
    }


def name_schema(schema: str) -> dict[str, str]:
    """Return the headers that name the schema of a value in JSON."""
    return {CE_DATASCHEMA: SCHEMA_URI + schema, SCHEMA: schema, CONTENT_TYPE: "application/json"}


def write_time(moment: datetime) -> str:
    """Return the time, which is UTC, as records have it: RFC 3339 in whole seconds with Z."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def _name_source(source: str) -> str:
    return f"{SOURCE}/{quote(source, safe='')}" if source else SOURCE
