"""A rule file: what a publisher adds to its articles, or the phrases that all publishers add.

TOML; the file's name is the rule's id, and what it cuts is recorded as `id.name@version`. Patterns
are RE2 (github.com/google/re2/wiki/Syntax), which cannot be made to hang.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import re2
from lxml import etree
from msgspec import Meta

from schemas.address import site_of
from schemas.wrong_use import WrongUse
from streams.fold import fold
from streams.toml_lines import find_line, name_key

Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
Texts = tuple[Annotated[str, Meta(min_length=1)], ...]


class RuleError(WrongUse):
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
    with `rest`, what follows after the last paragraph; with `until`, what stands between it and
    one of these lines. `title` takes the headline that follows: `always`, or where the line ends
    with a `colon` or stands at the head.
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
    title: Literal["never", "colon", "always"] = "never"
    until: Texts = ()


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
    """One rule file made ready: phrases folded, patterns and XPath compiled. Raises RuleError."""

    def __init__(self, id: str, file: RuleFile) -> None:
        self.id = id
        self.file = file
        self.hosts = frozenset(site_of(host.lower()) for host in file.hosts)
        self.signatures = frozenset(filter(None, map(fold, file.signatures)))
        self.remove = [_compile_xpath(path, f"remove[{i}]") for i, path in enumerate(file.remove)]
        self.lines: dict[str, Cut] = {}
        self.prefixes: dict[str, Cut] = {}
        self.marked: dict[str, Cut] = {}
        self.patterns: list[tuple[Any, Cut]] = []
        self.pieces: list[tuple[Any, Cut]] = []
        self.bylines: list[tuple[Any, Cut]] = []
        self.until: dict[str, frozenset[str]] = {}
        self.holds: dict[str, list[Any]] = {}
        for i, cut in enumerate(file.cut):
            self._add(cut, f"cut[{i}]")

    def name(self, part: str) -> str:
        """Return what `removed` records: `id.part@version`."""
        return f"{self.id}.{part}@{self.file.version}"

    def _add(self, cut: Cut, key: str) -> None:
        for line in cut.lines:
            self.lines[_folded(line, f"{key}.lines")] = cut
        for prefix in cut.prefixes:
            table = self.marked if prefix.endswith(":") else self.prefixes
            table[_folded(prefix, f"{key}.prefixes")] = cut
        for name in ("patterns", "pieces", "bylines"):
            for j, pattern in enumerate(getattr(cut, name)):
                getattr(self, name).append((_compile_pattern(pattern, f"{key}.{name}[{j}]"), cut))
        self.until[cut.name] = frozenset(_folded(line, f"{key}.until") for line in cut.until)
        self.holds[cut.name] = [
            _compile_pattern(pattern, f"{key}.holds[{j}]") for j, pattern in enumerate(cut.holds)
        ]


def load_rule(file: Path) -> Rule:
    """Return the rule that one file holds. Raises RuleError."""
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise RuleError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{file}: {error}") from None
    try:
        return Rule(file.stem, msgspec.convert(values, RuleFile))
    except msgspec.ValidationError as error:
        key, message = name_key(error)
    except RuleError as error:
        key, _, message = str(error).partition(": ")
    line = find_line(text, key)
    raise RuleError(f"{file}:{line}: {key}: {message}" if line else f"{file}: {key or 'rule'}: {message}")


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


def _compile_xpath(path: str, key: str) -> etree.XPath:
    try:
        return etree.XPath(path)
    except etree.XPathError as error:
        raise RuleError(f"{key}: {error}: {path}") from None
