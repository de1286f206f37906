"""Files as a source of the settings: a folder or file, read when it has changed, or watched all the time."""

import asyncio
import time
from pathlib import Path
from typing import ClassVar

import msgspec

from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.files import SUFFIXES, FilesSource, find_files
from connectors.sources.keys import Name
from schemas.wrong_use import WrongUse

_EVERY = 1.0  # seconds between two looks at a watched folder
_QUIET = 1.0  # a file that was written to so many seconds ago may not be whole yet
_NEVER = 10 * 365 * 86_400.0


class FolderSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="files"
):
    """`path` is what `naba run PATH` takes, relative to the settings file."""

    files: ClassVar[tuple[str, ...]] = ("path",)
    suffixes: ClassVar[tuple[str, ...]] = SUFFIXES

    name: Name
    path: str
    watch: bool = False

    @property
    def retry(self) -> float | None:
        """Return the seconds after which one that could not be read is: a disk may be back."""
        return _EVERY if self.watch else None

    async def look(self, desk: Desk) -> Look:
        """Deliver the files that are new or have another size or time than before. Raises NotReadable."""
        broken: list[str] = []
        try:
            files = await asyncio.to_thread(find_files, [self.path], desk.without, self.suffixes)
        except WrongUse as error:
            raise NotReadable(str(error)) from None
        for file in files:
            signature = self._sign(file)
            if signature and signature != await desk.read_signature(file):
                source = FilesSource([file], name=self.name, zone=desk.zone, aliases=desk.aliases)
                await desk.deliver(source.poll(), file, signature)
                broken += source.broken
        if not files:
            desk.note_read()
        look = await desk.finish(again=_EVERY if self.watch else _NEVER)
        if broken:
            raise NotReadable(
                f"{', '.join(broken)}: not all of it could be read; what is missing is a dead letter"
            )
        return look

    def _sign(self, file: str) -> str | None:
        """Return what another content would change; None for a file that is just being written."""
        try:
            found = Path(file).stat()
        except OSError:
            return None  # gone since it was listed
        if self.watch and 0 <= time.time() - found.st_mtime < _QUIET:
            return None
        return f"{found.st_size}:{found.st_mtime_ns}"
