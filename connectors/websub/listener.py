"""How the items that a hub brings are taken: as those of a look at the same feed."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.feeds.item import Item


@dataclass(frozen=True, slots=True)
class Listener:
    """`pause` is seconds between two looks at a page, `where` stands for items without an address.

    `choose` decides whether the item's own text is the article.
    """

    pause: float
    where: str
    choose: Callable[[Item], Item]
