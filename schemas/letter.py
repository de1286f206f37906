"""A letter: the bytes of one record, addressed to a topic. Names of the topics and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.address import host_of, site_of
from schemas.codec import encode
from schemas.ids import raw_id
from schemas.raw import RawArticle

RAW = "news.raw.v1"
CLEAN = "news.clean.v1"
ARTICLES = "news.articles.v1"
DUPLICATES = "news.duplicates.v1"
REJECTED = "news.rejected.v1"
DEAD = "news.dead.v1"
OUTCOMES = "news.outcomes.v1"

# Addresses that are no topic: what `naba explain` is told, stage by stage.
EXPLAIN = "explain"
REFUSED = "explain.refused"

INPUT = "naba-input"  # where the delivery stood: path and line, address, sender and key
RAW_ID = "naba-raw-id"
UNREAD = "naba-unread"  # set by a source that could not make a raw article: the reason …
DETAIL = "naba-detail"  # … and what was wrong, with its field
STAGE = "naba-stage"  # of a dead letter: where it ended …
REASON = "naba-reason"  # … and why
TOPIC = "naba-topic"  # of a dead letter: where it came from


@dataclass(frozen=True, slots=True)
class Letter:
    """What a step takes and gives; `headers` are text, as everything that is not the record."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return the bytes that it takes on its way, headers included."""
        headers = sum(len(name) + len(text.encode()) for name, text in self.headers.items())
        return len(self.key.encode()) + len(self.value) + headers


def raw_letter(input: str, raw: RawArticle) -> Letter:
    """Return the letter by which a source delivers `raw`, keyed by site: one worker sees all of it."""
    key = site_of(host_of(raw.url)) or raw.raw_id
    return Letter(RAW, key, encode(raw), {INPUT: input, RAW_ID: raw.raw_id})


def unread_letter(input: str, source: str, value: bytes, reason: str, detail: str) -> Letter:
    """Return the letter for bytes that are no raw article; they travel untouched."""
    # Of what is missing there are no bytes, and of what is too large not all: the place, or the
    # detail with size and hash, stands for them.
    named = {"broken_input": input, "too_large": detail}.get(reason)
    name = raw_id(source, named, value, None)
    return Letter(RAW, name, value, {INPUT: input, RAW_ID: name, UNREAD: reason, DETAIL: detail})
