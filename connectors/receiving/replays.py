"""Messages that were answered: within the time window nobody else may send them again."""

from connectors.receiving.signature import WINDOW, Signed


class Replays:
    """Remembers signatures for as long as their time would be believed."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str, int], float] = {}

    def has(self, sender: str, signed: Signed) -> bool:
        """Return whether this very message was answered before.

        A sender that tries again signs anew (its id stays, its time does not).
        """
        return (sender, signed.id, signed.time) in self._until

    def note(self, sender: str, signed: Signed, now: float) -> None:
        """Note that a message is being answered. In the order of their ends, old ones are forgotten."""
        self._until[(sender, signed.id, signed.time)] = now + 2 * WINDOW
        for known, until in list(self._until.items())[:2]:
            if until < now:
                del self._until[known]
