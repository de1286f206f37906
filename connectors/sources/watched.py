"""Files of a folder that are read when they have changed, for sources that watch it or look once."""

import asyncio
import time
from pathlib import Path

from connectors.polling.desk import Desk, NotReadable
from connectors.polling.standing import Look
from connectors.sources.files import FilesSource, find_files
from schemas.wrong_use import WrongUse

EVERY = 1.0  # seconds between two looks at a watched folder
_QUIET = 1.0  # a file that was written to so many seconds ago may not be whole yet
_NEVER = 10 * 365 * 86_400.0


async def look_at_files(desk: Desk, name: str, path: str, suffixes: tuple[str, ...], watch: bool) -> Look:
    """Deliver the files that are new or have another size or time than before. Raises NotReadable."""
    broken: list[str] = []
    try:
        files = await asyncio.to_thread(find_files, [path], desk.without, suffixes)
    except WrongUse as error:
        raise NotReadable(str(error)) from None
    for file in files:
        signature = _sign(file, watch)
        if signature and signature != await desk.read_signature(file):
            source = FilesSource([file], name=name, zone=desk.zone, aliases=desk.aliases)
            await desk.deliver(source.poll(), file, signature)
            broken += source.broken
    if not files:
        desk.note_read()
    look = await desk.finish(again=EVERY if watch else _NEVER)
    if broken:
        raise NotReadable(
            f"{', '.join(broken)}: not all of it could be read; what is missing is a dead letter"
        )
    return look


def _sign(file: str, watch: bool) -> str | None:
    """Return what another content would change; None for a file that is just being written."""
    try:
        found = Path(file).stat()
    except OSError:
        return None  # gone since it was listed
    if watch and 0 <= time.time() - found.st_mtime < _QUIET:
        return None
    return f"{found.st_size}:{found.st_mtime_ns}"
