"""Progress on a terminal, nothing in a pipe."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from schemas.letter import Letter
from schemas.outcome import Ending
from streams.embedded.runner import Watcher, read_outcome


@contextmanager
def show_progress() -> Iterator[Watcher]:
    """Yield what a runner calls with each delivery's letters; the totals stay on the terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _ignore
        return
    totals: Counter[str] = Counter()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed} deliveries"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def watch(letters: tuple[Letter, ...]) -> None:
            totals[read_outcome(letters).outcome] += 1
            progress.update(
                task, advance=1, description=" ".join(f"{n} {name}" for name, n in totals.items())
            )

        yield watch
    if totals:
        console.print(f"{totals.total()} deliveries: {say_totals(totals)}")
    else:
        console.print("nothing new")


def _ignore(letters: tuple[Letter, ...]) -> None:
    """A pipe is told nothing."""


def say_totals(totals: Counter[str]) -> str:
    """Return the outcomes with their numbers, in the order of `Ending`."""
    return " + ".join(f"{totals[outcome]} {outcome}" for outcome in get_args(Ending))
