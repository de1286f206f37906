"""`[fetch]` of the settings: who asks, how often, and how much may come."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """Bounds of every request; `contact` is told to the sites that are asked."""

    contact: Annotated[str, Meta(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""
    allow_private: bool = False
    seconds: Annotated[float, Meta(gt=0, le=600)] = 30.0  # of one request, from the name to the last byte
    pause: Annotated[float, Meta(ge=0, le=86_400)] = 1.0  # seconds between two requests to one host
    hosts_at_once: Annotated[int, Meta(ge=1, le=10_000)] = 256
