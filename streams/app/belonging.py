"""Whose state a worker's folder holds: tables are of the changelogs from which they were filled.

Faust keeps how far a table has read its changelog as a bare offset. With another cluster behind the
same address, another prefix, or a topic that was created anew, that offset is of something else, and
the articles in the table would be taken for known.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

_FILE = "belongs-to.json"
_TABLES = "v1"  # where Faust keeps them; the number is of its own format


def claim_tables(folder: Path, owner: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Remove the tables of another owner, and note the one they are of from now on.

    `owner` names the cluster, the group and the id of each changelog. What is removed comes back
    from the changelogs, if they have it.
    """
    file, tables = folder / _FILE, folder / _TABLES
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError):
        found = {}
    if found == owner:
        return
    if tables.exists():
        say(f"{folder}: its tables are of another cluster or of older topics; they are built anew")
        file.unlink(missing_ok=True)  # first: half-removed tables belong to nobody
        shutil.rmtree(tables)
    new = file.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(dict(owner)))
    new.replace(file)
