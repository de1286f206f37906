"""The kinds of value that keys of `[[source]]` take."""

from typing import Annotated

from msgspec import Meta

# In a record, in a file's name, on a command line.
Name = Annotated[str, Meta(pattern=r"^[^\s/\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,99}$")]
# What a browser takes for an address is said when it is asked for, with the reason.
Address = Annotated[str, Meta(pattern=r"^[Hh][Tt][Tt][Pp][Ss]?:", max_length=4096)]
# A host is written as it is, an IPv6 address in brackets.
Listen = Annotated[str, Meta(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}$")]
Every = Annotated[float, Meta(ge=1, le=31_536_000)]  # seconds
