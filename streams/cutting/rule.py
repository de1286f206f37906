"""The rules in force, found by host or by what stands in a text."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas.address import site_of
from streams.cutting.matcher import Matcher
from streams.cutting.rulefile import Rule, RuleError, load_rule

__all__ = ["SHIPPED", "RuleError", "Rules", "load_rule", "load_rules"]

SHIPPED = Path(__file__).parent.parent / "rules"


class Rules:
    """Publishers' rules by host and by signature, and the phrases that hold for every text."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.all = tuple(rules)
        self._general = Matcher([rule for rule in self.all if not rule.hosts and not rule.signatures])
        self._by_host: dict[str, list[Rule]] = {}
        self._by_signature: dict[str, Rule] = {}
        for rule in self.all:
            for host in rule.hosts:
                self._by_host.setdefault(host, []).append(rule)
            for signature in rule.signatures:
                self._by_signature[signature] = rule
        self._publishers = {rule.id: Matcher([rule]) for rule in self.all if rule.hosts or rule.signatures}

    def of_host(self, host: str) -> tuple[Rule, ...]:
        """Return the publisher rules of a host; www., m. and amp. make no difference."""
        return tuple(self._by_host.get(site_of(host), ()))

    def of_text(self, host: str, folded: Sequence[str]) -> tuple[Matcher, ...]:
        """Return the matchers for a text: its publisher's first, then the phrases of all languages.

        `folded` are its lines in the comparison form. A signature counts where no host is known.
        """
        if host:
            publishers = [rule.id for rule in self.of_host(host)]
        else:
            met = (self._by_signature[line] for line in folded if line in self._by_signature)
            publishers = list(dict.fromkeys(rule.id for rule in met))
        return (*(self._publishers[id] for id in publishers), self._general)


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
