"""Files as a source of the settings: a folder or file, read when it has changed, or watched all the time."""

from typing import ClassVar

import msgspec

from connectors.polling.desk import Desk
from connectors.polling.standing import Look
from connectors.sources.files import SUFFIXES
from connectors.sources.keys import Name
from connectors.sources.watched import EVERY, look_at_files


class FolderSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="files"
):
    """`path` is what `naba run PATH` takes, relative to the settings file."""

    files: ClassVar[tuple[str, ...]] = ("path",)

    name: Name
    path: str
    watch: bool = False

    @property
    def retry(self) -> float | None:
        """Return the seconds after which one that could not be read is: a disk may be back."""
        return EVERY if self.watch else None

    async def look(self, desk: Desk) -> Look:
        """Deliver the files that are new or have another size or time than before. Raises NotReadable."""
        return await look_at_files(desk, self.name, self.path, SUFFIXES, self.watch)
