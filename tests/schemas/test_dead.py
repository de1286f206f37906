"""Dead letters: what failed is told, the original is untouched, and attempts are counted on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.dead import Cause, dead_letter, tell_place
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
    INPUT,
    RAW,
    RAW_ID,
    REASON,
    STAGE,
    TOPIC,
    TRACEPARENT,
    Letter,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORIGINAL = Letter(
    RAW, "almarfa.example", b"\x00 as it came \xff", {INPUT: "a:1", RAW_ID: "1" * 32, "x-own": "7"}
)
CAUSE = Cause(stage="read", reason="unreadable", detail="no JSON")


def fail(words: str) -> Exception:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def test_the_original_is_untouched_and_the_cause_is_told_in_both_vocabularies() -> None:
    cause = replace(CAUSE, by="streams.steps.clean.CleanStep", error=fail("broken"), attempts=2)
    letter = tell_place(dead_letter(ORIGINAL, cause, AT), "own.news.raw.v1", 3, 1742)
    assert (letter.topic, letter.key, letter.value) == (DEAD, ORIGINAL.key, ORIGINAL.value)
    trace = letter.headers[ERROR_STACKTRACE]
    assert trace.startswith("Traceback ")
    assert trace.endswith("ValueError: broken\n")
    assert letter.headers == {
        **ORIGINAL.headers,
        STAGE: "read", REASON: "unreadable", DETAIL: "no JSON", TOPIC: RAW,
        ATTEMPT: "2", FIRST_FAILED_AT: "2026-03-01T12:00:00Z",
        ERROR_TOPIC: "own.news.raw.v1", ERROR_PARTITION: "3", ERROR_OFFSET: "1742", ERROR_TASK: "3",
        ERROR_CONNECTOR: "naba", ERROR_STAGE: "VALUE_CONVERTER", ERROR_CLASS: "streams.steps.clean.CleanStep",
        ERROR_EXCEPTION: "ValueError", ERROR_MESSAGE: "no JSON", ERROR_STACKTRACE: trace,
    }  # fmt: skip


def test_what_is_not_known_is_not_told() -> None:
    known = dead_letter(ORIGINAL, CAUSE, AT).headers
    assert known[ERROR_TOPIC] == RAW
    unknown = (ERROR_PARTITION, ERROR_OFFSET, ERROR_TASK, ERROR_CLASS, ERROR_EXCEPTION, ERROR_STACKTRACE)
    assert known.keys() & set(unknown) == set()


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("read", "VALUE_CONVERTER"), ("extract", "TRANSFORMATION"), ("compare", "TRANSFORMATION"),
     ("sink newsroom", "TASK_PUT")],
)  # fmt: skip
def test_connects_tools_read_the_stage_in_their_own_words(stage: str, expected: str) -> None:
    assert dead_letter(ORIGINAL, replace(CAUSE, stage=stage), AT).headers[ERROR_STAGE] == expected


def test_a_dead_letter_that_was_sent_again_counts_on_and_tells_only_its_last_failure() -> None:
    first = tell_place(dead_letter(ORIGINAL, replace(CAUSE, error=fail("first"), attempts=2), AT), RAW, 3, 5)
    later = dead_letter(replace(first, topic=RAW), replace(CAUSE, stage="clean"), AT.replace(day=2))
    assert (later.headers[ATTEMPT], later.headers[FIRST_FAILED_AT]) == ("3", "2026-03-01T12:00:00Z")
    assert later.headers[STAGE] == "clean"
    assert later.headers.keys() & {ERROR_STACKTRACE, ERROR_EXCEPTION, ERROR_OFFSET, ERROR_PARTITION} == set()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({ATTEMPT: "many", FIRST_FAILED_AT: "yesterday"}, id="words"),
        pytest.param(
            {ATTEMPT: "-1", FIRST_FAILED_AT: "2027-01-01T00:00:00Z"}, id="less than none, in future"
        ),
        pytest.param(
            {ATTEMPT: "9" * 5000, FIRST_FAILED_AT: "2026-01-01"}, id="long, and a day without a zone"
        ),
        pytest.param(
            {ATTEMPT: "٣", FIRST_FAILED_AT: "0001-01-01T00:00:00+23:00"}, id="arabic, before all time"
        ),
    ],
)
def test_what_another_program_says_of_attempts_is_not_believed_where_it_makes_no_sense(
    headers: dict[str, str],
) -> None:
    letter = dead_letter(replace(ORIGINAL, headers={**ORIGINAL.headers, **headers}), CAUSE, AT)
    assert (letter.headers[ATTEMPT], letter.headers[FIRST_FAILED_AT]) == ("1", "2026-03-01T12:00:00Z")


def test_a_malformed_trace_is_left_out() -> None:
    letter = replace(ORIGINAL, headers={**ORIGINAL.headers, TRACEPARENT: "00-none"})
    assert TRACEPARENT not in dead_letter(letter, CAUSE, AT).headers


def test_a_failure_that_quotes_a_large_text_stays_small_and_can_be_written() -> None:
    letter = dead_letter(ORIGINAL, replace(CAUSE, error=fail("x" * 5_000_000 + "\ud800")), AT)
    assert letter.size < 10_000
    assert letter.headers[ERROR_STACKTRACE].encode().endswith(b"x?\n")
