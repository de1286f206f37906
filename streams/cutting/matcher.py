"""Does a line meet one of many rules? One look-up a kind of phrase, one automaton for all patterns."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import re2

from streams.cutting.rulefile import Cut, Rule
from streams.fold import fold

_HEADLINE = 180  # characters that may follow a prefix
_LONGEST = 300  # characters; a longer line is no furniture
_MARK = re.compile(r"[:：|…»›>]|\.\.+|\s[-–—]|[-–—]\s")
_MARK_WITHIN = 60
_MEMORY = 64 << 20  # bytes that the automaton of all patterns may take; nearly none of it is taken


class Verdict(NamedTuple):
    """Why a line goes."""

    rule: Rule
    cut: Cut


class Matcher:
    """The lines, prefixes and patterns of some rules; where two match, the earlier rule counts."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._lines: dict[str, Verdict] = {}
        self._marked: dict[str, Verdict] = {}
        self._prefixes: dict[str, list[tuple[str, Verdict]]] = {}
        self._patterns: list[Verdict] = []
        self.pieces: list[tuple[Any, Verdict]] = []
        options = re2.Options()
        options.max_mem = _MEMORY
        compiled = re2.Set.FullMatchSet(options)
        for rule in rules:
            for line, cut in rule.lines.items():
                self._lines.setdefault(line, Verdict(rule, cut))
            for prefix, cut in rule.marked.items():
                self._marked.setdefault(prefix, Verdict(rule, cut))
            for prefix, cut in rule.prefixes.items():
                first = prefix.partition(" ")[0]
                self._prefixes.setdefault(first, []).append((prefix + " ", Verdict(rule, cut)))
            for pattern, cut in (*rule.patterns, *rule.bylines):
                compiled.Add(pattern.pattern)
                self._patterns.append(Verdict(rule, cut))
            self.pieces += [(pattern, Verdict(rule, cut)) for pattern, cut in rule.pieces]
        self._set = compiled if self._patterns else None
        if self._set:
            self._set.Compile()

    def match(self, line: str, key: str) -> Iterator[Verdict]:
        """Yield the verdicts on a line, whose comparison form is `key`, the surest first."""
        if verdict := self._lines.get(key):
            yield verdict
        if (head := _marked_head(line)) and (verdict := self._marked.get(head)):
            yield verdict
        for prefix, verdict in self._prefixes.get(key.partition(" ")[0], ()):
            if key.startswith(prefix) and _is_headline(line):
                yield verdict
        if self._set and len(line) <= _LONGEST:
            yield from (self._patterns[i] for i in sorted(self._set.Match(line) or ()))


def _marked_head(line: str) -> str:
    """Return what stands before the first mark, folded; empty where a sentence follows it."""
    mark = _MARK.search(line, 0, _MARK_WITHIN)
    return fold(line[: mark.start()]) if mark and _is_headline(line) else ""


def _is_headline(line: str) -> bool:
    return len(line) <= _HEADLINE and not line.rstrip("\"'”’»)").endswith((".", "۔", "。"))
