"""The compare step: a cleaned article in, its record and its outcome out; it never raises."""

from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime

from schemas.article import Duplicate
from schemas.cleaned import Cleaned
from schemas.codec import decode, encode
from schemas.deletion import DELETE, Deletion, carried_out
from schemas.letter import ARTICLES, DUPLICATES, OUTCOMES, REJECTED, Letter
from schemas.outcome import Outcome, Rejection
from schemas.trace_context import follow, read_trace
from streams.copies.compare import compare
from streams.copies.delete import delete
from streams.copies.index import Index
from streams.copies.row import Row
from streams.reject import Reject
from streams.steps.ending import describe_crash, end_early

_STAGE = "compare"


class CompareStep:
    """Compares in one lane: whatever it is handed first is the original."""

    def __call__(
        self, letter: Letter, rows: MutableMapping[str, Row], index: Index, now: datetime
    ) -> tuple[Letter, ...]:
        """Return the letter to articles or duplicates, if any, and the one to the ledger.

        What follows from a deletion, which is no delivery, are two letters without a value and a
        record of it.
        """
        try:
            if DELETE in letter.headers:
                return _delete(letter, rows, index)
            return _compare(letter, rows, index, now)
        except Exception as error:
            return end_early(letter, _STAGE, "crashed", describe_crash(error), error=error)


def _compare(
    letter: Letter, rows: MutableMapping[str, Row], index: Index, now: datetime
) -> tuple[Letter, ...]:
    cleaned, headers = decode(letter.value, Cleaned), follow(letter)
    try:
        verdict = compare(cleaned, rows, index, now=now)
    except Reject as why:
        return _reject(cleaned, why, headers)
    outcome = Letter(OUTCOMES, verdict.outcome.raw_id, encode(verdict.outcome), headers)
    if verdict.record is None:
        return (outcome,)
    topic = DUPLICATES if isinstance(verdict.record, Duplicate) else ARTICLES
    return (Letter(topic, verdict.record.article_id, encode(verdict.record), headers), outcome)


def _reject(cleaned: Cleaned, why: Reject, headers: dict[str, str]) -> tuple[Letter, ...]:
    article = cleaned.article
    rejection = Rejection(
        raw_id=article.raw_id, url=article.url, stage=_STAGE, reason=why.reason, detail=why.detail
    )
    outcome = Outcome(
        input=cleaned.input,
        url=article.url,
        raw_id=article.raw_id,
        outcome="rejected",
        article_id=article.article_id,
        language=article.language,
        stage=_STAGE,
        reason=why.reason,
        detail=why.detail,
    )
    return (
        Letter(REJECTED, article.raw_id, encode(rejection), headers),
        Letter(OUTCOMES, article.raw_id, encode(outcome), headers),
    )


def _delete(letter: Letter, rows: MutableMapping[str, Row], index: Index) -> tuple[Letter, ...]:
    row = delete(decode(letter.value, Deletion), rows, index)
    assert row.deletion is not None
    trace = read_trace(letter.headers)
    return tuple(
        replace(one, headers={**one.headers, **trace}) for one in carried_out(row.deletion, row.revision)
    )
