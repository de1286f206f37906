"""The kinds of value that keys of `[[source]]` take."""

from typing import Annotated

from msgspec import Meta

# In a record, in a file's name, on a command line.
Name = Annotated[str, Meta(pattern=r"^[^\s/\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,99}$")]
Address = Annotated[str, Meta(pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/]", max_length=8192)]
Every = Annotated[float, Meta(ge=1, le=31_536_000)]  # seconds
