"""Which letters a sink gets: every article, and the copies whose relation its settings name."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.sink import Received, Refused, Sink, Unfinished
from schemas.article import Relation
from schemas.codec import DecodeError, decode
from schemas.letter import ARTICLES, DUPLICATES, Letter


@dataclass(frozen=True, kw_only=True, slots=True)
class _Copy:
    relation: Relation


def list_topics(relations: Sequence[Relation]) -> tuple[str, ...]:
    """Return the topics on which everything stands that such a sink is to have."""
    return (ARTICLES, DUPLICATES) if relations else (ARTICLES,)


class OnlyWanted:
    """A sink that hands on to another what is wanted, and passes over the other copies."""

    def __init__(self, sink: Sink, relations: Sequence[Relation]) -> None:
        self.topics, self.is_new = sink.topics, sink.is_new
        self._sink, self._relations = sink, relations

    def write(self, batch: Sequence[Received]) -> Sequence[Refused]:
        """Come back once the other has what is wanted of the batch. Raises as it does."""
        places = [place for place, item in enumerate(batch) if _is_wanted(item.letter, self._relations)]
        if not places:
            return ()
        try:
            return self._sink.write([batch[place] for place in places])
        except Unfinished as part:
            # What is passed over in front of the next one is written too; by itself it is no news.
            count = places[part.count] if part.count else 0
            raise Unfinished(count, part.refused, part.taken) from None

    def close(self) -> None:
        """Close the other."""
        self._sink.close()


def _is_wanted(letter: Letter, relations: Sequence[Relation]) -> bool:
    if letter.topic != DUPLICATES:
        return True
    try:
        return decode(letter.value, _Copy).relation in relations
    except DecodeError:
        return True  # the sink looks closer, and says what is wrong with it
