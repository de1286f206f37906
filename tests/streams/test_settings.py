"""Settings: what is wrong is named by file or variable, and key."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from connectors.polling.settings import PollSettings
from connectors.sinks.jsonl import JsonlSink
from connectors.sinks.sqlite import SqliteSink
from streams.policy.policy import Policy
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
    poll = {**asdict(PollSettings()), "again": list(PollSettings().again)}
    assert written == {
        **asdict(Settings()),
        "rules": [],
        "source": [],
        "sink": [],
        "policy": [],
        "poll": poll,
    }
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

SOUTH = '[[policy]]\nhosts = ["southport.example"]\n'
WRONG += [
    pytest.param(
        f'{SOUTH}[[policy]]\nsources = ["harbour"]\nacces = "deny"',
        r"naba\.toml:5: policy\[1\]\.acces: unknown key",
        id="unknown key of a policy",
    ),
    pytest.param(
        f'{SOUTH}access = "maybe"', r"naba\.toml:3: policy\[0\]\.access: ", id="no access of the three"
    ),
    pytest.param(
        '[[policy]]\naccess = "deny"', r"naba\.toml:1: policy\[0\]: is about nobody", id="a policy for nobody"
    ),
    pytest.param(
        '[[policy]]\nhosts = ["a.example", "https://b.example/"]',
        r"naba\.toml:2: policy\[0\]\.hosts\[1\]: 'https://b\.example/' is no host",
        id="an address for a host",
    ),
    pytest.param(
        f"{SOUTH}retention = 15",
        r"naba\.toml:3: policy\[0\]\.retention: 15 days, .*14 at most",
        id="kept longer than the store keeps",
    ),
    pytest.param(
        f'{SOUTH}timezone = "Asia/Beyrouth"',
        r"naba\.toml:3: policy\[0\]\.timezone: .*no time zone",
        id="no zone of a policy",
    ),
    pytest.param(
        '[[policy]]\nsources = ["harbour"]\naliases = ["a.example"]',
        r"naba\.toml:3: policy\[0\]\.aliases: of which host",
        id="aliases of no host",
    ),
    pytest.param(
        f'{SOUTH}aliases = ["a.example"]\n[[policy]]\nhosts = ["b.example"]\naliases = ["www.a.example"]',
        r"naba\.toml:6: policy\[1\]\.aliases\[0\]: a\.example is an alias of southport\.example already",
        id="an alias of two",
    ),
    pytest.param(
        f'{SOUTH}aliases = ["a.example"]\n[[policy]]\nhosts = ["a.example"]\naliases = ["b.example"]',
        r"naba\.toml:5: policy\[1\]\.hosts\[0\]: a\.example has aliases, and is an alias",
        id="an alias of an alias",
    ),
]

DESK = '[[sink]]\nname = "desk"\nkind = "sqlite"\npath = "desk.db"\n'
WRONG += [
    pytest.param(
        f"{DESK}fast = 1", r"naba\.toml:5: sink\[0\]\.fast: unknown key", id="unknown key of a sink"
    ),
    pytest.param(
        f'{DESK}[[sink]]\nname = "lines"\nkind = "jsonl"\npath = "./desk.db"\n',
        r"naba\.toml:8: sink\[1\]\.path: .*desk\.db: sink desk writes there",
        id="two sinks of one file",
    ),
    pytest.param(
        f"{DESK}{DESK}", r"naba\.toml:6: sink\[1\]\.name: desk: another sink", id="two sinks of one name"
    ),
    pytest.param(
        DESK.replace("desk", "files", 1),
        r"naba\.toml:2: sink\[0\]\.name: files: `naba sink files` is a verb of its own",
        id="a sink that is called like a verb",
    ),
    pytest.param(
        f'{DESK}relations = ["cousin"]',
        r"naba\.toml:5: sink\[0\]\.relations\[0\]: ",
        id="a relation that there is not",
    ),
    pytest.param('[[sink]]\nname = "desk"', r"naba\.toml:1: sink\[0\]: .*`kind`", id="a sink of no kind"),
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


def test_policies_are_read_in_their_order(tmp_path: Path) -> None:
    text = f"""{SOUTH}aliases = ["southport.press.example"]
retention = 3

[[policy]]
sources = ["harbour"]
access = "review"
future_hours = 0
"""
    assert load_settings(write(tmp_path, text), {}).policy == (
        Policy(hosts=("southport.example",), aliases=("southport.press.example",), retention=3),
        Policy(sources=("harbour",), access="review", future_hours=0),
    )


def test_the_paths_of_sinks_are_relative_to_the_file_but_for_standard_output(tmp_path: Path) -> None:
    lines = '[[sink]]\nname = "lines"\nkind = "jsonl"\npath = "-"\n'
    desk, output = load_settings(write(tmp_path, f'{DESK}relations = ["excerpt"]\n{lines}'), {}).sink
    assert desk == SqliteSink(name="desk", path=str(tmp_path / "desk.db"), relations=("excerpt",))
    assert output == JsonlSink(name="lines", path="-")
