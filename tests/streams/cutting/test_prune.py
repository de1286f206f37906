"""The blocks a rule names leave the page, and only on its hosts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml.html import document_fromstring

from schemas.raw import RawArticle
from streams.cutting.prune import prune
from streams.cutting.rule import Rules, load_rules
from streams.draft import Draft

RULE = """
version = 2
why = "A letter box and a table of tides."
hosts = ["gazette.example"]
remove = ["//div[@class='letter']", "//table", "//p/text()"]
"""
PAGE = """<html><body><p>News.</p><div class="letter">Our <div class="letter">letter</div></div> after the box
<table><tr><td>High</td><td>water</td></tr></table><p>More.</p></body></html>"""


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (tmp_path / "gazette.toml").write_text(RULE, encoding="utf-8")
    return load_rules([tmp_path])


def draft(host: str) -> Draft:
    raw = RawArticle(
        raw_id="0" * 32,
        source="s",
        content=PAGE,
        content_type="text/html",
        fetched_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return Draft(raw=raw, host=host, tree=document_fromstring(PAGE))


def test_the_blocks_go_and_their_text_is_recorded_once(rules: Rules) -> None:
    pruned = prune(draft("www.gazette.example"), rules)
    assert pruned.tree is not None
    assert "".join(pruned.tree.itertext()).split() == ["News.", "after", "the", "box", "More."]
    assert [(r.text, r.kind, r.rule) for r in pruned.removed] == [
        ("Our letter", "block", "gazette.block@2"),
        ("High water", "block", "gazette.block@2"),
    ]


def test_the_tree_that_came_in_is_untouched(rules: Rules) -> None:
    before = draft("gazette.example")
    prune(before, rules)
    assert before.tree is not None
    assert "High" in "".join(before.tree.itertext())


def test_other_hosts_are_untouched(rules: Rules) -> None:
    before = draft("other.example")
    assert prune(before, rules) is before


def test_a_text_without_page_passes(rules: Rules) -> None:
    raw = draft("gazette.example").raw
    text = Draft(raw=raw, host="gazette.example", lines=("News.",))
    assert prune(text, rules) is text
