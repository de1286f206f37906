"""Archives of the web as a source: as files are, and nothing else of a folder."""

from typing import ClassVar

from connectors.archives.archive import ARCHIVES
from connectors.sources.folder import FolderSource


class WarcSource(
    FolderSource, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="warc"
):
    """`path` is a file or a folder of .warc and .warc.gz, relative to the settings file."""

    suffixes: ClassVar[tuple[str, ...]] = ARCHIVES
