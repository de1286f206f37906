"""A line meets a phrase in the comparison form, a prefix only before a headline, a pattern as a whole."""

from pathlib import Path

import pytest

from streams.cutting.matcher import Matcher
from streams.cutting.rulefile import load_rule
from streams.fold import fold

RULE = """
version = 1
why = "x"
[[cut]]
name = "a"
kind = "a"
lines = ["إظهار أخبار متعلقة"]
prefixes = ["Read also", "Watch:"]
patterns = ["[0-9]+ comments"]
[[cut]]
name = "b"
kind = "b"
lines = ["Share"]
patterns = ["(?i)share on .*", "1 comments"]
"""

CASES = [
    pytest.param("اظهار أخبارٍ متعلقة:", ["a"], id="hamza, harakat and marks make no difference"),
    pytest.param("إظهار أخبار متعلقة بالطقس", [], id="a whole line only"),
    pytest.param("Read also The town opens a path", ["a"], id="prefix"),
    pytest.param("Read alsoran", [], id="no prefix inside a word"),
    pytest.param("Read also the notes, he said.", [], id="no prefix of a sentence"),
    pytest.param("Watch: The town", ["a"], id="prefix with its mark"),
    pytest.param("Watch | The town", ["a"], id="another mark"),
    pytest.param("Watch The town", [], id="no mark"),
    pytest.param("Watch: " + "x" * 200, [], id="longer than a headline"),
    pytest.param("12 comments", ["a"], id="pattern"),
    pytest.param("There were 12 comments", [], id="no pattern inside a line"),
    pytest.param("1 comments", ["a", "b"], id="two patterns, in the order of the file"),
    pytest.param("SHARE", ["b"], id="another cut"),
    pytest.param("", [], id="nothing"),
]


@pytest.fixture
def matcher(tmp_path: Path) -> Matcher:
    file = tmp_path / "phrases.toml"
    file.write_text(RULE, encoding="utf-8")
    return Matcher([load_rule(file)])


@pytest.mark.parametrize(("line", "names"), CASES)
def test_a_line_meets_its_cuts(matcher: Matcher, line: str, names: list[str]) -> None:
    assert [verdict.cut.name for verdict in matcher.match(line, fold(line))] == names


def test_no_rules_match_nothing() -> None:
    assert list(Matcher([]).match("Share", "share")) == []
