"""A letter: the bytes of one record, addressed to a topic. Names of the topics and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.address import NO_ALIASES, Aliases, host_of, site_of
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
ARTICLE_ID = "naba-article-id"  # of a withdrawal: the article whose page is gone
STAGE = "naba-stage"  # of a dead letter: where it ended …
REASON = "naba-reason"  # … and why
TOPIC = "naba-topic"  # of a dead letter: where it came from
ATTEMPT = "naba-attempt"  # of a dead letter: how often it has been tried …
FIRST_FAILED_AT = "naba-first-failed-at"  # … and since when
ORIGINAL = "naba-original-"  # of a dead letter: in front of the name of a header that is its own now
SCHEMA = "naba-schema"  # what the value is, and its version
VERSION = "naba-version"  # of the program that wrote it

# CloudEvents 1.0.2, Kafka protocol binding, binary mode: what a message is as an event.
CE_SPECVERSION = "ce_specversion"
CE_ID = "ce_id"
CE_SOURCE = "ce_source"
CE_TYPE = "ce_type"
CE_TIME = "ce_time"
CE_SUBJECT = "ce_subject"
CE_DATASCHEMA = "ce_dataschema"
CONTENT_TYPE = "content-type"

# W3C Trace Context.
TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

# Kafka Connect's names, for its tools: of a dead letter, what failed where.
ERROR_TOPIC = "__connect.errors.topic"
ERROR_PARTITION = "__connect.errors.partition"
ERROR_OFFSET = "__connect.errors.offset"
ERROR_CONNECTOR = "__connect.errors.connector.name"
ERROR_TASK = "__connect.errors.task.id"
ERROR_STAGE = "__connect.errors.stage"
ERROR_CLASS = "__connect.errors.class.name"
ERROR_EXCEPTION = "__connect.errors.exception.class.name"
ERROR_MESSAGE = "__connect.errors.exception.message"
ERROR_STACKTRACE = "__connect.errors.exception.stacktrace"


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


def raw_letter(input: str, raw: RawArticle, aliases: Aliases = NO_ALIASES) -> Letter:
    """Return the letter by which a source delivers `raw`, keyed by site: one worker sees all of it."""
    key = site_of(host_of(raw.url), aliases) or raw.raw_id
    return Letter(RAW, key, encode(raw), {INPUT: input, RAW_ID: raw.raw_id})


def withdrawal_letter(
    input: str, raw: RawArticle, article_id: str, detail: str, aliases: Aliases = NO_ALIASES
) -> Letter:
    """Return the letter that says that the page of a delivered article is not there any more.

    `raw` has its address and an empty content; `detail` tells what the server answered.
    """
    delivered = raw_letter(input, raw, aliases)
    withdrawn = {UNREAD: "withdrawn", DETAIL: detail, ARTICLE_ID: article_id}
    return replace(delivered, headers={**delivered.headers, **withdrawn})


def unread_letter(input: str, source: str, value: bytes, reason: str, detail: str) -> Letter:
    """Return the letter for bytes that are no raw article; they travel untouched."""
    # Of what is missing there are no bytes, and of what is too large not all: the place, or the
    # detail with size and hash, stands for them.
    named = {"broken_input": input, "too_large": detail}.get(reason)
    name = raw_id(source, named, value, None)
    return Letter(RAW, name, value, {INPUT: input, RAW_ID: name, UNREAD: reason, DETAIL: detail})
