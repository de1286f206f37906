"""The architecture, read from the syntax tree: `schemas ← connectors ← streams`, and stages that are pure."""

import ast
import sys
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("schemas", "connectors", "streams")
MAY_IMPORT = {"schemas": {"schemas"}, "connectors": {"schemas", "connectors"}, "streams": set(FOLDERS)}
# What would make a stage depend on more than its draft: the clock, the disk, the network, chance.
IMPURE = {
    "asyncio", "http", "logging", "multiprocessing", "os", "random", "secrets", "shutil", "socket", "sqlite3",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid", "warnings",
}  # fmt: skip
# Libraries that come with a later part; a module of that name would be in their way.
TO_COME = {
    "aiohttp",
    "aiokafka",
    "cramjam",
    "faust",
    "feedparser",
    "kafka",
    "mode",
    "opensearchpy",
    "psycopg",
    "pyarrow",
}
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(NAMES[module].read_text(encoding="utf-8"))


@cache
def imports_of(module: str) -> frozenset[str]:
    """Return the full names that the module imports anywhere, inside functions too."""
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = NAMES[module].relative_to(ROOT).parent.parts
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            source = ".".join(base + ([node.module] if node.module else []))
            # `from streams import cli` names a module, `from streams.cli import main` a thing in one.
            found |= {
                f"{source}.{alias.name}" if f"{source}.{alias.name}" in NAMES else source
                for alias in node.names
            }
    return frozenset(found)


def ours(module: str) -> set[str]:
    return {name for name in imports_of(module) if name.split(".")[0] in FOLDERS}


def is_stage(module: str) -> bool:
    return any(
        isinstance(node, ast.FunctionDef)
        and node.args.args
        and node.args.args[0].annotation is not None
        and ast.unparse(node.args.args[0].annotation) == "Draft"
        and node.returns is not None
        and ast.unparse(node.returns) == "Draft"
        and not node.name.startswith("_")
        for node in tree_of(module).body
    )


def stages_and_what_they_import() -> list[str]:
    waiting, found = [module for module in NAMES if is_stage(module)], set()
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [name for name in ours(module) if name in NAMES and name.startswith("streams.")]
    return sorted(found)


@pytest.mark.parametrize("module", NAMES)
def test_arrows_point_one_way(module: str) -> None:
    allowed = MAY_IMPORT[module.split(".")[0]]
    assert {name for name in ours(module) if name.split(".")[0] not in allowed} == set()


@pytest.mark.parametrize("module", NAMES)
def test_what_is_imported_of_ours_exists(module: str) -> None:
    assert {name for name in ours(module) if name not in NAMES} == set()


def test_the_stages_are_found() -> None:
    # Without this the next test could pass by looking at nothing.
    assert {
        "streams.text.repair",
        "streams.text.unwrap",
        "streams.cutting.cut",
        "streams.language.tell",
    } <= set(stages_and_what_they_import())


@pytest.mark.parametrize("module", stages_and_what_they_import())
def test_stages_touch_nothing_but_their_draft(module: str) -> None:
    assert {name for name in ours(module) if name.startswith("connectors")} == set()
    impure = {name for name in imports_of(module) if name in IMPURE or name.split(".")[0] in IMPURE}
    assert impure == set()
    calls = {ast.unparse(node.func) for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)}
    assert {
        call for call in calls if call in ("print", "input") or call.endswith((".now", ".utcnow", ".today"))
    } == set()


@pytest.mark.parametrize("module", [module for module in NAMES if is_stage(module)])
def test_stages_catch_no_exception_that_they_do_not_name(module: str) -> None:
    handlers = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.ExceptHandler)]
    caught = {ast.unparse(handler.type) if handler.type else "everything" for handler in handlers}
    assert caught & {"everything", "Exception", "BaseException"} == set()


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: {name for name in ours(module) if name != module} for module in NAMES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_module_has_the_name_of_a_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    named = {
        requirement.split(">")[0].split("=")[0].split("[")[0].strip().casefold() for requirement in wanted
    }
    installed = {
        top
        for top, distributions in packages_distributions().items()
        if any(
            distribution.casefold().replace("_", "-") in {n.replace("_", "-") for n in named}
            for distribution in distributions
        )
    }
    assert {"lxml", "orjson", "trafilatura"} <= installed
    taken = set(sys.stdlib_module_names) | installed | TO_COME
    own = {path.stem for path in MODULES if path.stem != "__init__"} | {path.parent.name for path in MODULES}
    assert own & taken == set()


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    words = {word for path in MODULES for word in path.stem.split("_")}
    assert (
        words & {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common", "base"}
        == set()
    )
