"""How a delivery ends before it is an article: the rejection or dead letter, and its outcome."""

import traceback

from schemas.codec import DecodeError, decode, encode
from schemas.letter import DEAD, DETAIL, INPUT, OUTCOMES, RAW_ID, REJECTED, Letter
from schemas.outcome import Outcome, Rejection
from schemas.raw import RawArticle
from streams.draft import Draft

# These say that something broke, and the original bytes are kept; every other reason says
# that the delivery was understood and is no article.
DEAD_REASONS = frozenset({"unreadable", "broken_input", "crashed", "out_of_memory", "too_slow", "killed"})


def end_early(
    letter: Letter, stage: str, reason: str, detail: str, draft: Draft | None = None
) -> tuple[Letter, Letter]:
    """Return the letter to `news.dead.v1` or `news.rejected.v1` and the one to `news.outcomes.v1`."""
    raw_id = letter.headers[RAW_ID]
    url = draft.raw.url if draft else _read_url(letter)
    # What broke may have come from the text itself: only what can be written is told.
    detail = detail.encode("utf-8", "replace").decode()[:2000]
    dead = reason in DEAD_REASONS
    outcome = Outcome(
        input=letter.headers[INPUT],
        url=url,
        raw_id=raw_id,
        outcome="dead" if dead else "rejected",
        language=draft.language if draft and stage == "length" else None,
        stage=stage,
        reason=reason,
        detail=detail,
    )
    headers = {INPUT: letter.headers[INPUT], RAW_ID: raw_id}
    if dead:
        cause = {"naba-stage": stage, "naba-reason": reason, DETAIL: detail, "naba-topic": letter.topic}
        first = Letter(DEAD, letter.key, letter.value, headers | cause)
    else:
        rejection = Rejection(raw_id=raw_id, url=url, stage=stage, reason=reason, detail=detail)
        first = Letter(REJECTED, raw_id, encode(rejection), headers)
    return first, Letter(OUTCOMES, raw_id, encode(outcome), headers)


def _read_url(letter: Letter) -> str | None:
    try:
        return decode(letter.value, RawArticle).url
    except DecodeError:
        return None


def describe_crash(error: Exception) -> str:
    """Return the error in a line, with the last places that it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:500]} ({places})"
