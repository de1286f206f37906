"""Records to JSON bytes, and back with every type checked: the only module that knows the wire."""

from typing import Any, TypeVar

import msgspec
import orjson

T = TypeVar("T")

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class DecodeError(ValueError):
    """Bytes that are not the record they should be; the message names the field (`$.title`)."""


def encode(record: object) -> bytes:
    """Return the record as one line of JSON in UTF-8; its times, which are UTC, in whole seconds with `Z`.

    U+0000 becomes U+FFFD: no store of the field takes it. Raises TypeError where a string
    holds a lone surrogate.
    """
    data = orjson.dumps(record, option=_OPTIONS)
    if rb"\u0000" in data:
        # The six bytes may also be an escaped backslash and plain text: only a parse tells.
        data = orjson.dumps(_replace_nul(orjson.loads(data)), option=_OPTIONS)
    return data


def decode(data: bytes | str, kind: type[T]) -> T:
    """Return the record that `data` holds; unknown fields are ignored.

    Raises DecodeError, naming the field.
    """
    try:
        return msgspec.convert(orjson.loads(data), kind)
    except (orjson.JSONDecodeError, msgspec.ValidationError) as error:
        if str(error).startswith("Not enough memory"):
            raise MemoryError from None
        raise DecodeError(str(error)) from None


def _replace_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_replace_nul(item) for item in value]
    if isinstance(value, dict):
        return {_replace_nul(key): _replace_nul(item) for key, item in value.items()}
    return value
