"""What follows from a letter, through every step: the names of its delivery, its trace, and nothing else."""

from datetime import UTC, datetime
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest

from schemas.ids import raw_id
from schemas.letter import (
    ATTEMPT,
    CLEAN,
    CONTENT_TYPE,
    DEAD,
    DETAIL,
    DUPLICATES,
    ERROR_CLASS,
    ERROR_EXCEPTION,
    ERROR_STACKTRACE,
    INPUT,
    OUTCOMES,
    RAW,
    RAW_ID,
    REJECTED,
    TRACEPARENT,
    TRACESTATE,
    UNREAD,
    Letter,
    raw_letter,
    unread_letter,
)
from schemas.raw import RawArticle
from schemas.trace_context import follow
from streams.copies.compare import build_index
from streams.copies.index import Index
from streams.copies.row import Row
from streams.cutting.rule import Rules
from streams.draft import Draft
from streams.learned.host_lines import HostLines
from streams.steps.clean import CleanStep
from streams.steps.compare import CompareStep
from streams.steps.ending import end_early
from streams.steps.learn import LearnStep

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = (
    "The harbour office told the boats of the northern pier to wait for the tide, and they waited. "
    "Nobody could say when the lamp would burn again, but a new one has been ordered from the town."
)
TRACE = {
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    TRACESTATE: "harbour=t61rcWkgMzE",
}
MALFORMED = {TRACEPARENT: "00-0af7651916cd43dd-01", TRACESTATE: "harbour=t61rcWkgMzE"}


def deliver(text: str, trace: dict[str, str], url: str = "https://almarfa.example/1") -> Letter:
    raw = RawArticle(
        raw_id=raw_id("harbour", url, text.encode(), None), source="harbour", url=url, content=text,
        content_type="text/plain", fetched_at=NOW,
    )  # fmt: skip
    letter = raw_letter(url, raw)
    more = {CONTENT_TYPE: "application/json", "ce_id": "raw.7", "x-own": "1"}
    return Letter(RAW, letter.key, letter.value, {**letter.headers, **more, **trace})


def make_unread(trace: dict[str, str]) -> Letter:
    letter = unread_letter("news.jsonl:1", "files", b"\xff{", "unreadable", "no JSON")
    return Letter(RAW, letter.key, letter.value, {**letter.headers, "x-own": "1", **trace})


def work(*letters: Letter) -> list[Letter]:
    """Return all that follows, clean letters included, as the runners have the steps do it."""
    clean, learn, compare = CleanStep(rules=Rules([])), LearnStep(), CompareStep()
    rows: dict[str, Row] = {}
    index, found = build_index([]), list[Letter]()
    for letter in letters:
        made = clean(letter)
        found += made
        if made[0].topic == CLEAN:
            (learnt,) = learn(made[0], HostLines(), 1).letters
            found.append(learnt)
            found += compare(learnt, rows, index, NOW)
    return found


@pytest.mark.parametrize(
    ("trace", "passed_on"),
    [(TRACE, TRACE), (MALFORMED, {}), ({}, {})],
    ids=["traced", "malformed", "untraced"],
)
def test_every_letter_that_follows_has_the_names_and_a_well_formed_trace(
    trace: dict[str, str], passed_on: dict[str, str]
) -> None:
    delivered = [
        deliver(TEXT, trace),
        deliver(TEXT, trace, "https://copies.example/1"),
        deliver("Too short.", trace),
        make_unread(trace),
    ]
    found = work(*delivered)
    assert {letter.topic for letter in found} >= {CLEAN, DUPLICATES, REJECTED, DEAD, OUTCOMES}
    names = {letter.headers[RAW_ID]: letter.headers[INPUT] for letter in delivered}
    for letter in found:
        expected = {INPUT: names[letter.headers[RAW_ID]], RAW_ID: letter.headers[RAW_ID], **passed_on}
        assert follow(letter) == expected
        if letter.topic != DEAD:
            assert letter.headers == expected


def test_a_dead_letter_keeps_what_its_original_had() -> None:
    original = make_unread(TRACE)
    dead, _ = work(original)
    assert (dead.topic, dead.key, dead.value) == (DEAD, original.key, original.value)
    assert original.headers.items() <= dead.headers.items()
    assert (dead.headers[UNREAD], dead.headers[DETAIL]) == ("unreadable", "no JSON")
    # The source has seen the exception, and told it in words.
    assert ERROR_EXCEPTION not in dead.headers


def test_what_raised_is_told_with_its_class_and_its_place() -> None:
    def break_down(_draft: Draft) -> Draft:
        raise RuntimeError("broken on purpose")

    class Broken(CleanStep):
        def stages(self):  # type: ignore[no-untyped-def]
            return [*super().stages(), ("mine", break_down)]

    dead, _ = Broken(rules=Rules([]), zone=ZoneInfo("UTC"))(deliver(TEXT, TRACE))
    assert dead.headers[ERROR_EXCEPTION] == "RuntimeError"
    assert "in break_down" in dead.headers[ERROR_STACKTRACE]
    foreign = Letter(RAW, "k", b'["a list"]', {INPUT: "a:1", RAW_ID: "1" * 32})
    dead, _ = CleanStep(rules=Rules([]))(foreign)
    assert dead.headers[ERROR_EXCEPTION] == "schemas.codec.DecodeError"


@pytest.mark.parametrize("step", ["learn", "compare"])
def test_what_a_later_step_cannot_work_on_is_told_as_well(step: str) -> None:
    broken = Letter(CLEAN, "almarfa.example", b"{}", {INPUT: "a:1", RAW_ID: "1" * 32, **TRACE})
    index: Index = build_index([])
    letters = (
        LearnStep()(broken, None, 1).letters if step == "learn" else CompareStep()(broken, {}, index, NOW)
    )
    dead, outcome = letters
    assert (dead.topic, dead.value, outcome.topic) == (DEAD, b"{}", OUTCOMES)
    assert dead.headers[ERROR_EXCEPTION] == "schemas.codec.DecodeError"
    assert dead.headers.items() >= TRACE.items()
    assert outcome.headers.items() >= TRACE.items()


@pytest.mark.parametrize("stage", ["read", "clean", "extract", "learn", "compare"])
def test_the_class_that_failed_is_there_to_be_found(stage: str) -> None:
    dead, _ = end_early(deliver(TEXT, {}), stage, "crashed", "as asked")
    module, _, name = dead.headers[ERROR_CLASS].rpartition(".")
    assert callable(getattr(import_module(module), name))


def test_a_page_over_which_two_processes_ended_was_tried_twice() -> None:
    attempts = [
        end_early(deliver(TEXT, {}), "clean", one, "")[0].headers[ATTEMPT] for one in ("killed", "crashed")
    ]
    assert attempts == ["2", "1"]
