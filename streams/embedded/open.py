"""Children as the settings want them."""

from functools import partial

from streams.embedded.children import Children
from streams.settings import Settings
from streams.steps.clean import make_clean_step


def open_children(settings: Settings, workers: int) -> Children:
    """Return the children of a runner, each with the clean step. Raises RuleError for a rule file."""
    make_step = partial(make_clean_step, settings.rules, settings.timezone, settings.clean.min_letters)
    make_step()  # a wrong rule file ends the run here, not in a child
    return Children(
        make_step,
        workers=workers,
        seconds=settings.clean.seconds,
        memory_mb=settings.clean.memory_mb,
        pages_per_child=settings.clean.pages_per_child,
    )
