"""A poisonous page ends with its reason, within its limit, and the good pages around it come out."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.sources.files import FilesSource
from schemas.letter import OUTCOMES, Letter
from streams.settings import CleanSettings, Settings
from streams.verbs.run import run_source

PARAGRAPH = (
    "<p>The harbour office told the boats of the northern pier to wait for the tide, and they waited.</p>"
)


def make_html(body: str) -> bytes:
    return json.dumps(
        {"html": f"<html><body>{body}</body></html>", "url": "https://poison.example/x"}
    ).encode()


POISON = [
    pytest.param(
        make_html("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</p>"), id="60,000 attributes"
    ),
    pytest.param(
        make_html('<p title=">" ' + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</p>" + PARAGRAPH * 5),
        id="60,000 attributes behind a quoted bracket",
    ),
    pytest.param(make_html("<div>" * 100_000 + PARAGRAPH), id="100,000 nested div"),
    pytest.param(
        make_html("<table>" + "<tr><td>cell</td></tr>" * 10_000 + "</table>"), id="10,000 table rows"
    ),
    pytest.param(make_html("<p>word</p>" * 20_000), id="20,000 p"),
    pytest.param(make_html("<p>" + "word " * 2_000_000 + "</p>"), id="one text node of 10 MB"),
    pytest.param(random.Random(1).randbytes(50_000).replace(b"\n", b" "), id="random bytes"),
    pytest.param(json.dumps({"html": ""}).encode(), id="an empty page"),
    pytest.param(make_html(""), id="a page without text"),
    pytest.param(rb'{"text": "lone \ud800 surrogate"}', id="lone surrogates"),
    pytest.param(b'{"text": "a", "views": 36893488147419103232}', id="an integer beyond 64 bits"),
    pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, id="deep JSON"),
    pytest.param(json.dumps({"text": "مقال"}).encode(), id="too short"),
]


def run_lines(folder: Path, lines: list[bytes], settings: CleanSettings) -> list[dict[str, Any]]:
    inputs = folder / "inputs.jsonl"
    inputs.write_bytes(b"".join(line + b"\n" for line in lines))
    outcomes = folder / "outcomes.jsonl"
    whole = replace(Settings(), db=str(folder / "naba.db"), clean=settings)
    seen: list[tuple[Letter, ...]] = []
    end = run_source(FilesSource([str(inputs)]), whole, {OUTCOMES: str(outcomes)}, 2, seen.append)
    assert end.difference() == 0
    assert len(seen) == end.taken
    return [json.loads(line) for line in outcomes.read_bytes().splitlines()]


@pytest.mark.slow
def test_every_poison_ends_with_its_reason_among_fifty_good_pages(
    tmp_path: Path, make_lines: Callable[[int], list[bytes]]
) -> None:
    poison = [cast(bytes, case.values[0]) for case in POISON]
    good = make_lines(50)
    lines = [*good[:25], *poison, *good[25:]]
    outcomes = run_lines(tmp_path, lines, CleanSettings(seconds=5))
    assert len(outcomes) == len(lines)
    named = dict(zip([case.id for case in POISON], outcomes[25:-25], strict=True))
    for name, outcome in named.items():
        assert outcome["outcome"] in ("rejected", "dead"), f"{name}: {outcome}"
        assert outcome["reason"], name
        assert outcome["detail"], name
    assert {outcome["outcome"] for outcome in outcomes[:25] + outcomes[-25:]} == {"published"}
    assert named["60,000 attributes"]["reason"] == "too_complex"
    assert named["60,000 attributes behind a quoted bracket"]["reason"] in ("too_complex", "too_slow")
    assert named["one text node of 10 MB"]["reason"] == "too_large"
    assert named["an empty page"]["reason"] == "empty"


@pytest.mark.slow
def test_a_page_that_takes_too_long_or_too_much_dies_alone(
    tmp_path: Path, make_lines: Callable[[int], list[bytes]]
) -> None:
    heavy = make_html(PARAGRAPH * 19_000)
    good = make_lines(20)
    (tmp_path / "slow").mkdir()
    (tmp_path / "small").mkdir()
    slow = run_lines(tmp_path / "slow", [*good, heavy, *good[:1]], CleanSettings(seconds=0.05))
    assert slow[20]["reason"] == "too_slow"
    large = json.dumps({"html": "<p>" + "</p><p>".join([PARAGRAPH[3:-4] * 2] * 19_000)}).encode()
    small = run_lines(tmp_path / "small", [*good, large], CleanSettings(memory_mb=24))
    assert small[20]["outcome"] == "dead"
    # Where the memory ends is chance: in the parser, in Python, or while the letter is read.
    assert small[20]["reason"] in ("out_of_memory", "killed", "crashed", "unreadable")
    assert {outcome["outcome"] for outcome in small[:20]} == {"published"}
