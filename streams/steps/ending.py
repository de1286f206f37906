"""How a delivery ends before it is an article: the rejection or dead letter, and its outcome."""

import base64
import re
import traceback
from datetime import UTC, datetime
from hashlib import sha256

from schemas.codec import DecodeError, decode, encode
from schemas.dead import Cause, dead_letter
from schemas.letter import ARTICLE_ID, INPUT, OUTCOMES, RAW_ID, REJECTED, Letter
from schemas.limits import KEPT_OF_TOO_LARGE
from schemas.outcome import Outcome, Rejection
from schemas.raw import RawArticle, read_content
from schemas.trace_context import follow
from streams.draft import Draft

# These say that something broke, and the original bytes are kept; every other reason says
# that the delivery was understood and is no article.
NO_MEMORY = "the page needs more memory than it may have"
DEAD_REASONS = frozenset({"unreadable", "broken_input", "crashed", "out_of_memory", "too_slow", "killed"})
_CLEAN = "streams.steps.clean.CleanStep"
_CLASSES = {"learn": "streams.steps.learn.LearnStep", "compare": "streams.steps.compare.CompareStep"}
_ID = re.compile(r"[0-9a-f]{32}")


def end_early(
    letter: Letter,
    stage: str,
    reason: str,
    detail: str,
    draft: Draft | None = None,
    error: BaseException | None = None,
) -> tuple[Letter, Letter]:
    """Return the letter to `news.dead.v1` or `news.rejected.v1` and the one to `news.outcomes.v1`."""
    headers = follow(letter)
    raw_id = headers[RAW_ID]
    url = draft.raw.url if draft else _read_url(letter)
    # What broke may have come from the text itself: only what can be written is told.
    detail = detail.encode("utf-8", "replace").decode()[:2000]
    dead = reason in DEAD_REASONS
    kept = None
    if reason == "too_large":
        kept, detail = _keep_start(letter, draft, detail)
    outcome = Outcome(
        input=headers[INPUT],
        url=url,
        raw_id=raw_id,
        outcome="dead" if dead else "rejected",
        article_id=_read_withdrawn(letter) if (stage, reason) == ("read", "withdrawn") else None,
        language=draft.language if draft and stage == "length" else None,
        stage=stage,
        reason=reason,
        detail=detail,
    )
    if dead:
        cause = Cause(
            stage=stage,
            reason=reason,
            detail=detail,
            by=_CLASSES.get(stage, _CLEAN),
            error=error,
            attempts=2 if reason == "killed" else 1,  # then it was tried once more
        )
        first = dead_letter(letter, cause, datetime.now(UTC))
    else:
        rejection = Rejection(
            raw_id=raw_id, url=url, stage=stage, reason=reason, detail=detail, content_base64=kept
        )
        first = Letter(REJECTED, raw_id, encode(rejection), headers)
    return first, Letter(OUTCOMES, raw_id, encode(outcome), headers)


def _keep_start(letter: Letter, draft: Draft | None, detail: str) -> tuple[str, str]:
    """Return the start of what was too large as base64, and the detail with its size and hash."""
    if draft is None:  # a source found it, kept its start and told the rest
        return base64.b64encode(letter.value[:KEPT_OF_TOO_LARGE]).decode(), detail
    content = read_content(draft.raw)
    told = f"{detail}; delivered {len(content)} bytes, sha256 {sha256(content).hexdigest()}"
    return base64.b64encode(content[:KEPT_OF_TOO_LARGE]).decode(), told


def _read_withdrawn(letter: Letter) -> str | None:
    """Return the article whose page is gone; any program may write letters, so None for what is no id."""
    named = letter.headers.get(ARTICLE_ID, "")
    return named if _ID.fullmatch(named) else None


def _read_url(letter: Letter) -> str | None:
    try:
        return decode(letter.value, RawArticle).url
    except DecodeError:
        return None


def describe_crash(error: BaseException) -> str:
    """Return the error in a line, with the last places that it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:500]} ({places})"
