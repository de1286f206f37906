"""The sources in the status line: how many are how, and when the next is looked at."""

from collections import Counter

from connectors.polling.collection import Collection


class Status:
    """Tells of `collection`, nothing while there is none."""

    collection: Collection | None = None

    def tell(self) -> str:
        """Return how the sources are doing, in some words."""
        if self.collection is None:
            return ""
        states = Counter(
            "paused" if listed.standing.paused else listed.standing.state
            for listed in self.collection.list_roster()
        )
        told = ", ".join(f"{count} {state}" for state, count in states.most_common())
        wait = self.collection.next_look()
        return f"sources: {told or 'none'}" + ("" if wait is None else f"; next look in {wait:.0f} s")
