"""How many articles a sender may push: a bucket that fills at a steady rate (token bucket)."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Quotas:
    """One bucket a sender, full at first: what a minute allows may come at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock in seconds that never goes back."""
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait_for(self, sender: str, quota: int, count: int) -> float:
        """Return the seconds until `count` articles may come at `quota` a minute, 0 where they may now."""
        bucket = self._fill(sender, quota)
        return max(0.0, (count - bucket.left) * 60 / quota)

    def take(self, sender: str, quota: int, count: int) -> None:
        """Note that `count` articles came."""
        self._fill(sender, quota).left -= count

    def _fill(self, sender: str, quota: int) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(sender, _Bucket(quota, now))
        bucket.left = min(quota, bucket.left + (now - bucket.at) * quota / 60)
        bucket.at = now
        return bucket
