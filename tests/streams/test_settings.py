"""Settings: what is wrong is named by file or variable, and key."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from streams.settings import Settings, SettingsError, load_settings


def write(folder: Path, text: str) -> Path:
    file = folder / "naba.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_everything_has_its_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {}) == Settings()


def test_the_file_in_deploy_says_every_key_and_its_default() -> None:
    file = Path(__file__).parents[2] / "deploy" / "naba.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    assert written == {**asdict(Settings()), "rules": []}
    assert load_settings(file, {}).clean == Settings().clean


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    settings = load_settings(write(tmp_path, 'db = "news.db"\nrules = ["mine"]\n'), {})
    assert settings.db == str(tmp_path / "news.db")
    assert settings.rules == (str(tmp_path / "mine"),)


def test_a_variable_goes_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[clean]\nseconds = 5\nmemory_mb = 100\n")
    settings = load_settings(file, {"NABA_CLEAN__SECONDS": "7.5", "HOME": "/"})
    assert (settings.clean.seconds, settings.clean.memory_mb) == (7.5, 100)


WRONG = [
    pytest.param("clear = 1", r"naba\.toml:1: clear: unknown key", id="unknown key"),
    pytest.param(
        "[clean]\nsecond = 1", r"naba\.toml:2: clean\.second: unknown key", id="unknown key in a table"
    ),
    pytest.param('[clean]\nseconds = "x"', r"naba\.toml:2: clean\.seconds: ", id="wrong type"),
    pytest.param("[store]\nkeep_raw = 0", r"naba\.toml:2: store\.keep_raw: ", id="out of bounds"),
    pytest.param("clean = 5", r"naba\.toml:1: clean: ", id="no table"),
    pytest.param("db = \n", r"naba\.toml: .*line 1", id="no TOML"),
    pytest.param(
        '# mine\nrules = ["none"]', r"naba\.toml:2: rules\[0\]: .*none: no such folder", id="no rules"
    ),
    pytest.param("[store]\nkeep_raw = 1000000000", r"naba\.toml:2: store\.keep_raw: ", id="beyond all days"),
    pytest.param('timezone = "Mars/Base"', r"naba\.toml:1: timezone: ", id="no zone"),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_wrong_file_is_told_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(write(tmp_path, text), {})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NABA_CLEAN__SECONDS", "soon", "NABA_CLEAN__SECONDS: clean.seconds"),
        ("NABA_CLAEN", "1", "NABA_CLAEN: claen"),
    ],
)
def test_a_wrong_variable_is_told_with_its_name(tmp_path: Path, name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(write(tmp_path, ""), {name: value})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_settings(tmp_path / "none.toml", {})
