"""The logs of the libraries: few lines a minute, each of one line, and what is held back is counted."""

import logging
import sys
import time

import pytest

from streams.app.quiet import OneLine, RateLimit


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def record(text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.cluster", logging.WARNING, "", 0, text, arguments, None)


def test_thousands_of_lines_in_an_outage_are_thirty_a_minute_and_the_rest_is_counted(
    clock: list[float],
) -> None:
    limit = RateLimit()
    shown: list[str] = []
    for _ in range(9000):  # 90 seconds of a hundred lines a second
        clock[0] += 0.01
        line = record("no broker at %s", "127.0.0.1")
        if limit.filter(line):
            shown.append(line.getMessage())
    assert len(shown) == 60
    told = [line for line in shown if "held back" in line]
    assert len(told) == 1
    assert told[0].startswith("(59")
    assert told[0].endswith("lines held back) no broker at 127.0.0.1")
    clock[0] += 600
    line = record("100 %")
    assert limit.filter(line)
    assert line.getMessage().endswith("lines held back) 100 %")
    assert shown.count("no broker at 127.0.0.1") == 59


def test_a_quiet_program_is_held_back_nothing(clock: list[float]) -> None:
    limit = RateLimit()
    for _ in range(500):
        clock[0] += 10
        line = record("one now and then")
        assert limit.filter(line)
        assert line.getMessage() == "one now and then"


def test_a_record_is_one_line_whatever_it_holds() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        found = logging.LogRecord(
            "faust", logging.ERROR, "", 0, "a\n  trace\n\n of lines", (), sys.exc_info()
        )
    line = OneLine().format(found)
    assert line.split(" ", 1)[1].startswith("error faust: a trace of lines (ValueError: first")
    assert "\n" not in line
    assert len(OneLine().format(record("x" * 100_000))) < 600
