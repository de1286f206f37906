"""A letter as a message of Kafka, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime

from schemas.event import describe
from schemas.letter import Letter

Headers = list[tuple[str, bytes]]


def write_headers(letter: Letter) -> Headers:
    """Return the headers of the letter's message as Kafka takes them, with those of the event that it is."""
    headers = describe(letter, datetime.now(UTC))
    return [(name, text.encode("utf-8", "replace")) for name, text in headers.items()]


def read_letter(
    topic: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]
) -> Letter:
    """Return the letter that a message carries; of headers with one name the last counts.

    A message of somebody else's may have anything in it: what is no UTF-8 is told with escapes.
    """
    return Letter(
        topic,
        (key or b"").decode("utf-8", "backslashreplace"),
        value or b"",
        {name: (text or b"").decode("utf-8", "backslashreplace") for name, text in headers},
    )
