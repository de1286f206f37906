"""Orders for child processes: what step they shall make, said without loading what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from streams.cutting.rule import SHIPPED, Rules, load_rules
from streams.policy.policy import Policies
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.steps.clean import CleanStep
    from streams.steps.explain import ExplainStep


@cache  # what the fork server has loaded is there in every child
def _load_rules(folders: tuple[str, ...]) -> Rules:
    return load_rules([SHIPPED, *map(Path, folders)])


@dataclass(frozen=True)
class CleanOrder:
    """Makes the clean step as the settings want it."""

    rule_folders: tuple[str, ...]
    timezone: str
    min_letters: int
    policies: Policies = field(default_factory=Policies)

    def __call__(self) -> CleanStep:
        """Return the step. Raises RuleError."""
        # The stages load trafilatura and the language models; the parent needs neither.
        from streams.steps.clean import CleanStep

        return CleanStep(
            rules=self.load_rules(),
            zone=ZoneInfo(self.timezone),
            min_letters=self.min_letters,
            policies=self.policies,
        )

    def load_rules(self) -> Rules:
        """Return the rules, shipped and the user's. Raises RuleError."""
        return _load_rules(self.rule_folders)


@dataclass(frozen=True)
class ExplainOrder:
    """Makes the step that shows a draft after each stage."""

    clean: CleanOrder

    def __call__(self) -> ExplainStep:
        """Return the step. Raises RuleError."""
        from streams.steps.explain import ExplainStep

        return ExplainStep(self.clean())


def order_clean(settings: Settings) -> CleanOrder:
    """Return the order for the settings, once its rules have proved to be readable. Raises RuleError."""
    order = CleanOrder(
        settings.rules, settings.timezone, settings.clean.min_letters, Policies(settings.policy)
    )
    order.load_rules()
    return order
