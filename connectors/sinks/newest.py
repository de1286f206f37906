"""What a batch comes down to in a store that holds each article once: its newest revision, or its end."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.sink import Received, Refused
from connectors.sinks.columns import read_story
from schemas.article import Article, Duplicate, Relation
from schemas.codec import DecodeError

_ID = re.compile("[0-9a-f]{32}")
Rank = tuple[int, bool]  # the higher one stays


@dataclass(frozen=True, slots=True)
class Newest:
    """A record of a batch, with the bytes that it was read from."""

    item: Received
    story: Article | Duplicate

    @property
    def rank(self) -> Rank:
        """Return what decides between two records of an article, in whatever order they come."""
        return self.story.revision, isinstance(self.story, Article)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes that a batch makes, by article: each is in one of the three.

    `passed` has the revision of what is a copy of no wanted relation now: what is held of older ones goes.
    """

    newest: dict[str, Newest] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, datetime] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def sum_up(batch: Iterable[Received], relations: Sequence[Relation]) -> Changes:
    """Return what is left of a batch for a store that wants copies of these relations.

    What follows a deletion of its article is left out.

    A deleted article never comes back: copies stand on a topic of their own, and one that was sent
    before the deletion may be read after it.
    """
    changes = Changes()
    for item in batch:
        if not item.letter.value:
            _delete(changes, item)
            continue
        try:
            found = Newest(item, read_story(item.letter))
        except DecodeError as error:
            changes.refused.append(Refused(item, str(error)))
            continue
        name = found.story.article_id
        known = changes.newest.get(name)
        if name not in changes.deleted and (known is None or found.rank > known.rank):
            changes.newest[name] = found
    for name, found in list(changes.newest.items()):
        if isinstance(found.story, Duplicate) and found.story.relation not in relations:
            changes.passed[name] = changes.newest.pop(name).story.revision
    return changes


def _delete(changes: Changes, item: Received) -> None:
    name = item.letter.key
    if not _ID.fullmatch(name):
        changes.refused.append(Refused(item, "is empty, and its key is no article_id"))
        return
    changes.newest.pop(name, None)
    changes.deleted.setdefault(name, item.at)
