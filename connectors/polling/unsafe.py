"""What a source has handed in and is not safe yet: until then its documents are not noted as read."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.feeds.item import Item
from connectors.polling.documents import Document


@dataclass(slots=True)
class Unsafe:
    """Of one source: letters under way, the items among them, and documents that wait for both.

    `taking` is held while items are taken: two at a time would not see each other's.
    """

    letters: int = 0
    items: set[tuple[str, str]] = field(default_factory=set)
    documents: dict[str, Document] = field(default_factory=dict)
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def leave_out(self, items: list[Item]) -> list[Item]:
        """Return the items of which nothing is under way."""
        return [item for item in items if (item.id, item.stamp) not in self.items] if self.items else items

    def add(self, item: Item | None) -> None:
        """Note that a letter is under way, of an item or of a file."""
        self.letters += 1
        if item is not None:
            self.items.add((item.id, item.stamp))

    def settle(self, item: Item | None) -> None:
        """Note that such a letter is safe."""
        self.letters -= 1
        if item is not None:
            self.items.discard((item.id, item.stamp))

    def hold(self, documents: Mapping[str, Document]) -> None:
        """Keep documents until all is safe."""
        self.documents.update(documents)

    def release(self) -> dict[str, Document]:
        """Return the documents, for all is safe."""
        released, self.documents = self.documents, {}
        return released
