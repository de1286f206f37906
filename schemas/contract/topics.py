"""The public topics: their keys, what they hold, how long, and the messages that stand on each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.letter import ARTICLES, DEAD, DUPLICATES, OUTCOMES, RAW, REJECTED, UNREAD

_WITHDRAWN = {"const": "withdrawn"}
_HTTP_ERROR = {"const": "http_error"}
_UNREAD = {"not": {"enum": ["withdrawn", "http_error"]}}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One kind of message; `record` names its schema, None where the value is no record of naba's.

    `headers` is what tells it from the others of its topic, as JSON Schema.
    """

    name: str
    summary: str
    record: str | None = None
    value: Literal["record", "bytes", "none"] = "record"
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic as a subscriber meets it; `cleanup` is Kafka's `cleanup.policy`.

    `key` names what the key is, `key_meaning` says it in words.
    """

    name: str
    key: str
    key_meaning: str
    holds: str
    kept: str
    cleanup: Literal["compact", "delete"]
    messages: tuple[Message, ...]


TOPICS = (
    Topic(
        name=RAW,
        key="site",
        key_meaning="site: the host without `www.`, `m.` and the like; `raw_id` where there is no address",
        holds="every delivery as it came",
        kept="`store.keep_raw`, 14 days",
        cleanup="delete",
        messages=(
            Message(
                name="delivery",
                summary="One delivery, untouched.",
                record="raw.v1",
                headers={"not": {"required": [UNREAD]}},
            ),
            Message(
                name="withdrawal",
                summary="The page of a delivered article is gone: `naba-unread` is `withdrawn`, no content.",
                record="raw.v1",
                headers={"required": [UNREAD], "properties": {UNREAD: _WITHDRAWN}},
            ),
            Message(
                name="httpError",
                summary="An archive holds no page, but an error: `naba-unread` is `http_error`, no content.",
                record="raw.v1",
                headers={"required": [UNREAD], "properties": {UNREAD: _HTTP_ERROR}},
            ),
            Message(
                name="unread",
                summary="Bytes that a source could not read, as they came: `naba-unread` is the reason.",
                value="bytes",
                headers={"required": [UNREAD], "properties": {UNREAD: _UNREAD}},
            ),
        ),
    ),
    Topic(
        name=ARTICLES,
        key="article_id",
        key_meaning="`article_id`",
        holds="published and revised articles",
        kept="the newest revision of each, for ever; what it replaces, and what is deleted, 3 days",
        cleanup="compact",
        messages=(
            Message(name="article", summary="One revision of one article.", record="article.v1"),
            Message(
                name="deletion",
                summary="No value: the article whose id is the key is deleted, and is to be forgotten.",
                value="none",
            ),
        ),
    ),
    Topic(
        name=DUPLICATES,
        key="article_id",
        key_meaning="`article_id` of the copy",
        holds="copies, and whose they are",
        kept="`kafka.keep_results`, 90 days",
        cleanup="delete",
        messages=(
            Message(name="duplicate", summary="An article that is a copy of another.", record="duplicate.v1"),
            Message(
                name="deletedDuplicate",
                summary="No value: the article whose id is the key is deleted, whatever it was.",
                value="none",
            ),
        ),
    ),
    Topic(
        name=REJECTED,
        key="raw_id",
        key_meaning="`raw_id`",
        holds="what is no article, and why",
        kept="`kafka.keep_results`",
        cleanup="delete",
        messages=(
            Message(
                name="rejection",
                summary="Why a delivery is no article; or the record of a deletion.",
                record="rejection.v1",
            ),
        ),
    ),
    Topic(
        name=OUTCOMES,
        key="raw_id",
        key_meaning="`raw_id`",
        holds="the ledger: what became of each delivery",
        kept="`kafka.keep_results`",
        cleanup="delete",
        messages=(Message(name="outcome", summary="The one end of one delivery.", record="outcome.v1"),),
    ),
    Topic(
        name=DEAD,
        key="original",
        key_meaning="that of the original",
        holds="what could not be worked on, its bytes untouched, the cause in its headers",
        kept="`kafka.keep_dead`, 365 days",
        cleanup="delete",
        messages=(
            Message(
                name="dead",
                summary="The original bytes, untouched, often no JSON; the cause is in the headers.",
                value="bytes",
            ),
        ),
    ),
)
