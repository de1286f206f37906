"""A record as a message of Standard Webhooks: what has happened, when, and the record itself."""

import re
from dataclasses import dataclass

from connectors.sink import Received
from connectors.sinks.columns import read_story
from schemas.codec import DecodeError
from schemas.letter import DUPLICATES
from schemas.record_event import write_time

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the same whenever the record is sent: its `ce_id`, with `_` where that has a full stop.

    (A full stop divides what is signed.)
    """

    id: str
    body: bytes


def write_message(item: Received) -> Message | None:
    """Return the message of an article, a copy or a deletion. Raises DecodeError where it is none.

    None of a deletion among the copies: the same stands among the articles.
    """
    letter = item.letter
    if not letter.value:
        if letter.topic == DUPLICATES:
            return None
        if not _ID.fullmatch(letter.key):
            raise DecodeError("is empty, and its key is no article_id")
        body = _write_body(
            "article.deleted", write_time(item.at), b'{"article_id":"%s"}' % letter.key.encode()
        )
        return Message(f"deletion_{letter.key}", body)
    story = read_story(letter)
    if letter.topic == DUPLICATES:
        kind, event = "duplicate", "article.duplicate"
    else:
        kind, event = "article", "article.published" if story.revision == 1 else "article.revised"
    # The record goes as the bytes that stand on the topic: they have just been read as JSON.
    body = _write_body(event, write_time(story.processed_at or item.at), letter.value)
    return Message(f"{kind}_{story.article_id}_{story.revision}", body)


def _write_body(event: str, time: str, data: bytes) -> bytes:
    return b'{"type":"%s","timestamp":"%s","data":%s}' % (event.encode(), time.encode(), data)
