"""Progress is health: whether what is committed moves wherever something is left to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.app.status import Place, Status

STILL_SECONDS = 40.0  # after which standing still is told; looked at every few seconds, within a minute
JOIN_SECONDS = 90.0  # the same while it joins: a rebalance waits up to a minute for another member


@dataclass(frozen=True, slots=True)
class Standstill:
    """Where nothing moves, and for how many seconds."""

    what: str
    seconds: float


@dataclass(slots=True)
class Progress:
    """What was seen of one Faust process; a new one begins with the process, or with the broker's return.

    `event_seconds` is how long one event may take: the oldest of a partition may be a slow page.
    """

    event_seconds: float
    _committed: dict[Place, tuple[int, float]] = field(default_factory=dict)
    _recovery: tuple[int, float] | None = None

    def look(
        self, now: float, status: Status | None, committed: Mapping[Place, int], ends: Mapping[Place, int]
    ) -> list[Standstill]:
        """Return what has stood still too long by the broker's account; `status` is the newest, if any."""
        if status is None or not status.settled:
            self._committed.clear()
            return self._look_at_recovery(now, status)
        self._recovery = None
        leads = {lead.place: lead for lead in status.leads}
        found = []
        for place in status.assigned:
            at = committed.get(place, 0)
            seen, since = self._committed.get(place, (-1, now))
            if at != seen or at >= ends.get(place, 0):
                self._committed[place] = (at, now)
                continue
            lead = leads.get(place)
            if lead is not None and lead.offset == at and lead.seconds < self.event_seconds:
                continue
            if now - since >= STILL_SECONDS:
                what = f"{place.topic}:{place.partition} is committed to {at} of {ends[place]}"
                found.append(Standstill(what, now - since))
        return found

    def _look_at_recovery(self, now: float, status: Status | None) -> list[Standstill]:
        left = status.to_recover if status else -1
        if self._recovery is None or self._recovery[0] != left:
            self._recovery = (left, now)
        seconds = now - self._recovery[1]
        if seconds < JOIN_SECONDS:
            return []
        what = "it says nothing" if status is None else f"it joins and recovers, {left} entries are left"
        return [Standstill(what, seconds)]
