"""JSON lines: a file that grows, is closed when it is full or a day is over, and holds each record once."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import msgspec

from connectors.sink import Sink, Tell
from connectors.sinks.output import StandardOutput
from connectors.sinks.rotated import Compress
from connectors.sinks.rotating import RotatingFile, Rotation
from connectors.sinks.wanted import OnlyWanted, list_topics
from connectors.sources.keys import Name
from schemas.article import Relation
from schemas.wrong_use import WrongUse

_MB = 1_000_000
_PACKED = (".gz", ".zst")


class JsonlSink(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="jsonl"
):
    """`path` is the file that grows, or `-`; a closed one has day and number before its suffix."""

    files: ClassVar[tuple[str, ...]] = ("path",)

    name: Name
    relations: tuple[Relation, ...] = ()
    path: Annotated[str, msgspec.Meta(min_length=1)]
    rotate_mb: Annotated[float, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    rotate: Literal["day"] | None = None
    compress: Compress | None = None

    def __post_init__(self) -> None:
        """Refuse what would be without effect. Raises ValueError, which msgspec tells with the key."""
        if self.path.lower().endswith(_PACKED):
            raise ValueError(
                f"path: {self.path}: the file that grows is plain text; compress packs those that are closed"
            )
        if self.compress and not (self.rotate or self.rotate_mb):
            raise ValueError("compress is for files that are closed: it needs rotate or rotate_mb")
        if self._is_output and (self.rotate or self.rotate_mb):
            raise ValueError("standard output cannot be rotated")

    def open(self, tell: Tell) -> Sink:
        """Return the sink. Raises StoreAway, and WrongUse where its file is something else's or taken."""
        try:
            return OnlyWanted(self._open(list_topics(self.relations), tell), self.relations)
        except WrongUse as error:
            raise WrongUse(f"sink {self.name}: {error}") from None

    def _open(self, topics: tuple[str, ...], tell: Tell) -> Sink:
        if self._is_output:
            return StandardOutput(self.name, topics)
        most = None if self.rotate_mb is None else int(self.rotate_mb * _MB)
        return RotatingFile(Path(self.path), topics, Rotation(most, self.rotate, self.compress), tell)

    @property
    def _is_output(self) -> bool:
        return self.path == "-"
