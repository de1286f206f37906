"""The compare step: a cleaned article in, its record and its outcome out; it never raises."""

from collections.abc import MutableMapping
from datetime import datetime

from schemas.article import Duplicate
from schemas.cleaned import Cleaned
from schemas.codec import decode, encode
from schemas.letter import ARTICLES, DUPLICATES, INPUT, OUTCOMES, RAW_ID, Letter
from streams.copies.compare import compare
from streams.copies.index import Index
from streams.copies.row import Row
from streams.steps.ending import describe_crash, end_early


class CompareStep:
    """Compares in one lane: whatever it is handed first is the original."""

    def __call__(
        self, letter: Letter, rows: MutableMapping[str, Row], index: Index, now: datetime
    ) -> tuple[Letter, ...]:
        """Return the letter to articles or duplicates, if any, and the one to the ledger."""
        try:
            cleaned = decode(letter.value, Cleaned)
            verdict = compare(cleaned, rows, index, now=now)
            headers = {key: letter.headers[key] for key in (INPUT, RAW_ID)}
            outcome = Letter(OUTCOMES, verdict.outcome.raw_id, encode(verdict.outcome), headers)
            if verdict.record is None:
                return (outcome,)
            topic = DUPLICATES if isinstance(verdict.record, Duplicate) else ARTICLES
            return (Letter(topic, verdict.record.article_id, encode(verdict.record), headers), outcome)
        except Exception as error:
            return end_early(letter, "compare", "crashed", describe_crash(error))
