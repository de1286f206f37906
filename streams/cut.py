"""Cut: the lines go that a publisher, or every publisher, puts into its articles."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from schemas.article import Removal
from streams.draft import Draft
from streams.fold import fold
from streams.rule import Cut, Rule, Rules
from streams.sentence import ends_closed, ends_sentence

_PHRASE = 240  # characters: no phrase of a rule is longer
_PATTERN = 600
_HEADLINE = 180
_PROSE = 45  # a line as long as this that ends its sentence is the article's own
_HEAD = 4  # lines
_BLOCK = 20
_NOTE = 1500  # characters: a footer that is known only by what stands in it is no longer
_MARK = re.compile(r"[:：|…»›>]|\.\.+|\s[-–—]|[-–—]\s")


class Verdict(NamedTuple):
    """Why a line goes."""

    rule: Rule
    cut: Cut


def cut(draft: Draft, rules: Rules) -> Draft:
    """Return the draft without the lines that the rules of its host and the phrases cut.

    Each line that was cut is a `Removal`; who wrote the article moves to `authors`. The publisher
    is named where the page itself did not. A text is never cut down to nothing.
    """
    in_force = rules.of_text(draft.host, [_key(line) for line in draft.lines])
    draft = _name_publisher(draft, in_force)
    lines, removed = _cut_pieces(draft.lines, in_force)
    verdicts = _judge(lines, in_force)
    if all(verdicts) or not (removed or any(verdicts)):
        return draft
    authors: list[str] = []
    for line, verdict in zip(lines, verdicts, strict=True):
        if verdict is None:
            continue
        if names := _authors(line, verdict.rule):
            authors += names
        else:
            removed.append(_removal(line, verdict))
    return replace(
        draft,
        lines=tuple(line for line, verdict in zip(lines, verdicts, strict=True) if verdict is None),
        authors=draft.authors or tuple(authors),
        removed=(*draft.removed, *removed),
    )


def _judge(lines: Sequence[str], in_force: Sequence[Rule]) -> list[Verdict | None]:
    verdicts = [_match(line, in_force) for line in lines]
    kept = 0
    for i, verdict in enumerate(verdicts):
        if verdict is None:
            kept += 1
        elif verdict.cut.where == "head" and kept >= _HEAD:
            verdicts[i] = None
        elif verdict.cut.block:
            if kept and _is_block(lines[i:], verdict):
                verdicts[i:] = [verdict] * (len(lines) - i)
                break
            if verdict.cut.holds and (verdict := _match(lines[i], in_force, blocks=False)) is None:
                kept += 1
            verdicts[i] = verdict
    _judge_tail(lines, verdicts)
    for i, verdict in enumerate(verdicts[:-2]):
        if verdict and verdict.cut.title and lines[i][-1] in ":：" and verdicts[i + 1] is None:
            title, after = lines[i + 1], lines[i + 2]
            if len(title) <= _HEADLINE and not ends_closed(title) and _is_prose(after):
                verdicts[i + 1] = verdict
    return verdicts


def _judge_tail(lines: Sequence[str], verdicts: list[Verdict | None]) -> None:
    """Settle what holds after the last paragraph only: from the end up to the first line of prose."""
    start = len(lines)
    while start and (verdicts[start - 1] is not None or not _is_prose(lines[start - 1])):
        start -= 1
    for i, verdict in enumerate(verdicts):
        if verdict is None or i < start:
            if verdict is not None and verdict.cut.where == "tail":
                verdicts[i] = None
        elif verdict.cut.rest and start and len(lines) - i <= _BLOCK:
            verdicts[i:] = [own or verdict for own in verdicts[i:]]
            break


def _is_block(lines: Sequence[str], verdict: Verdict) -> bool:
    holds = verdict.rule.holds.get(verdict.cut.name, ())
    if len(lines) > _BLOCK or not holds:
        return len(lines) <= _BLOCK
    return sum(map(len, lines)) <= _NOTE and any(p.search(line) for line in lines for p in holds)


def _match(line: str, in_force: Sequence[Rule], *, blocks: bool = True) -> Verdict | None:
    if len(line) > _PATTERN:
        return None
    key = _key(line)
    head = _marked_head(line)
    for rule in in_force:
        if cut := rule.lines.get(key):
            return Verdict(rule, cut)
        if head and (cut := rule.marked.get(head)):
            return Verdict(rule, cut)
        first = key.partition(" ")[0]
        for prefix, cut in rule.prefixes.get(first, ()):
            if key.startswith(prefix) and _is_headline(line):
                return Verdict(rule, cut)
        for cut in rule.match(line):
            if blocks or not cut.block:
                return Verdict(rule, cut)
    return None


def _key(line: str) -> str:
    return fold(line) if len(line) <= _PHRASE else ""


def _marked_head(line: str) -> str:
    """Return what stands before the first mark, folded; empty where a sentence follows it."""
    mark = _MARK.search(line, 0, 60)
    return fold(line[: mark.start()]) if mark and _is_headline(line) else ""


def _is_headline(line: str) -> bool:
    return len(line) <= _HEADLINE and not line.rstrip("\"'”’»)").endswith((".", "۔", "。"))


def _is_prose(line: str) -> bool:
    return len(line) > _HEADLINE or (len(line) >= _PROSE and ends_sentence(line))


def _cut_pieces(lines: Sequence[str], in_force: Sequence[Rule]) -> tuple[tuple[str, ...], list[Removal]]:
    """Return the lines without the pieces that rules cut out of them, and those pieces."""
    patterns = [(rule, *piece) for rule in in_force for piece in rule.pieces]
    if not patterns:
        return tuple(lines), []
    removed: list[Removal] = []
    left: list[str] = []
    for i, line in enumerate(lines):
        rest = line
        for rule, pattern, cut in patterns:
            if (cut.where == "head" and i >= _HEAD) or (cut.where == "tail" and i < len(lines) - _HEAD):
                continue
            if found := pattern.search(rest):
                start, end = found.span(1 if found.re.groups else 0)
                removed.append(_removal(rest[start:end].strip(), Verdict(rule, cut)))
                rest = f"{rest[:start].rstrip()} {rest[end:].lstrip()}".strip()
        if rest == line or fold(rest):  # a full stop alone is nothing
            left.append(rest)
    return (tuple(left), removed) if left else (tuple(lines), [])


def _authors(line: str, rule: Rule) -> list[str]:
    matches: list[Any] = [pattern.fullmatch(line) for pattern, _ in rule.bylines]
    return [match[1].strip() for match in matches if match and match.re.groups and match[1]][:1]


def _removal(text: str, verdict: Verdict) -> Removal:
    return Removal(text=text, kind=verdict.cut.kind, rule=verdict.rule.name(verdict.cut.name))


def _name_publisher(draft: Draft, in_force: Sequence[Rule]) -> Draft:
    if draft.metadata.publisher:
        return draft
    for rule in in_force:
        if rule.file.publisher:
            return replace(draft, metadata=replace(draft.metadata, publisher=rule.file.publisher))
    return draft
