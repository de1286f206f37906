"""Cut: the lines go that a publisher, or every publisher, puts into its articles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schemas.article import Removal
from streams.cutting.matcher import Matcher, Verdict
from streams.cutting.rule import Rules
from streams.cutting.rulefile import Cut, Rule
from streams.draft import Draft
from streams.fold import fold
from streams.text.sentence import ends_closed, ends_sentence

_PHRASE = 240  # characters: no phrase of a rule is longer
_HEADLINE = 180
_PROSE = 45  # a line as long as this that ends its sentence is the article's own
_HEAD = 4  # lines
_BLOCK = 20
_NOTE = 1500  # characters: a footer that is known only by what stands in it is no longer


def cut(draft: Draft, rules: Rules) -> Draft:
    """Return the draft without the lines that the rules of its host and the phrases cut.

    Each line that was cut is a `Removal`; who wrote the article moves to `authors`. The publisher
    is named where the page itself did not. A text is never cut down to nothing.
    """
    keys = [_key(line) for line in draft.lines]
    in_force = rules.of_text(draft.host, keys)
    draft = _name_publisher(draft, in_force)
    lines, removed = _cut_pieces(draft.lines, in_force)
    verdicts = _judge(lines, [_key(line) for line in lines] if removed else keys, in_force)
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


def _judge(lines: Sequence[str], keys: Sequence[str], in_force: Sequence[Matcher]) -> list[Verdict | None]:
    """Return for each line why it goes, or None where it stays."""
    verdicts = [_match(line, key, in_force) for line, key in zip(lines, keys, strict=True)]
    kept = 0
    for i, verdict in enumerate(verdicts):
        if verdict and verdict.cut.where == "head" and kept >= _HEAD:
            verdicts[i] = None
        elif verdict and verdict.cut.block:
            if kept and _opens_block(lines, i, verdict):
                verdicts[i:] = [verdict] * (len(lines) - i)
                break
            if verdict.cut.holds:
                verdicts[i] = _match(lines[i], keys[i], in_force, blocks=False)
        kept += verdicts[i] is None
    _judge_tail(lines, verdicts)
    for i, verdict in enumerate(verdicts):
        if verdict and verdict.cut.until:
            closing = verdict.rule.until[verdict.cut.name]
            end = next((j for j in range(i + 1, min(i + _BLOCK, len(keys))) if keys[j] in closing), i)
            verdicts[i : end + 1] = [verdict] * (end + 1 - i)
        if verdict and _takes_title(lines, i, verdict.cut) and verdicts[i + 1] is None:
            verdicts[i + 1] = verdict
    return verdicts


def _takes_title(lines: Sequence[str], i: int, cut: Cut) -> bool:
    """Tell whether the next line is the headline that line `i` announces: prose follows it."""
    if cut.title == "never" or i + 2 >= len(lines):
        return False
    at_head = i < _HEAD and not any(map(_is_prose, lines[:i]))
    if cut.title == "colon" and lines[i][-1] not in ":：" and not at_head:
        return False
    title = lines[i + 1]
    complete = ends_closed(title) if cut.title == "colon" else title.endswith((".", "۔", "。"))
    return len(title) <= _HEADLINE and not complete and _is_prose(lines[i + 2])


def _judge_tail(lines: Sequence[str], verdicts: list[Verdict | None]) -> None:
    """Settle, in place, what holds only after the last paragraph: up to it, seen from the end."""
    start = len(lines)
    while start and (verdicts[start - 1] is not None or not _is_prose(lines[start - 1])):
        start -= 1
    for i, verdict in enumerate(verdicts):
        if verdict and i < start and verdict.cut.where == "tail":
            verdicts[i] = None
        elif verdict and 0 < start <= i and verdict.cut.rest and len(lines) - i <= _BLOCK:
            verdicts[i:] = [own or verdict for own in verdicts[i:]]
            break


def _opens_block(lines: Sequence[str], i: int, verdict: Verdict) -> bool:
    if len(lines) - i > _BLOCK:
        return False
    if not verdict.cut.holds:
        return True
    holds = verdict.rule.holds[verdict.cut.name]
    block = lines[i:]
    return sum(map(len, block)) <= _NOTE and any(p.search(line) for line in block for p in holds)


def _match(line: str, key: str, in_force: Sequence[Matcher], *, blocks: bool = True) -> Verdict | None:
    found = (verdict for matcher in in_force for verdict in matcher.match(line, key))
    return next((verdict for verdict in found if blocks or not verdict.cut.block), None)


def _key(line: str) -> str:
    return fold(line) if len(line) <= _PHRASE else ""


def _is_prose(line: str) -> bool:
    return len(line) > _HEADLINE or (len(line) >= _PROSE and ends_sentence(line))


def _cut_pieces(lines: Sequence[str], in_force: Sequence[Matcher]) -> tuple[tuple[str, ...], list[Removal]]:
    """Return the lines without the pieces that rules cut out of them, and those pieces."""
    pieces = [piece for matcher in in_force for piece in matcher.pieces]
    removed: list[Removal] = []
    left: list[str] = []
    for i, line in enumerate(lines if pieces else ()):
        rest = line
        for pattern, verdict in pieces:
            where = verdict.cut.where
            if (where == "head" and i >= _HEAD) or (where == "tail" and i < len(lines) - _HEAD):
                continue
            if found := pattern.search(rest):
                start, end = found.span(1 if found.re.groups else 0)
                removed.append(_removal(rest[start:end].strip(), verdict))
                rest = f"{rest[:start].rstrip()} {rest[end:].lstrip()}".strip()
        if rest == line or fold(rest):  # a full stop alone is nothing
            left.append(rest)
    return (tuple(left), removed) if left else (tuple(lines), [])


def _authors(line: str, rule: Rule) -> list[str]:
    """Return who signs the line: group 1 of the first byline pattern that matches it."""
    match: Any = next(filter(None, (pattern.fullmatch(line) for pattern, _ in rule.bylines)), None)
    return [match[1].strip()] if match and match.re.groups and match[1] else []


def _removal(text: str, verdict: Verdict) -> Removal:
    return Removal(text=text, kind=verdict.cut.kind, rule=verdict.rule.name(verdict.cut.name))


def _name_publisher(draft: Draft, in_force: Sequence[Matcher]) -> Draft:
    names = (rule.file.publisher for matcher in in_force for rule in matcher.rules)
    name = None if draft.metadata.publisher else next(filter(None, names), None)
    return replace(draft, metadata=replace(draft.metadata, publisher=name)) if name else draft
