"""A letter: the bytes of one record, addressed to a topic. Names of the topics and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RAW = "news.raw.v1"
CLEAN = "news.clean.v1"
ARTICLES = "news.articles.v1"
DUPLICATES = "news.duplicates.v1"
REJECTED = "news.rejected.v1"
DEAD = "news.dead.v1"
OUTCOMES = "news.outcomes.v1"

INPUT = "naba-input"  # where the delivery stood: path and line, address, sender and key
RAW_ID = "naba-raw-id"
UNREAD = "naba-unread"  # set by a source that could not make a raw article: the reason …
DETAIL = "naba-detail"  # … and what was wrong, with its field


@dataclass(frozen=True, slots=True)
class Letter:
    """What a step takes and gives; `headers` are text, as everything that is not the record."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
