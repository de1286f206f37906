"""`[poll]` of the settings: how often sources and pages are looked at. All in seconds."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=1, le=31_536_000)]


@dataclass(frozen=True, kw_only=True)
class PollSettings:
    """`floor` and `ceiling` bound what a source's interval adapts to; `first` is where it begins.

    `again` are the ages at which the page of a story is looked at again, for corrections.
    """

    first: Seconds = 900.0
    floor: Seconds = 300.0
    ceiling: Seconds = 86_400.0
    again: tuple[Seconds, ...] = (3600.0, 86_400.0, 604_800.0)
