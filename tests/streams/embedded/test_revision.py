"""What makes a revision, through the whole pipeline: other words, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.sources.files import FilesSource
from schemas.letter import OUTCOMES, Letter
from streams.settings import Settings
from streams.verbs.run import run_source

pytestmark = pytest.mark.slow

BODY = (
    "The harbour office told the boats of the northern pier to wait for the tide, and forty of them waited.\n"
    "Nobody could say when the lamp would burn again, but a new one has been ordered from the town.\n"
    "Until then two boys with lanterns will stand at the end of the pier, as their grandfathers did."
)
APPEAL = "The Pier Post lives on the kindness of its readers"
RULE = f"""
version = 1
why = "It asks for money under every article."
hosts = ["pier.example"]

[[cut]]
name = "appeal"
kind = "appeal"
lines = ["{APPEAL}"]

[[example]]
text = '''
{BODY.splitlines()[0]}
{APPEAL}
'''
keeps = ["The harbour office"]
drops = ["kindness"]
"""


def deliver(folder: Path, text: str, day: int, rules: tuple[str, ...] = ()) -> str:
    """Deliver the text of one address on one day, and return its outcome."""
    page = {"url": "https://pier.example/1", "text": text, "fetched_at": f"2026-03-{day:02}T10:00:00Z"}
    inputs = folder / f"day{day}.jsonl"
    inputs.write_text(json.dumps(page) + "\n")
    seen: list[tuple[Letter, ...]] = []
    settings = replace(Settings(), db=str(folder / "naba.db"), rules=rules)
    run_source(FilesSource([str(inputs)]), settings, {}, 1, seen.append)
    (outcome,) = [json.loads(letter.value) for letter in seen[0] if letter.topic == OUTCOMES]
    return f"{outcome['outcome']} {outcome['revision']}"


def test_a_text_that_comes_and_goes_is_revised_each_time(tmp_path: Path) -> None:
    corrected = BODY.replace("forty", "fourteen")
    told = [deliver(tmp_path, text, day) for day, text in enumerate((BODY, corrected, BODY, BODY), start=1)]
    assert told == ["published 1", "revised 2", "revised 3", "unchanged 3"]


def test_changed_furniture_makes_no_revision(tmp_path: Path) -> None:
    furniture = ("Share this article", "Read more: Why the tide is late", "Sign up to our newsletter")
    told = [deliver(tmp_path, f"{BODY}\n{line}", day) for day, line in enumerate(furniture, start=1)]
    assert told == ["published 1", "unchanged 1", "unchanged 1"]


def test_a_new_rule_makes_no_revision_and_the_next_correction_does(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "pier.toml").write_text(RULE)
    text = f"{BODY}\n{APPEAL}"
    assert deliver(tmp_path, text, 1) == "published 1"
    assert deliver(tmp_path, text, 2, (str(rules),)) == "unchanged 1"
    assert deliver(tmp_path, text.replace("forty", "four"), 3, (str(rules),)) == "revised 2"
