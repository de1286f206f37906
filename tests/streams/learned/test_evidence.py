from pathlib import Path

import pytest

from streams.cutting.rule import load_rule
from streams.learned.evidence import list_evidence, write_rule
from streams.learned.host_lines import HostLines
from streams.learned.learn import fold_row, page_row
from streams.learned.lines import line_keys

_TOWNS = [
    "Riverton",
    "Oakham",
    "Millbrook",
    "Ashford",
    "Harwell",
    "Kingsley",
    "Thornbury",
    "Linton",
    "Marden",
    "Norwell",
]


def teach(*labels: str) -> HostLines:
    state = HostLines()
    for seq, town in enumerate(_TOWNS):
        page = [f"The council of {town} opens a library next to the market of {town} this week.", *labels]
        fold_row(state, page_row(state, seq, town, page, line_keys(page)))
    return state


def test_evidence_tells_how_often_where_and_since_when() -> None:
    (item,) = list_evidence("paper.example", teach("Follow us here"))
    assert item.example == "Follow us here"
    assert item.articles == {"head": 0, "middle": 0, "tail": 10}
    assert item.since == {"tail": 4}
    assert (item.first_seen, item.last_seen, item.pages) == (1, 9, 10)
    assert item.rule.startswith("learned.paper.example.")
    assert item.rule.endswith("@5")


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("Follow us here", id="a plain line"),
        pytest.param('Say "hello" to C:\\paper', id="quotes and backslashes"),
        pytest.param("تابعونا على «القناة» (الجديدة)", id="Arabic"),
        pytest.param(
            "Write to us at desk@paper.example " + "and tell us (please) what you think of it " * 4, id="long"
        ),
    ],
)
def test_a_learned_line_becomes_a_rule_that_loads_and_cuts_it(label: str, tmp_path: Path) -> None:
    (item,) = list_evidence("paper.example", teach(label))
    file = tmp_path / "paper.toml"
    file.write_text(write_rule(item), encoding="utf-8")
    rule = load_rule(file)
    assert rule.hosts == {"paper.example"}
    patterns = [pattern for pattern, _ in rule.patterns]
    assert set(line_keys(list(rule.file.cut[0].lines))) == set(line_keys([label])) or patterns[0].fullmatch(
        label
    )
