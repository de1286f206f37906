"""Rule files: found by host or by signature, replaced by the user's, and clear about their faults."""

from pathlib import Path

import pytest

from streams.cutting.rule import RuleError, Rules, load_rules
from streams.fold import fold

GAZETTE = """
version = 3
why = "A note below every article."
publisher = "The Gazette"
hosts = ["www.gazette.example", "gazette-archive.example"]
signatures = ["The Gazette: news since 1951"]
[[cut]]
name = "note"
kind = "footer"
lines = ["The Gazette: news since 1951"]
"""
PHRASES = (
    'version = 1\nwhy = "Everybody writes it."\n[[cut]]\nname = "share"\nkind = "share"\nlines = ["Share"]\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gazette.toml").write_text(GAZETTE, encoding="utf-8")
    (tmp_path / "phrases-en.toml").write_text(PHRASES, encoding="utf-8")
    return tmp_path


def names(rules: Rules, host: str, *lines: str) -> list[str]:
    matchers = rules.of_text(host, [fold(line) for line in lines])
    return [rule.id for matcher in matchers for rule in matcher.rules]


@pytest.mark.parametrize(
    "host", ["gazette.example", "www.gazette.example", "m.gazette.example", "gazette-archive.example"]
)
def test_a_host_has_its_rule_under_each_of_its_names(folder: Path, host: str) -> None:
    assert names(load_rules([folder]), host) == ["gazette", "phrases-en"]


def test_a_text_without_address_is_known_by_a_signature(folder: Path) -> None:
    rules = load_rules([folder])
    assert names(rules, "", "News.", "THE GAZETTE – News since 1951.") == ["gazette", "phrases-en"]
    assert names(rules, "", "The Gazette: news since 1951, and weather") == ["phrases-en"]


def test_a_signature_counts_nothing_where_the_host_is_known(folder: Path) -> None:
    assert names(load_rules([folder]), "other.example", "The Gazette: news since 1951") == ["phrases-en"]


def test_a_later_folder_replaces_a_file_of_the_same_name(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "gazette.toml").write_text(GAZETTE.replace("version = 3", "version = 4"), encoding="utf-8")
    rule = load_rules([folder, own]).of_host("gazette.example")[0]
    assert rule.name("note") == "gazette.note@4"


def test_the_shipped_rules_load() -> None:
    rules = load_rules()
    assert {"phrases-ar", "phrases-en", "phrases-fa", "furniture"} <= {rule.id for rule in rules.all}
    assert [rule.file.publisher for rule in rules.of_host("southfront.press")] == ["SouthFront"]


FAULTS = [
    pytest.param("version = 1", "why", id="missing key"),
    pytest.param('version = 0\nwhy = "x"', "version", id="version below 1"),
    pytest.param('version = 1\nwhy = "x"\nhost = ["a"]', "host", id="unknown key"),
    pytest.param(
        'version = 1\nwhy = "x"\n[[cut]]\nname = "a"\nkind = "a"\nlinez = ["b"]',
        "linez",
        id="unknown key below",
    ),
    pytest.param(
        'version = 1\nwhy = "x"\n[[cut]]\nname = "a"\nkind = "a"\npatterns = ["(a"]',
        "cut[0].patterns[0]",
        id="pattern",
    ),
    pytest.param(
        'version = 1\nwhy = "x"\n[[cut]]\nname = "a"\nkind = "a"\npatterns = ["(a)\\\\1"]',
        "cut[0].patterns[0]",
        id="no RE2",
    ),
    pytest.param(
        'version = 1\nwhy = "x"\n[[cut]]\nname = "a"\nkind = "a"\nlines = ["***"]',
        "cut[0].lines",
        id="no letters",
    ),
    pytest.param('version = 1\nwhy = "x"\nremove = ["//div["]', "remove[0]", id="XPath"),
    pytest.param("version = 1\nwhy = x", "line 2", id="no TOML"),
    pytest.param('version = 1\nwhy = "x"\n[[cut]]\nname = "A b"\nkind = "a"', "cut[0].name", id="name"),
]


@pytest.mark.parametrize(("text", "key"), FAULTS)
def test_a_faulty_file_is_named_with_its_key(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "faulty.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path])
    assert str(caught.value).startswith(f"{file}:")
    assert key in str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="nowhere: no such folder"):
        load_rules([tmp_path / "nowhere"])
