"""docs/quickstart.md shows the files that are tested, and commands that are."""

import re
from pathlib import Path

import pytest

from schemas.letter import ARTICLES
from streams.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "quickstart.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
FILES = [pytest.param(path, id=path.name) for path in sorted((DOCS / "quickstart").iterdir())]
PROGRAMS = [pytest.param(path, id=path.name) for path in sorted((DOCS / "quickstart").glob("[cC]onsume.*"))]


@pytest.mark.parametrize("path", FILES)
def test_the_page_shows_the_file_as_it_is(path: Path) -> None:
    assert SHOWN[f"quickstart/{path.name}"] == path.read_text(encoding="utf-8")


def test_there_is_a_program_in_four_languages() -> None:
    assert [param.id for param in PROGRAMS] == ["Consume.java", "consume.mjs", "consume.py", "consume.sh"]


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_reads_the_articles_of_this_machine_unless_it_is_told_otherwise(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    defaults = dict(re.findall(r'"?(BOOTSTRAP|TOPIC|GROUP)(?:", "|:-| = ")([\w.:-]+)["}]', text))
    group = defaults.pop("GROUP")
    assert defaults == {"BOOTSTRAP": Settings().kafka.bootstrap, "TOPIC": ARTICLES}
    assert re.fullmatch("quickstart-(python|shell|node|java)", group)


@pytest.mark.parametrize("path", PROGRAMS)
def test_a_program_uses_nothing_of_naba(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert (
        re.findall(r"^\s*(?:from|import)\b.*\b(?:schemas|connectors|streams|tests)\b", text, re.MULTILINE)
        == []
    )


def test_its_commands_are_those_of_the_walk_through_kafka_which_is_run() -> None:
    walk = (DOCS / "kafka.md").read_text(encoding="utf-8").partition("<!-- walk: begin -->")[2].splitlines()
    commands = [line for line in PAGE.splitlines() if line.startswith("naba ")]
    assert len(commands) == 4
    assert [line for line in commands if line not in walk] == []
