"""Deleting: the row of an article becomes the note that there shall be none."""

from collections.abc import MutableMapping
from dataclasses import replace

from schemas.deletion import Deletion
from streams.copies.index import Index
from streams.copies.original import PUBLIC, index_keys
from streams.copies.row import NO_HASH, Row


def delete(deletion: Deletion, rows: MutableMapping[str, Row], index: Index) -> Row:
    """Return the row that the article has from now on, whether or not it ever came.

    The first order counts: the same again changes nothing. Of the deliveries stays what each was
    answered, so that one that is worked on a second time gets the same answer.
    """
    row = rows.get(deletion.article_id)
    if row is not None and row.deletion is not None:
        return row
    if row is not None and row.verdict in PUBLIC:
        index.discard(row.article_id, index_keys(row.text_key, row.fingerprint))
    deleted = Row(
        article_id=deletion.article_id,
        revision=row.revision if row else 0,
        verdict="deleted",
        content_hash=NO_HASH,
        delivered_hash=NO_HASH,
        uncut_hash=NO_HASH,
        text_key=NO_HASH,
        fingerprint="",
        since=f"{deletion.asked_at:%Y-%m-%d}",
        moment=deletion.asked_at.replace(microsecond=0),
        deletion=deletion,
        deliveries=tuple(replace(one, raw_id=NO_HASH) for one in row.deliveries) if row else (),
    )
    rows[deletion.article_id] = deleted
    return deleted
