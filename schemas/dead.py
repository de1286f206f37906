"""Dead letters: the original as it came, and in its headers what failed, where, why and since when."""

import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.letter import (
    ATTEMPT,
    DEAD,
    DETAIL,
    ERROR_CLASS,
    ERROR_CONNECTOR,
    ERROR_EXCEPTION,
    ERROR_MESSAGE,
    ERROR_OFFSET,
    ERROR_PARTITION,
    ERROR_STACKTRACE,
    ERROR_STAGE,
    ERROR_TASK,
    ERROR_TOPIC,
    FIRST_FAILED_AT,
    REASON,
    STAGE,
    TOPIC,
    TRACEPARENT,
    TRACESTATE,
    Letter,
)
from schemas.record_event import write_time
from schemas.trace_context import read_trace

_CONNECTOR = "naba"
_LONGEST_STACKTRACE = 8000
_DIGITS = 9
SINK = "sink "  # a stage that begins with it is a sink, whose name follows


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why a letter is dead: the stage, a word, a sentence; and as far as they are known, the rest.

    `by` is the full name of the class that failed; `attempts` those of this time.
    """

    stage: str
    reason: str
    detail: str
    by: str | None = None
    error: BaseException | None = None
    attempts: int = 1


def dead_letter(letter: Letter, cause: Cause, at: datetime) -> Letter:
    """Return `letter` addressed to `news.dead.v1`: its value, key and headers, and those of the cause.

    A letter that was dead before and was sent again goes on counting: its attempts, and the
    first failure, which else is `at`. A malformed trace is left out.
    """
    kept = {name: text for name, text in letter.headers.items() if name not in (TRACEPARENT, TRACESTATE)}
    told = {
        STAGE: cause.stage,
        REASON: cause.reason,
        DETAIL: cause.detail,
        TOPIC: letter.topic,
        ATTEMPT: str(_read_attempts(letter.headers.get(ATTEMPT, "")) + cause.attempts),
        FIRST_FAILED_AT: _read_first(letter.headers.get(FIRST_FAILED_AT, ""), at),
        ERROR_TOPIC: letter.topic,
        ERROR_CONNECTOR: _CONNECTOR,
        ERROR_STAGE: _name_stage(cause.stage),
        ERROR_MESSAGE: cause.detail,
    }
    for name in (ERROR_PARTITION, ERROR_OFFSET, ERROR_TASK, ERROR_CLASS, ERROR_EXCEPTION, ERROR_STACKTRACE):
        kept.pop(name, None)  # of a failure before this one
    if cause.by is not None:
        told[ERROR_CLASS] = cause.by
    if cause.error is not None:
        kind = type(cause.error)
        told[ERROR_EXCEPTION] = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        told[ERROR_STACKTRACE] = _write_stacktrace(cause.error)
    return Letter(DEAD, letter.key, letter.value, {**kept, **read_trace(letter.headers), **told})


def tell_place(letter: Letter, topic: str, partition: int, offset: int) -> Letter:
    """Return the dead letter with the place of its original: the topic as it is called on the cluster.

    As Connect's task the partition is named: each is worked on by one worker at a time.
    """
    place = {
        ERROR_TOPIC: topic,
        ERROR_PARTITION: str(partition),
        ERROR_OFFSET: str(offset),
        ERROR_TASK: str(partition),
    }
    return replace(letter, headers={**letter.headers, **place})


def _name_stage(stage: str) -> str:
    """Return the stage as Connect calls it, whose tools know these words alone."""
    if stage.startswith(SINK):
        return "TASK_PUT"
    return "VALUE_CONVERTER" if stage == "read" else "TRANSFORMATION"


def _read_attempts(text: str) -> int:
    # Any program may write letters: what is no number of attempts counts for none.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _read_first(text: str, at: datetime) -> str:
    try:
        known = datetime.fromisoformat(text)
        known = known.astimezone(UTC) if known.tzinfo else at
    except (ValueError, OverflowError):
        known = at
    return write_time(min(known, at))


def _write_stacktrace(error: BaseException) -> str:
    # What failed may have come from the text itself, with letters that cannot be written. The end
    # is kept: that is where it failed.
    text = "".join(traceback.format_exception(error))
    return text.encode("utf-8", "replace").decode()[-_LONGEST_STACKTRACE:]
