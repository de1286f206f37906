"""Progress on a terminal, nothing in a pipe."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import get_args

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from schemas.letter import Letter
from schemas.outcome import Ending
from streams.embedded.runner import Watcher, read_outcome
from streams.verbs.tell import harmless, warn


class Told(ProgressColumn):
    """What `tell` says now."""

    def __init__(self, tell: Callable[[], str]) -> None:
        super().__init__()
        self._tell = tell

    def render(self, task: Task) -> Text:  # noqa: ARG002
        """Return it as rich shows it."""
        return Text(self._tell(), style="dim")


@contextmanager
def show_progress(tell: Callable[[], str] = str) -> Iterator[tuple[Watcher, Callable[[str], None]]]:
    """Yield what a runner calls with each delivery's letters, and what says a line beside the status.

    The status line shows the totals, and what `tell` says; the totals stay on the terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _ignore, warn
        return
    totals: Counter[str] = Counter()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed} deliveries"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        Told(tell),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def watch(letters: tuple[Letter, ...]) -> None:
            totals[read_outcome(letters).outcome] += 1
            progress.update(
                task, advance=1, description=" ".join(f"{n} {name}" for name, n in totals.items())
            )

        yield (
            watch,
            lambda line: progress.console.print(f"naba: {harmless(line)}", markup=False, highlight=False),
        )
    if totals:
        console.print(f"{totals.total()} deliveries: {say_totals(totals)}")
    else:
        console.print("nothing new")


def _ignore(letters: tuple[Letter, ...]) -> None:
    """A pipe is told nothing."""


def say_totals(totals: Counter[str]) -> str:
    """Return the outcomes with their numbers, in the order of `Ending`."""
    return " + ".join(f"{totals[outcome]} {outcome}" for outcome in get_args(Ending))
