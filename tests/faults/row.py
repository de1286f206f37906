"""The table: one row a fault."""

from dataclasses import dataclass, field

from schemas.letter import ARTICLES, OUTCOMES
from tests.faults.account import Account


@dataclass(slots=True)
class Row:
    """What a fault did. `standstill` is the longest time without a new outcome, both in seconds."""

    fault: str
    inputs: int = 0
    lost: int = 0
    outcome_doubles: int = 0
    article_doubles: int = 0
    standstill: float = 0.0
    seconds: float = 0.0
    told: list[str] = field(default_factory=list)  # what else was counted
    wrong: list[str] = field(default_factory=list)

    def add(self, account: Account) -> None:
        """Add a run."""
        self.inputs += account.deliveries
        self.lost += account.lost
        self.outcome_doubles += account.doubles[OUTCOMES]
        self.article_doubles += account.doubles[ARTICLES]
        self.standstill = max(self.standstill, account.standstill)
        self.wrong += account.wrong

    def require(self, holds: bool, otherwise: str) -> None:
        """Note `otherwise` as wrong where it does not hold."""
        if not holds:
            self.wrong.append(otherwise)


HEAD = f"{'fault':34}{'inputs':>8}{'lost':>6}{'doubles':>9}{'articles':>9}{'standstill':>12}{'seconds':>9}"


def write_row(row: Row) -> str:
    """Return the row as a line, and beneath it what was counted and what is wrong."""
    line = (
        f"{row.fault:34}{row.inputs:8}{row.lost:6}{row.outcome_doubles:9}{row.article_doubles:9}"
        f"{row.standstill:10.1f} s{row.seconds:9.0f}"
    )
    return "\n".join([line, *(f"    {one}" for one in row.told), *(f"    WRONG: {one}" for one in row.wrong)])
