"""Proof: does a rule do what its examples say, and would they fail without it?"""

from datetime import UTC, datetime

from schemas.ids import raw_id
from schemas.raw import RawArticle
from streams.cutting.cut import cut
from streams.cutting.prune import prune
from streams.cutting.rule import Rules
from streams.cutting.rulefile import Example, Rule
from streams.draft import Draft
from streams.pages.extract import extract
from streams.pages.parse import parse
from streams.text.repair import repair

_WHEN = datetime(2000, 1, 1, tzinfo=UTC)


def prove(rule: Rule) -> list[str]:
    """Return what is wrong with each example of the rule, in words; nothing where all hold.

    With the rule all of `keeps` and none of `drops` is left; without it, each of `drops` is.
    """
    faults: list[str] = []
    for i, example in enumerate(rule.file.example):
        with_rule, without = _clean(example, rule, Rules([rule])), _clean(example, rule, Rules([]))
        key = f"example[{i}]"
        faults += [
            f"{key}: the rule cuts what it should keep: {text}"
            for text in example.keeps
            if text not in with_rule
        ]
        faults += [
            f"{key}: the rule leaves what it should drop: {text}"
            for text in example.drops
            if text in with_rule
        ]
        faults += [
            f"{key}: the rule is not needed for: {text}" for text in example.drops if text not in without
        ]
    if not rule.file.example:
        faults.append("example: there is none")
    return faults


def _clean(example: Example, rule: Rule, rules: Rules) -> str:
    host = rule.file.hosts[0] if rule.file.hosts else ""
    content = example.html or example.text or ""
    kind = "text/html" if example.html else "text/plain"
    raw = RawArticle(
        raw_id=raw_id("example", None, content.encode(), None),
        source="example",
        content=content,
        content_type=kind,
        fetched_at=_WHEN,
    )
    if example.html:
        draft = extract(prune(parse(Draft(raw=raw, host=host, markup=content)), rules))
    else:
        draft = Draft(raw=raw, host=host, lines=tuple(content.split("\n")))
    return "\n".join(cut(repair(draft), rules).lines)
