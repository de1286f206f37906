import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.learned.host_lines import HostLines, Learned, restore, snapshot
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys

_LABELS = ["Read also", "Follow us", "By the desk", "Sectors:", "write to a@b.example", "***", "News " * 25]
lines = st.lists(st.one_of(st.sampled_from(_LABELS), st.text(max_size=90)), min_size=1, max_size=12)
pages = st.lists(st.tuples(lines, st.integers(0, 30)), min_size=1, max_size=60)


def fold(state: HostLines, seq: int, page: tuple[list[str], int]) -> bytes:
    row = page_row(state, seq, f"article {page[1]}", page[0], line_keys(page[0]))
    fold_row(state, row)
    return row


@settings(max_examples=60, deadline=None)
@given(pages, st.integers(0, 59))
def test_a_state_restored_and_folded_on_is_the_one_that_never_stopped(
    published: list[tuple[list[str], int]], stop: int
) -> None:
    state, stopped = HostLines(), HostLines()
    rows = [fold(state, seq, page) for seq, page in enumerate(published)]
    for row in rows[:stop]:
        fold_row(stopped, row)
    resumed = restore(snapshot(stopped))
    assert resumed == stopped
    # A crash between snapshot and the deletion of its rows: all of them come again.
    for row in rows:
        fold_row(resumed, row)
    assert resumed == state
    assert snapshot(resumed) == snapshot(state)


def test_the_snapshot_of_a_host_just_met_is_small() -> None:
    assert len(snapshot(HostLines())) < 1000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00" * 100, id="noise"),
        pytest.param(zlib.compress(b"{}"), id="something else"),
        pytest.param(snapshot(HostLines())[:-5], id="cut short"),
    ],
)
def test_bytes_that_are_no_snapshot_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        restore(data)


def test_a_snapshot_of_before_pages_were_told_opens_with_page_zero() -> None:
    line = Learned(
        example="Follow us", mark=0, counts=[0, 0, 10], since=[-1, -1, 4], first_page=1, first_seq=1,
        last_page=9, last_seq=9, on_page=[-1, -1, -1],
    )  # fmt: skip
    restored = restore(snapshot(HostLines(newest=9, pages=9, learned={7: line})))
    assert restored.learned[7].on_page == [-1, -1, 0]
