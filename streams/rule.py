"""Rules: what a publisher adds to its articles, and the phrases that all publishers add.

One TOML file a publisher, one a language of phrases; the file's name is the rule's id, and what it
cuts is recorded as `id.name@version`. Patterns are RE2 (github.com/google/re2/wiki/Syntax), which
cannot be made to hang.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import re2
from lxml import etree
from msgspec import Meta

from schemas.address import site_of
from streams.fold import fold

SHIPPED = Path(__file__).parent / "rules"

Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
Texts = tuple[Annotated[str, Meta(min_length=1)], ...]


class RuleError(ValueError):
    """A rule that cannot be; the message names the file and the key."""


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines that go, and why they are known.

    `lines` (whole ones) and `prefixes` are compared in the comparison form, so habits of spelling
    do not matter. A prefix that ends with a colon needs a mark there (`:`, `|`, ` - `, `...`);
    what follows a prefix must be as short as a headline and no sentence. `patterns` match a whole
    line, `pieces` (their group 1, if any) are cut out of a line that stays, and group 1 of `bylines` is
    an author.

    `where` bounds it to the first lines, or to what follows the last paragraph. With `block`, all
    that follows in the text goes too, if it is short and a line of it meets a pattern of `holds`;
    with `rest`, what follows after the last paragraph; with `title`, the headline that follows a
    line ending with a colon.
    """

    name: Name
    kind: Name
    where: Literal["any", "head", "tail"] = "any"
    lines: Texts = ()
    prefixes: Texts = ()
    patterns: Texts = ()
    pieces: Texts = ()
    bylines: Texts = ()
    holds: Texts = ()
    block: bool = False
    rest: bool = False
    title: bool = False


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text or a page as the publisher writes it, what must stay of it and what must go."""

    text: str | None = None
    html: str | None = None
    keeps: Texts
    drops: Texts


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in one file; with neither `hosts` nor `signatures` it holds for every text."""

    version: Annotated[int, Meta(ge=1)]
    why: Annotated[str, Meta(min_length=1)]
    publisher: str | None = None
    hosts: Texts = ()
    signatures: Texts = ()
    remove: Texts = ()
    cut: tuple[Cut, ...] = ()
    example: tuple[Example, ...] = ()


class Rule:
    """One rule file made ready: phrases folded, patterns and XPath compiled."""

    def __init__(self, id: str, file: RuleFile) -> None:
        self.id = id
        self.file = file
        self.hosts = frozenset(site_of(host.lower()) for host in file.hosts)
        self.signatures = frozenset(filter(None, map(fold, file.signatures)))
        self.remove = [_compile_xpath(path, f"remove[{i}]") for i, path in enumerate(file.remove)]
        self.lines: dict[str, Cut] = {}
        self.marked: dict[str, Cut] = {}
        self.prefixes: dict[str, list[tuple[str, Cut]]] = {}
        self.patterns: list[tuple[Any, Cut]] = []  # of whole lines, the bylines among them
        self.pieces: list[tuple[Any, Cut]] = []
        self.bylines: list[tuple[Any, Cut]] = []
        self.holds: dict[str, list[Any]] = {}
        for i, cut in enumerate(file.cut):
            self._add(cut, f"cut[{i}]")
        self.patterns += self.bylines
        self._set = _compile_set([pattern.pattern for pattern, _ in self.patterns])

    def match(self, line: str) -> list[Cut]:
        """Return the cuts of which a pattern matches the whole line, in the order of the file."""
        # One automaton for all patterns: asked one by one they take ten times as long.
        found = self._set.Match(line) if self._set else None
        return [self.patterns[i][1] for i in sorted(found)] if found else []

    def name(self, part: str) -> str:
        """Return what `removed` records: `id.part@version`."""
        return f"{self.id}.{part}@{self.file.version}"

    def _add(self, cut: Cut, key: str) -> None:
        for line in cut.lines:
            self.lines[_folded(line, f"{key}.lines")] = cut
        for prefix in cut.prefixes:
            folded = _folded(prefix, f"{key}.prefixes")
            if prefix.endswith(":"):
                self.marked[folded] = cut
            else:
                self.prefixes.setdefault(folded.split()[0], []).append((folded + " ", cut))
        for name in ("patterns", "pieces", "bylines"):
            for j, pattern in enumerate(getattr(cut, name)):
                getattr(self, name).append((_compile_pattern(pattern, f"{key}.{name}[{j}]"), cut))
        for j, pattern in enumerate(cut.holds):
            self.holds.setdefault(cut.name, []).append(_compile_pattern(pattern, f"{key}.holds[{j}]"))


class Rules:
    """The rules in force, found by host or by what stands in a text."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._general: list[Rule] = []
        self._by_host: dict[str, list[Rule]] = {}
        self._by_signature: dict[str, list[Rule]] = {}
        self.all = tuple(rules)
        for rule in self.all:
            if not rule.hosts and not rule.signatures:
                self._general.append(rule)
            for host in rule.hosts:
                self._by_host.setdefault(host, []).append(rule)
            for signature in rule.signatures:
                self._by_signature.setdefault(signature, []).append(rule)

    def of_host(self, host: str) -> tuple[Rule, ...]:
        """Return the publisher rules of a host; www., m. and amp. make no difference."""
        return tuple(self._by_host.get(site_of(host), ()))

    def of_text(self, host: str, folded: Sequence[str]) -> tuple[Rule, ...]:
        """Return the rules for a text: its publisher's first, then the phrases of all languages.

        `folded` are its lines in the comparison form. A signature counts where no host is known.
        """
        publishers = self.of_host(host) if host else tuple(self._signed(folded))
        return (*publishers, *self._general)

    def _signed(self, folded: Sequence[str]) -> Iterator[Rule]:
        met = {rule.id: rule for line in folded for rule in self._by_signature.get(line, ())}
        yield from met.values()


def load_rules(folders: Sequence[Path] = (SHIPPED,)) -> Rules:
    """Return the rules of all `*.toml` in the folders; a later file replaces one of the same name.

    Raises RuleError.
    """
    rules: dict[str, Rule] = {}
    for folder in folders:
        if not folder.is_dir():
            raise RuleError(f"{folder}: no such folder")
        for file in sorted(folder.glob("*.toml")):
            rules[file.stem] = load_rule(file)
    return Rules(rules.values())


def load_rule(file: Path) -> Rule:
    """Return the rule that one file holds. Raises RuleError."""
    try:
        return Rule(file.stem, msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), RuleFile))
    except OSError as error:
        raise RuleError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{file}: {error}") from None
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$")
        raise RuleError(f"{file}: {key.strip('.`') or 'rule'}: {message}") from None
    except RuleError as error:
        raise RuleError(f"{file}: {error}") from None


def _folded(phrase: str, key: str) -> str:
    folded = fold(phrase)
    if not folded:
        raise RuleError(f"{key}: {phrase!r} has no letters; a pattern can match it")
    return folded


def _compile_pattern(pattern: str, key: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0]
        raise RuleError(f"{key}: {reason}") from None


def _compile_set(patterns: list[Any]) -> Any:
    if not patterns:
        return None
    compiled = re2.Set.FullMatchSet()
    for pattern in patterns:
        compiled.Add(pattern)
    compiled.Compile()
    return compiled


def _compile_xpath(path: str, key: str) -> etree.XPath:
    try:
        return etree.XPath(path)
    except etree.XPathError as error:
        raise RuleError(f"{key}: {error}: {path}") from None
