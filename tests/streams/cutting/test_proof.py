"""Every rule file holds with its rule and fails without it."""

from pathlib import Path

import pytest

from streams.cutting.proof import prove
from streams.cutting.rule import SHIPPED, load_rule

FILES = sorted(SHIPPED.glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_examples_of_a_shipped_rule_hold_with_it_and_fail_without_it(file: Path) -> None:
    assert prove(load_rule(file)) == []


def write(folder: Path, text: str) -> Path:
    file = folder / "gazette.toml"
    file.write_text(text, encoding="utf-8")
    return file


BASE = """
version = 1
why = "A line."
[[cut]]
name = "line"
kind = "footer"
lines = ["Gazette"]
[[example]]
"""
FAULTS = [
    pytest.param('text = "News.\\nGazette"\nkeeps = ["News"]\ndrops = ["Gazette"]', [], id="holds"),
    pytest.param(
        'text = "News.\\nGazette"\nkeeps = ["Gazette"]\ndrops = ["Gazette"]',
        ["example[0]: the rule cuts what it should keep: Gazette"],
        id="keeps too little",
    ),
    pytest.param(
        'text = "News.\\nGazette!\\nMore Gazette"\nkeeps = ["News"]\ndrops = ["More Gazette"]',
        ["example[0]: the rule leaves what it should drop: More Gazette"],
        id="drops too little",
    ),
    pytest.param(
        'text = "News.\\nGazette"\nkeeps = ["News"]\ndrops = ["Weather"]',
        ["example[0]: the rule is not needed for: Weather"],
        id="not needed",
    ),
]


@pytest.mark.parametrize(("example", "faults"), FAULTS)
def test_an_example_that_does_not_hold_is_told(tmp_path: Path, example: str, faults: list[str]) -> None:
    assert prove(load_rule(write(tmp_path, BASE + example))) == faults


def test_a_rule_without_example_proves_nothing(tmp_path: Path) -> None:
    text = BASE.removesuffix("[[example]]\n")
    assert prove(load_rule(write(tmp_path, text))) == ["example: there is none"]
