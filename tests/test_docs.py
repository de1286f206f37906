"""The documents say what is there: every verb, field, reason and setting, and nothing that is not."""

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from schemas.article import Article, Duplicate, Relation
from schemas.outcome import Ending, Outcome, Rejection
from schemas.raw import RawArticle
from streams.cli import naba
from streams.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECORD = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# The calls that give a reason, and which of their arguments it is.
REASONS = {"Reject": 0, "LineError": 0, "end_early": 2, "unread_letter": 3, "bury": 0, "Failure": 0}


def verbs_of(group: click.Group, above: str = "") -> dict[str, click.Command]:
    """Return the verbs that do something, by their full names (`rules learned`)."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        assert verb is not None
        found |= verbs_of(verb, f"{above}{name} ") if isinstance(verb, click.Group) else {above + name: verb}
    return found


VERBS = sorted(verbs_of(naba).items())


def table(document: str, heading: str, first: str) -> dict[str, list[str]]:
    """Return the rows of the table under `heading` that has `first` for its first column."""
    section = re.split(r"^## ", document.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]
    found, inside = {}, False
    for line in section.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        inside = bool(cells) and (inside or cells[0] == first)
        if inside and (name := re.fullmatch(r"`([^`]+)`", cells[0])):
            found[name[1]] = cells[1:]
    return found


def reasons_in_the_code() -> set[str]:
    found = set()
    folders = ("schemas", "connectors", "streams")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = (
                getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            )
            if isinstance(node, ast.Call) and called in REASONS:
                place = REASONS[called]
                given = ast.walk(node.args[place]) if len(node.args) > place else iter(())
                found |= {
                    one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
            if isinstance(node, ast.Call) and called == "Cause":
                words = [word.value for word in node.keywords if word.arg == "reason"]
                found |= {str(word.value) for word in words if isinstance(word, ast.Constant)}
            if isinstance(node, ast.Dict):  # headers that are written by hand
                named = [key.id if isinstance(key, ast.Name) else "" for key in node.keys]
                found |= {
                    value.value
                    for name, value in zip(named, node.values, strict=True)
                    if name == "UNREAD" and isinstance(value, ast.Constant) and isinstance(value.value, str)
                }
    return found


def settings_and_defaults(settings: Any, above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            found |= settings_and_defaults(value, f"{above}{field.name}.")
        else:
            found[above + field.name] = value
    return found


def in_toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(in_toml(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_there_are_verbs() -> None:
    assert {"run", "demo", "explain", "why"} <= {name for name, _ in VERBS}


@pytest.mark.parametrize(("name", "verb"), [pytest.param(name, verb, id=name) for name, verb in VERBS])
def test_every_verb_is_in_the_readme_and_explains_itself_and_its_options(
    name: str, verb: click.Command
) -> None:
    assert re.search(rf"`naba {name}[ `]|^\.?[\w/]*naba {name}\b", README, re.MULTILINE)
    assert verb.help
    unexplained = [
        option.name for option in verb.params if isinstance(option, click.Option) and not option.help
    ]
    assert unexplained == []


def test_the_documents_name_no_verb_that_is_not_there() -> None:
    named = {
        match for path in DOCUMENTS for match in re.findall(r"`naba (\w+)", path.read_text(encoding="utf-8"))
    }
    assert named <= set(naba.list_commands(click.Context(naba)))


@pytest.mark.parametrize(
    ("kind", "headings"),
    [
        pytest.param(Article, ["Article"], id="article"),
        pytest.param(Duplicate, ["Article", "Duplicate"], id="duplicate"),
        pytest.param(Outcome, ["Outcome"], id="outcome"),
        pytest.param(Rejection, ["Rejection"], id="rejection"),
        pytest.param(RawArticle, ["Raw article"], id="raw article"),
    ],
)
def test_every_field_is_described_and_no_other(kind: type, headings: list[str]) -> None:
    described = {
        name: cells for heading in headings for name, cells in table(RECORD, heading, "field").items()
    }
    assert set(described) == {field.name for field in fields(kind)}
    assert [name for name, cells in described.items() if not all(cells)] == []


def test_every_relation_and_outcome_is_described() -> None:
    assert set(table(RECORD, "Outcome", "outcome")) == set(get_args(Ending))
    assert all(f"`{relation}` (" in RECORD for relation in get_args(Relation))


def test_every_reason_is_listed_and_no_other() -> None:
    assert set(table(RECORD, "Reasons", "reason")) == reasons_in_the_code()


def test_every_setting_is_listed_with_its_default_and_no_other() -> None:
    listed = {key: cells[0].strip("`") for key, cells in table(README, "Settings", "key").items()}
    assert listed == {key: in_toml(value) for key, value in settings_and_defaults(Settings()).items()}


@pytest.mark.parametrize("document", [pytest.param(path, id=path.name) for path in DOCUMENTS])
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", [pytest.param(path, id=path.name) for path in DOCUMENTS])
def test_every_make_target_and_folder_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", text)) <= targets
    paths = re.findall(r"`((?:schemas|connectors|streams|tests|docs)/[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
