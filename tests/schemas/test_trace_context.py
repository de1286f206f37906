"""A trace is passed on as it came, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.letter import CONTENT_TYPE, INPUT, RAW, RAW_ID, TRACEPARENT, TRACESTATE, Letter
from schemas.trace_context import follow, read_trace

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STATE = "harbour=t61rcWkgMzE,00f067aa0ba902b7@ferry=a:b/c~"


@pytest.mark.parametrize(
    "parent",
    [
        pytest.param(PARENT, id="of today"),
        pytest.param(PARENT[:-2] + "00", id="not sampled"),
        pytest.param("cc" + PARENT[2:] + "-what-the-future-will-be-like", id="of a version to come"),
    ],
)
def test_a_well_formed_parent_is_passed_on_with_its_state(parent: str) -> None:
    trace = {TRACEPARENT: parent, TRACESTATE: STATE}
    assert read_trace({**trace, "other": "x"}) == trace
    assert read_trace({TRACEPARENT: parent}) == {TRACEPARENT: parent}


@pytest.mark.parametrize(
    "parent",
    [
        pytest.param("", id="empty"),
        pytest.param(PARENT.upper(), id="upper case"),
        pytest.param("ff" + PARENT[2:], id="version ff"),
        pytest.param("00-" + "0" * 32 + "-b7ad6b7169203331-01", id="no trace"),
        pytest.param("00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01", id="no parent"),
        pytest.param(PARENT + "-more", id="more behind version 00"),
        pytest.param(PARENT[:-1], id="cut off"),
        pytest.param(PARENT + "\n", id="a line end behind it"),
        pytest.param(PARENT.replace("0af7", "٠af7"), id="arabic digits"),
        pytest.param("cc" + PARENT[2:] + "-" + "x" * 10_000, id="too long"),
    ],
)
def test_a_malformed_parent_goes_and_its_state_with_it(parent: str) -> None:
    assert read_trace({TRACEPARENT: parent, TRACESTATE: STATE}) == {}


@pytest.mark.parametrize(
    "state",
    [
        pytest.param("", id="empty"),
        pytest.param("harbour", id="no value"),
        pytest.param("harbour=", id="an empty value"),
        pytest.param("Harbour=1", id="upper case"),
        pytest.param("harbour=1,harbour=2", id="one key twice"),
        pytest.param("harbour=a=b", id="a value with ="),
        pytest.param("harbour=1\nx: y", id="a line end"),
        pytest.param("harbour=مرفأ", id="no ASCII"),
        pytest.param(",".join(f"k{number}=1" for number in range(33)), id="33 members"),
        pytest.param("k=" + "v" * 257, id="a long value"),
        pytest.param("k=1," * 10_000, id="too long"),
    ],
)
def test_a_malformed_state_goes_alone(state: str) -> None:
    assert read_trace({TRACEPARENT: PARENT, TRACESTATE: state}) == {TRACEPARENT: PARENT}


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(",".join(f"k{number}=1" for number in range(32)), id="32 members"),
        pytest.param("k=" + "v" * 256, id="the longest value"),
        pytest.param("harbour=1 , ferry=2,", id="spaces and an empty member"),
        pytest.param("a=!#$%&'()*+-./:;<>?@[]^_`{|}~", id="every sign"),
    ],
)
def test_what_the_standard_allows_is_passed_on(state: str) -> None:
    assert read_trace({TRACEPARENT: PARENT, TRACESTATE: state})[TRACESTATE] == state


def test_a_state_without_a_parent_is_nothing() -> None:
    assert read_trace({TRACESTATE: STATE}) == {}


@given(st.text(), st.text())
def test_no_text_raises(parent: str, state: str) -> None:
    assert read_trace({TRACEPARENT: parent}) == {}
    read_trace({TRACEPARENT: PARENT, TRACESTATE: state})


def test_what_follows_has_the_names_of_its_delivery_and_the_trace_alone() -> None:
    names = {INPUT: "a:1", RAW_ID: "1" * 32, TRACEPARENT: PARENT, TRACESTATE: STATE}
    letter = Letter(RAW, "k", b"", {**names, CONTENT_TYPE: "text/html", "ce_id": "7"})
    assert follow(letter) == names
