"""Children as the settings want them."""

from collections.abc import Callable

from streams.children.pool import Children
from streams.children.work import Step
from streams.settings import Settings
from streams.steps.order import order_clean


def open_children(settings: Settings, workers: int, order: Callable[[], Step] | None = None) -> Children:
    """Return the children of a runner, each with the step of `order`, by default the clean step.

    Raises RuleError for a rule file: here, and not in a child.
    """
    bounds = settings.clean
    return Children(
        order or order_clean(settings),
        workers=workers,
        seconds=bounds.seconds,
        memory_mb=bounds.memory_mb,
        pages_per_child=bounds.pages_per_child,
    )
