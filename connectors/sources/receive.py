"""Articles that a partner pushes. Several may share one address: their credentials tell who it is."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from connectors.polling.desk import Desk
from connectors.polling.standing import Look
from connectors.sources.keys import Listen, Name

_EVERY = 5.0  # seconds between two looks whether it is open, and what has come


class ReceiveSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="receive"
):
    """Files are relative to the settings file. `quota` is articles a minute, without one any number.

    `hosts` are those whose articles the partner may send, none named: any.
    """

    files: ClassVar[tuple[str, ...]] = ("token_file", "secret_file")
    retry: ClassVar[float | None] = _EVERY

    name: Name
    listen: Listen = "127.0.0.1:8099"
    token_file: str | None = None
    secret_file: str | None = None
    quota: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    hosts: tuple[Annotated[str, Meta(pattern=r"^[^\s/:@]+$")], ...] = ()
    most_bytes: Annotated[int, Meta(ge=1000, le=64_000_000)] = 16_000_000

    def __post_init__(self) -> None:
        """Refuse what would let anybody in. Raises ValueError, which msgspec tells with the key."""
        if self.token_file is None and self.secret_file is None:
            raise ValueError("token_file or secret_file has to say who may push")

    async def look(self, desk: Desk) -> Look:
        """See to it that the door is open, and return what came through it. Raises NotListening."""
        came = await desk.listen()
        return Look(listed=came, new=came, same=not came, again=_EVERY)
