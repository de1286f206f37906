"""Finding the original: the published article that a text is related to most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from schemas.article import Relation
from schemas.cleaned import Cleaned
from streams.copies.fingerprint import VERSION, Sketch, read_fingerprint
from streams.copies.index import Index, Keys
from streams.copies.relation import COPY, relate
from streams.copies.row import Row

# The index has this many hashes of an article; a new text asks with more, so that a flash, all of whose
# few hashes are there, is found from the long report that holds it.
_INDEXED, _ASKED = 128, 256
# A text less than half of which stands in the flash it contains says more than that.
_MOSTLY_COPIED = 0.5

PUBLIC = ("published", "revised")


@dataclass(frozen=True, slots=True)
class Edge:
    """How a text is related to an article published before."""

    original: Row
    relation: Relation
    overlap: float
    overlap_of: float

    @property
    def is_copy(self) -> bool:
        """Tell a copy from an article of its own that is merely related."""
        if self.relation == "contains":
            return self.overlap >= _MOSTLY_COPIED
        return self.relation != "same_template"


def find_original(cleaned: Cleaned, rows: Mapping[str, Row], index: Index) -> Edge | None:
    """Return the edge to the published article that this text is related to most, None without one."""
    article = cleaned.article
    sketch = read_fingerprint(article.fingerprint)
    if not len(sketch.hashes):
        return None
    same = [rows.get(found) for found in index.find_same(_whole(cleaned.text_key))]
    edges = [
        Edge(row, "same_text", 1.0, 1.0)
        for row in same
        if row
        and row.text_key == cleaned.text_key
        and row.article_id != article.article_id
        and row.verdict in PUBLIC
    ]
    if not edges:
        likely = index.find_near(*_first(sketch, _ASKED), COPY)
        near = [rows.get(found) for found in likely]
        found = [relate_to(row, sketch) for row in near if row and row.article_id != article.article_id]
        edges = [edge for edge in found if edge]
    # Copies before mere relations, the greatest overlap, then the earliest.
    return min(edges, key=_rank, default=None)


def relate_to(row: Row, sketch: Sketch) -> Edge | None:
    """Return the edge from a text to this article, None where they are not related or it is not public."""
    if row.verdict not in PUBLIC or not row.fingerprint.startswith(f"{VERSION}:"):
        return None
    related = relate(sketch, read_fingerprint(row.fingerprint))
    return Edge(row, *related) if related else None


def index_keys(text_key: str, written: str) -> Keys:
    """Return the keys an article is found under.

    With a fingerprint of another version an article is found by its whole text alone.
    """
    if not written.startswith(f"{VERSION}:"):
        return Keys(_whole(text_key), np.zeros(0, np.uint32), 0)
    return Keys(_whole(text_key), *_first(read_fingerprint(written), _INDEXED))


def _rank(edge: Edge) -> tuple[bool, bool, float, float, str, datetime, str]:
    row = edge.original
    template = edge.relation == "same_template"
    earliest = (row.since, row.moment, row.article_id)
    return (not edge.is_copy, template, -edge.overlap, -edge.overlap_of, *earliest)


def _first(sketch: Sketch, count: int) -> tuple[NDArray[np.uint32], int]:
    """Return the smallest hashes of a sketch, and up to where they are complete."""
    if len(sketch.hashes) <= count:
        return sketch.hashes, sketch.complete_below
    return sketch.hashes[:count], int(sketch.hashes[count])


def _whole(text_key: str) -> int:
    return int(text_key[:8], 16)
