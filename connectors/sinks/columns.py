"""The columns that every store of tables has for an article: a column is named as the record's field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Literal

from schemas.article import Article, Duplicate, Story
from schemas.codec import decode
from schemas.letter import DUPLICATES, Letter

# What each store writes in its own type; a list is one of strings, a time has its zone (UTC).
Kind = Literal["text", "integer", "real", "time", "list"]
Value = str | int | float | datetime | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column; one that is not `required` is null where the record does not know."""

    name: str
    kind: Kind
    required: bool = False


# Of both tables; behind them each has `record`, the bytes of the letter. New ones come at the end.
ARTICLE_COLUMNS = (
    Column("article_id", "text", required=True),
    Column("revision", "integer", required=True),
    Column("url", "text"),
    Column("canonical_url", "text"),
    Column("host", "text", required=True),
    Column("publisher", "text"),
    Column("language", "text", required=True),
    Column("title", "text"),
    Column("kicker", "text"),
    Column("text", "text", required=True),
    Column("authors", "list", required=True),
    Column("section", "text"),
    Column("tags", "list", required=True),
    Column("image", "text"),
    Column("licence", "text"),
    Column("word_count", "integer", required=True),
    Column("published_at", "time"),
    Column("modified_at", "time"),
    Column("fetched_at", "time", required=True),
    Column("processed_at", "time"),
    Column("source", "text", required=True),
    Column("raw_id", "text", required=True),
    Column("content_hash", "text", required=True),
)
DUPLICATE_COLUMNS = (
    *ARTICLE_COLUMNS,
    Column("duplicate_of", "text"),
    Column("relation", "text"),
    Column("overlap", "real"),
)


def read_story(letter: Letter) -> Article | Duplicate:
    """Return the record of a letter of articles or copies. Raises DecodeError, naming the field."""
    if letter.topic == DUPLICATES:
        return decode(letter.value, Duplicate)
    return decode(letter.value, Article)


def read_values(story: Story, columns: Sequence[Column]) -> tuple[Value, ...]:
    """Return what stands in `columns`, two or more of them, in their order."""
    values: tuple[Value, ...] = attrgetter(*(column.name for column in columns))(story)
    return values
